import { levelOf, selectedBy } from '../../decide/mtls/server.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'gateway-peer-authentication',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A PeerAuthentication selects gateways only.',
  why: 'What a gateway takes is decided by the "tls" of its servers; a PeerAuthentication changes nothing there.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: edge, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ingress, namespace: edge }
spec:
  selector: { matchLabels: { istio: ingress } }
  mtls: { mode: STRICT }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  mtls: { mode: STRICT }
`,

  *check(policy, mesh) {
    if (levelOf(policy, mesh.settings.rootNamespace) !== 'workload' || !policy.selector) return
    const [first, ...more] = selectedBy(policy, mesh)
    if (!first || ![first, ...more].every(({ proxy }) => proxy === 'gateway' || proxy === 'waypoint')) return
    if (!mesh.complete('Pod', policy.namespace) || !mesh.complete('WorkloadEntry', policy.namespace)) return
    if (mesh.in('WorkloadEntry', policy.namespace).length > 0) return
    const others = more.length === 0 ? '' : more.length === 1 ? ` and "${more[0]?.name}"` : ` and ${more.length} more`
    const [verb, whose] = more.length === 0 ? ['is a gateway', 'its'] : ['are gateways', 'their']
    yield problem(
      policy.selector,
      `"${first.name}"${others} ${verb}: the "tls" of ${whose} servers decides what is taken, and this policy changes nothing. Set the mode in the Gateway.`,
    )
  },
} satisfies Rule<'PeerAuthentication'>
