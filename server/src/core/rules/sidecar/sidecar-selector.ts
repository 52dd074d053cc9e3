import { sidecarLabels } from '../../istio/schema/sidecar.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { entriesAt, type Scalar } from '../../yaml/tree.ts'
import { judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'sidecar-selector',
  on: 'schema',
  of: [sidecarLabels],
  entrywise: true,
  severity: 'error',
  istio: ['webhook'],
  summary: 'A label in the selector of a Sidecar has a wildcard or no name.',
  why: 'A selector takes no wildcards, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: { labels: { app: "check*" } }
  egress:
    - hosts: ["./*"]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: { labels: { app: checkout } }
  egress:
    - hosts: ["./*"]
`,

  *check({ node }) {
    for (const { key, value } of entriesAt(node)) {
      if (key.text === '') yield problem(key, 'This label has no name, so Istio refuses the object. Name it, or remove it.')
      if (key.text.includes('*') && !isPlaceholder(key.text)) yield wildcard(key, 'Istio')
      // Of values the CRD says it too.
      if (value?.kind === 'scalar' && typeof value.value === 'string' && value.value.includes('*') && !isPlaceholder(value.text)) {
        yield judged(['webhook', 'crd'], wildcard(value, 'the API server'))
      }
    }
  },
} satisfies SchemaRule

function wildcard(where: Scalar, who: string): Problem {
  return problem(
    where,
    `"${where.text}" has a "*", so ${who} refuses the object. A selector takes no wildcards: write the label of the pods in full, or leave it out.`,
  )
}
