import { destinationRuleSpec } from '../../istio/schema/destinationRule.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { isDns1123Label } from '../../istio/values/hostName.ts'
import { checkLabelKey, checkLabelValue } from '../../istio/values/label.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Located } from '../../yaml/tree.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'invalid-subset',
  on: 'schema',
  of: [destinationRuleSpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A subset with a malformed or repeated name, or with labels that no pod can have.',
  why: 'Istio refuses the object. Routes find a subset by its name, and the labels are compared with those of pods.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  subsets:
    - name: v1.2
      labels: { version: v1.2 }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  subsets:
    - name: v1-2
      labels: { version: v1.2 }
`,

  *check({ fields }) {
    const names = new Set<string>()
    for (const subset of fields.objects('subsets')) {
      const name = subset.text('name')
      if (name && !isPlaceholder(name.value)) yield* nameProblems(name, names)
      yield* labelProblems(subset)
    }
  },
} satisfies SchemaRule

function* nameProblems(name: Located<string>, names: Set<string>): Generator<Problem> {
  if (name.value === '')
    yield problem(name, 'This subset has no name, so Istio refuses the object. Write the name by which routes choose it.')
  else if (names.has(name.value)) {
    yield problem(name, `There is another subset "${name.value}" above, so Istio refuses the object. Rename or remove one.`)
  } else if (!isDns1123Label(name.value)) {
    const form = 'letters, digits and dashes between them, 63 at most'
    yield problem(name, `"${name.value}" is no valid subset name, so Istio refuses the object. Use ${form}.`)
  }
  names.add(name.value)
}

function* labelProblems(subset: Fields): Generator<Problem> {
  const labels = subset.get('labels')
  for (const { key, value } of labels?.kind === 'mapping' ? labels.entries : []) {
    const badKey = isPlaceholder(key.text) ? undefined : checkLabelKey(key.text)
    if (badKey) yield problem(key, `"${key.text}" is no valid label key, so Istio refuses the object: ${badKey}.`)
    if (value?.kind !== 'scalar' || typeof value.value !== 'string' || isPlaceholder(value.value)) continue
    const badValue = checkLabelValue(value.value)
    if (badValue) yield problem(value, `"${value.value}" is no valid label value, so Istio refuses the object: ${badValue}.`)
  }
}
