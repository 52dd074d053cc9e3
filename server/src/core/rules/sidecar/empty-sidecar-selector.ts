import { lacks } from '../../istio/schema/decoded.ts'
import { isEmptySidecar, sidecarSpec } from '../../istio/schema/sidecar.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'empty-sidecar-selector',
  on: 'schema',
  of: [sidecarSpec],
  severity: 'warning',
  istio: 'warns',
  summary: 'The selector of a Sidecar has no labels.',
  why: 'The Sidecar covers the whole namespace, as if the selector were not there.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: {}
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

  *check({ fields }) {
    const selector = fields.object('workloadSelector')
    const key = fields.key('workloadSelector')
    // Of a Sidecar without any configuration Istio only says that.
    if (!selector || !key || isEmptySidecar(fields)) return
    const labels = selector.get('labels')
    if (labels ? labels.kind !== 'mapping' || labels.entries.length > 0 : !lacks(selector, 'labels')) return
    yield problem(
      key,
      'This selector has no labels, so it selects every workload of the namespace, and Istio warns. Name labels of pods, or remove it.',
    )
  },
} satisfies SchemaRule
