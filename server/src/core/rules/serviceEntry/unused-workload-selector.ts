import { lacks, wordAt } from '../../istio/schema/decoded.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'unused-workload-selector',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'warning',
  istio: 'warns',
  summary: 'A workload selector of a ServiceEntry that selects nothing in particular.',
  why: 'Without labels it selects every workload of the namespace; with resolution NONE its workloads are never used.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout.shop.example.com]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  location: MESH_INTERNAL
  workloadSelector: { labels: { app: checkout } }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout.shop.example.com]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  location: MESH_INTERNAL
  resolution: STATIC
  workloadSelector: { labels: { app: checkout } }
`,

  *check({ fields }) {
    const key = fields.key('workloadSelector')
    const selector = fields.object('workloadSelector')
    if (!key || !selector) return
    const labels = selector.get('labels')
    if (wordAt(fields, 'resolution') === 'NONE') {
      yield problem(key, 'Resolution "NONE", the default, uses no workloads, so this has no effect and Istio warns. Set "STATIC".')
    } else if (labels ? labels.kind === 'mapping' && labels.entries.length === 0 : lacks(selector, 'labels')) {
      yield problem(
        key,
        'This selector has no labels, so it selects every workload of the namespace, and Istio warns. Name labels of workloads.',
      )
    }
  },
} satisfies SchemaRule
