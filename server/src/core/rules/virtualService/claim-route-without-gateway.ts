import { hasNoItems } from '../../istio/schema/decoded.ts'
import { headerMatches } from '../../istio/schema/virtualService.ts'
import type { VisitedObject } from '../../istio/schema/walk.ts'
import { isClaimRoute } from '../../istio/values/claimRoute.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'claim-route-without-gateway',
  on: 'schema',
  of: [headerMatches],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A route by a token claim in a VirtualService for sidecars.',
  why: 'Only gateways route by claims, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout.shop.svc.cluster.local]
  http:
    - match: [{ headers: { "@request.auth.claims.group": { exact: admin } } }]
      route: [{ destination: { host: checkout.shop.svc.cluster.local } }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [istio-ingress/public]
  http:
    - match: [{ headers: { "@request.auth.claims.group": { exact: admin } } }]
      route: [{ destination: { host: checkout.shop.svc.cluster.local } }]
`,

  *check({ node, object }) {
    if (node.kind !== 'mapping' || !isForSidecars(object)) return
    for (const { key } of node.entries) {
      if (!isClaimRoute(key.text)) continue
      yield problem(
        key,
        'Only gateways route by claims, and this VirtualService is for sidecars, so Istio refuses the object. Name gateways, without "mesh".',
      )
    }
  },
} satisfies SchemaRule

/** Without gateways, or with `mesh` among them. */
function isForSidecars({ fields }: VisitedObject): boolean {
  const spec = fields.object('spec')
  return spec !== undefined && (hasNoItems(spec, 'gateways') || spec.texts('gateways').some(({ value }) => value === 'mesh'))
}
