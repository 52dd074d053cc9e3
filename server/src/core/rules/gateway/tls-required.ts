import { lacks } from '../../istio/schema/decoded.ts'
import { server } from '../../istio/schema/gateway.ts'
import { isTls, parseProtocol } from '../../istio/values/protocol.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'tls-required',
  on: 'schema',
  of: [server],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A server speaks HTTPS or TLS but has no TLS settings.',
  why: 'Without them the proxy would not know which certificate to present, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
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

  *check({ fields }) {
    const port = fields.object('port')
    const protocol = port?.text('protocol')
    if (!protocol || !isTls(parseProtocol(protocol.value)) || !lacks(fields, 'tls')) return
    yield problem(
      protocol,
      `A server for ${protocol.value} needs "tls", so Istio refuses the object. Write "tls" with a mode and a certificate.`,
    )
  },
} satisfies SchemaRule
