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
  why: 'Without labels it takes every workload of the namespace; with resolution NONE its workloads are never used.',
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
      yield problem(
        key,
        'With resolution "NONE", which also holds where nothing is written, the workloads are not used, so Istio warns. Set "STATIC".',
      )
    } else if (labels ? labels.kind === 'mapping' && labels.entries.length === 0 : lacks(selector, 'labels')) {
      yield problem(key, 'A selector without labels takes every workload of the namespace, so Istio warns. Name labels.')
    }
  },
} satisfies SchemaRule
