import { selects } from '../../istio/selector.ts'
import { gatewayNameLabel } from '../../mesh/enrolment.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'

type Attached = 'AuthorizationPolicy' | 'RequestAuthentication' | 'Telemetry' | 'WasmPlugin'

export default {
  id: 'ineffective-selector',
  on: ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry', 'WasmPlugin'],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A selector selects a waypoint.',
  why: 'A waypoint applies only what names it, or a Service behind it, in targetRefs.',
  codes: ['IST0166'],
  bad: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: waypoint, namespace: shop }
spec:
  gatewayClassName: istio-waypoint
  listeners: [{ name: mesh, port: 15008, protocol: HBONE }]
---
apiVersion: v1
kind: Pod
metadata: { name: waypoint-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: waypoint } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  selector:
    matchLabels: { gateway.networking.k8s.io/gateway-name: waypoint }
`,
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: waypoint, namespace: shop }
spec:
  gatewayClassName: istio-waypoint
  listeners: [{ name: mesh, port: 15008, protocol: HBONE }]
---
apiVersion: v1
kind: Pod
metadata: { name: waypoint-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: waypoint } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  targetRefs: [{ kind: Gateway, group: gateway.networking.k8s.io, name: waypoint }]
`,

  *check(policy, mesh) {
    const { selector } = policy
    if (!selector || selector.labels.length === 0 || policy.targetRefs.length > 0) return
    const gateway = mesh
      .workloadsIn(policy.namespace)
      .filter(each => mayBeWaypoint(each, mesh) && selects(selector, each.labels))
      .map(({ labels }) => labels[gatewayNameLabel])[0]
    if (gateway === undefined || !mesh.complete('Gateway', policy.namespace)) return
    const known = mesh.find('Gateway', policy.namespace, gateway) !== undefined
    const ignores = known
      ? `Waypoint "${gateway}" ignores selectors, so this has no effect there.`
      : `Waypoints ignore selectors: if Gateway "${gateway}" is one, this has no effect there.`
    yield problem(selector.labels[0]?.key ?? selector.span, `${ignores} Name the Gateway, or a Service behind it, in "targetRefs".`)
  },
} satisfies Rule<Attached>

/** An ingress gateway does read selectors. Source: pilot/pkg/model/policyattachment.go (ShouldAttachPolicy). */
function mayBeWaypoint({ proxy, labels, namespace }: Workload, mesh: Mesh): boolean {
  const gateway = labels[gatewayNameLabel]
  return proxy === 'waypoint' || (gateway !== undefined && !mesh.find('Gateway', namespace, gateway))
}
