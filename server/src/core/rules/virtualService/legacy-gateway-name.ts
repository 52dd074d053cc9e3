import { virtualServiceSpec } from '../../istio/schema/virtualService.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'legacy-gateway-name',
  on: 'schema',
  of: [virtualServiceSpec],
  severity: 'warning',
  istio: 'warns',
  summary: 'A gateway written as a host name.',
  why: 'Istio warns: the form is old. It reads the namespace after the first dot.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [public.istio-ingress.svc.cluster.local]
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
    // Istio looks no further than the first name without a namespace.
    const first = fields.texts('gateways').find(({ value }) => !value.includes('/'))
    if (!first?.value.includes('.') || isPlaceholder(first.value)) return
    const [name, namespace] = first.value.split('.')
    const meant = `${namespace}/${name}`
    yield problem(first, `"${first.value}" is the old form of a gateway name, so Istio warns. Write "${meant}".`, replacement(first, meant))
  },
} satisfies SchemaRule
