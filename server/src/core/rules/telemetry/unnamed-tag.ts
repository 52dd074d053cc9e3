import { customTags } from '../../istio/schema/telemetry.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'unnamed-tag',
  on: 'schema',
  of: [customTags],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A tag of traces with an empty name.',
  why: 'Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: tracing, namespace: shop }
spec:
  tracing:
    - customTags: { "": { literal: { value: shop } } }
`,
  good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: tracing, namespace: shop }
spec:
  tracing:
    - customTags: { tenant: { literal: { value: shop } } }
`,

  *check({ node }) {
    const unnamed = node.kind === 'mapping' && node.entries.find(({ key }) => key.text === '')
    if (unnamed) yield problem(unnamed.key, 'The name of this tag is empty, so Istio refuses the object. Name the tag.')
  },
} satisfies SchemaRule
