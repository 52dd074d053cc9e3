import { lacks, textAt, wordAt } from '../../istio/schema/decoded.ts'
import { Fields, isNull } from '../../istio/schema/fields.ts'
import { tagOverride, tagOverrides } from '../../istio/schema/telemetry.ts'
import type { Entry } from '../../yaml/tree.ts'
import { type Judgement, judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'tag-override',
  on: 'schema',
  of: [tagOverrides],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A tag that is added without a value, or removed with one.',
  why: 'UPSERT, the default, needs a value; REMOVE takes none. Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: metrics, namespace: shop }
spec:
  metrics:
    - overrides:
        - tagOverrides:
            source_principal: { operation: UPSERT }
`,
  good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: metrics, namespace: shop }
spec:
  metrics:
    - overrides:
        - tagOverrides:
            source_principal: { operation: REMOVE }
`,

  *check({ node }) {
    for (const entry of node.kind === 'mapping' ? node.entries : []) yield* judge(entry)
  },
} satisfies SchemaRule

/** A tag without anything behind it is an empty message to Istio; the API server drops it. */
function* judge({ key, value }: Entry): Generator<Problem> {
  if (value?.kind !== 'mapping' && !isNull(value)) return
  const tag = new Fields(tagOverride, value)
  const operation = wordAt(tag, 'operation')
  const text = textAt(tag, 'value')
  if (operation === 'UPSERT' && text === '') {
    const refusedBy: Judgement = tag.has('operation') ? ['webhook', 'crd'] : ['webhook']
    yield judged(
      refusedBy,
      problem(
        tag.key('operation') ?? key,
        `The tag "${key.text}" has no value, so Istio refuses the object. Write "value", or remove the tag with "REMOVE".`,
      ),
    )
  } else if (operation === 'REMOVE' && text !== undefined && !lacks(tag, 'value')) {
    const refusedBy: Judgement = text === '' ? ['crd'] : ['webhook', 'crd']
    yield judged(
      refusedBy,
      problem(
        tag.key('value') ?? key,
        `The tag "${key.text}" is removed and cannot have a value, so the API server refuses the object. Remove "value".`,
      ),
    )
  }
}
