import { isDns1123Label } from '../../istio/hostName.ts'
import { isPlaceholder } from '../../istio/placeholder.ts'
import { gateway } from '../../istio/schema/gateway.ts'
import { at, stringAt } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'gateway-name',
  on: 'schema',
  of: [gateway],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The name of a Gateway is no DNS label.',
  why: 'Istio takes only letters, digits and inner dashes, at most 63 of them: no dots, unlike for other kinds.',
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
    // The API server completes a "generateName" only later.
    if (object.name === '' ? at(node, ['metadata', 'generateName']) : isDns1123Label(object.name) || isPlaceholder(object.name)) return
    const written = at(node, ['metadata', 'name'])
    const where = written ?? object.fields.get('kind')
    if (!where || (written && !stringAt(written))) return
    const what = object.name === '' ? 'This Gateway has no name' : `"${object.name}" is no name for a Gateway`
    yield problem(
      where,
      `${what}, so Istio refuses the object. It takes letters, digits and inner dashes, at most 63 of them, and no dots.`,
    )
  },
} satisfies SchemaRule
