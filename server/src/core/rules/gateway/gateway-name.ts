import { gateway } from '../../istio/schema/gateway.ts'
import { isDns1123Label } from '../../istio/values/hostName.ts'
import { isSubdomain } from '../../istio/values/objectName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { stringAt } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'gateway-name',
  on: 'schema',
  of: [gateway],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The name of a Gateway is no DNS label.',
  why: 'Istio takes only letters, digits and dashes between them, 63 at most: no dots, unlike for other kinds.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public.shop, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,

  *check({ object, node }) {
    const written = stringAt(node, 'metadata', 'name')
    // Of what is no name for any object the API server's rule speaks.
    if (!written || !isSubdomain(object.name) || isDns1123Label(object.name) || isPlaceholder(object.name)) return
    const what = `"${object.name}" is no valid Gateway name, so Istio refuses the object.`
    yield problem(written, `${what} Use letters, digits and dashes between them, 63 at most, and no dots.`)
  },
} satisfies SchemaRule
