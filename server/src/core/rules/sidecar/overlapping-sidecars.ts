import { standsBeside } from '../../decide/beside.ts'
import { selectedBy } from '../../decide/selectable.ts'
import { namesWorkloads, selects } from '../../istio/selector.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'overlapping-sidecars',
  on: 'Sidecar',
  severity: 'warning',
  istio: 'accepts',
  summary: 'Two Sidecars select the same workload.',
  why: 'Istio uses one of them, the older, and ignores the other there.',
  codes: ['IST0110', 'KIA0003'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout, tier: back } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: { labels: { app: checkout } }
  egress: [{ hosts: [./*] }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: back, namespace: shop }
spec:
  workloadSelector: { labels: { tier: back } }
  egress: [{ hosts: [./*] }]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout, tier: back } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: { labels: { app: checkout } }
  egress: [{ hosts: [./*] }]
`,

  *check(sidecar, mesh) {
    if (!namesWorkloads(sidecar.selector)) return
    const others = mesh.in('Sidecar', sidecar.namespace).filter(each => standsBeside(sidecar, each) && namesWorkloads(each.selector))
    if (others.length === 0) return
    const selected = selectedBy(sidecar.selector, mesh, sidecar.namespace)
    for (const other of others) {
      const shared = selected.find(({ labels }) => selects(other.selector, labels))
      if (!shared) continue
      yield problem(
        sidecar.at.name ?? sidecar.at.kind,
        `Sidecar "${other.name}" selects "${shared.name}" too. Istio uses the older of the two there and ignores the other. Change one of the selectors.`,
      )
      return
    }
  },
} satisfies Rule<'Sidecar'>
