import { virtualServiceSpec } from '../../istio/schema/virtualService.ts'
import { checkFQDN, isDns1123Label } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'virtual-service-gateway',
  on: 'schema',
  of: [virtualServiceSpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A malformed gateway name in a VirtualService.',
  why: 'Istio refuses the object. A gateway is a name, or a namespace, a slash and a name.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [istio-ingress/public/https]
  http:
    - route: [{ destination: { host: checkout.shop.svc.cluster.local } }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [istio-ingress/public]
  http:
    - route: [{ destination: { host: checkout.shop.svc.cluster.local } }]
`,

  *check({ fields }) {
    for (const gateway of fields.texts('gateways')) {
      if (isPlaceholder(gateway.value)) return
      const slash = gateway.value.indexOf('/')
      const right = slash < 0 ? checkFQDN(gateway.value) === undefined : isNamespacedName(gateway.value, slash)
      if (!right)
        yield problem(gateway, `"${gateway.value}" is no valid gateway name, so Istio refuses the object. Write "namespace/name".`)
      // Istio looks no further than the first name without a namespace.
      if (slash < 0) return
    }
  },
} satisfies SchemaRule

function isNamespacedName(text: string, slash: number): boolean {
  return isDns1123Label(text.slice(0, slash)) && isDns1123Label(text.slice(slash + 1))
}
