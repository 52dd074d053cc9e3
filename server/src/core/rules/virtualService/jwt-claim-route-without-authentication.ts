import { applies } from '../../decide/attachment.ts'
import { workloadsOfGateway } from '../../decide/gatewayWorkloads.ts'
import type { IstioGateway, VirtualService } from '../../istio/resources.ts'
import { isClaimRoute } from '../../istio/values/claimRoute.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'jwt-claim-route-without-authentication',
  on: 'VirtualService',
  severity: 'warning',
  istio: 'accepts',
  summary: 'Requests are routed by a claim of a token that the gateway does not check.',
  why: 'Without a RequestAuthentication the gateway reads no token, so the claim is never there and the route is never taken.',
  codes: ['IST0149'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-ingress, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-ingress }
spec:
  selector: { istio: ingress }
  ports: [{ name: http, port: 80 }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [public]
  http:
    - match: [{ headers: { "@request.auth.claims.group": { exact: staff } } }]
      route: [{ destination: { host: staff } }]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-ingress, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-ingress }
spec:
  selector: { istio: ingress }
  ports: [{ name: http, port: 80 }]
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: istio-ingress }
spec:
  selector: { matchLabels: { istio: ingress } }
  jwtRules: [{ issuer: https://id.example.com, jwksUri: https://id.example.com/keys }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [public]
  http:
    - match: [{ headers: { "@request.auth.claims.group": { exact: staff } } }]
      route: [{ destination: { host: staff } }]
`,

  *check(routes, mesh) {
    const headers = routes.headers.filter(({ value }) => isClaimRoute(value))
    if (headers.length === 0) return
    const gateway = gatewaysOf(routes, mesh)
      .flatMap(each => workloadsOfGateway(each, mesh))
      .find(workload => checksNoToken(workload, mesh))
    if (!gateway) return
    for (const header of headers) {
      yield problem(
        header,
        `No RequestAuthentication applies to gateway "${gateway.namespace}/${gateway.name}", so "${header.value}" is never there. Add one in namespace "${gateway.namespace}" that selects the gateway.`,
      )
    }
  },
} satisfies Rule<'VirtualService'>

function gatewaysOf({ gateways, namespace }: VirtualService, mesh: Mesh): readonly IstioGateway[] {
  return gateways.flatMap(({ value }) => {
    if (value === 'mesh' || isPlaceholder(value)) return []
    const [first = '', second] = value.split('/')
    return mesh.find('IstioGateway', second === undefined ? namespace : first, second ?? first) ?? []
  })
}

function checksNoToken(workload: Workload, mesh: Mesh): boolean {
  const namespaces = [...new Set([workload.namespace, mesh.settings.rootNamespace])]
  const applied = namespaces.flatMap(each => mesh.in('RequestAuthentication', each)).some(policy => applies(policy, workload, mesh))
  return !applied && namespaces.every(each => mesh.complete('RequestAuthentication', each))
}
