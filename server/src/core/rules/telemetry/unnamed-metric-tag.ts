import { tagOverrides } from '../../istio/schema/telemetry.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'unnamed-metric-tag',
  on: 'schema',
  of: [tagOverrides],
  severity: 'warning',
  istio: 'warns',
  summary: 'A tag of metrics with an empty name.',
  why: 'Istio warns: no metric has such a tag.',
  codes: [],
  bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: metrics, namespace: shop }
spec:
  metrics:
    - overrides:
        - tagOverrides: { "": { operation: REMOVE } }
`,
  good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: metrics, namespace: shop }
spec:
  metrics:
    - overrides:
        - tagOverrides: { source_principal: { operation: REMOVE } }
`,

  *check({ node }) {
    const unnamed = node.kind === 'mapping' && node.entries.find(({ key }) => key.text === '')
    if (unnamed) yield problem(unnamed.key, 'The name of this tag is empty, so Istio warns: no metric has it. Name the tag.')
  },
} satisfies SchemaRule
