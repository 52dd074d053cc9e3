import { knowsSelectables } from '../../decide/selectable.ts'
import { namesWorkloads, selects } from '../../istio/selector.ts'
import { isAmbientNamespace } from '../../mesh/enrolment.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'ineffective-sidecar',
  on: 'Sidecar',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A Sidecar is for workloads of the ambient mesh.',
  why: 'They have no sidecar, and neither ztunnel nor waypoints read this kind.',
  codes: ['IST0167'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
status: { phase: Running }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: { labels: { app: checkout } }
  egress: [{ hosts: [./*] }]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
status: { phase: Running }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: { labels: { app: checkout } }
  egress: [{ hosts: [./*] }]
`,

  *check({ selector, namespace, at }, mesh) {
    if (!knowsSelectables(mesh, namespace)) return
    const workloads = mesh.workloadsIn(namespace).filter(({ labels }) => selects(selector, labels))
    const ambient = workloads.find(({ proxy }) => proxy === 'ztunnel')
    const where = selector?.labels[0]?.key ?? at.name ?? at.kind
    if (ambient && workloads.every(({ proxy }) => proxy === 'ztunnel' || proxy === 'none')) {
      yield problem(where, `"${ambient.name}" is in the ambient mesh and has no sidecar, so this object has no effect. Remove it.`)
    } else if (workloads.length === 0 && !namesWorkloads(selector) && isAmbientNamespace(mesh.find('Namespace', '', namespace))) {
      yield problem(
        where,
        `Namespace "${namespace}" is in the ambient mesh, where nothing has a sidecar, so this object has no effect. Remove it.`,
      )
    }
  },
} satisfies Rule<'Sidecar'>
