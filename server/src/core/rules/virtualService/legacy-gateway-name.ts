import { virtualServiceSpec } from '../../istio/schema/virtualService.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Located } from '../../yaml/tree.ts'
import { fix, problem, type SchemaRule } from '../rule.ts'

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
    if (!first || !isLegacy(first)) return
    const meant = meantBy(first)
    const changes = fields
      .texts('gateways')
      .filter(isLegacy)
      .map(each => ({ span: each.span, scalar: meantBy(each) }))
    const title = changes.length === 1 ? `Use "${meant}"` : 'Write every gateway as "namespace/name"'
    const message = `"${first.value}" is the old form of a gateway name, so Istio warns. Write "${meant}".`
    yield problem(first, message, fix(title, ...changes))
  },
} satisfies SchemaRule

function isLegacy({ value }: Located<string>): boolean {
  return value.includes('.') && !value.includes('/') && !isPlaceholder(value)
}

function meantBy({ value }: Located<string>): string {
  const [name, namespace] = value.split('.')
  return `${namespace}/${name}`
}
