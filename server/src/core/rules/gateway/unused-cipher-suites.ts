import { wordAt } from '../../istio/schema/decoded.ts'
import { serverTls } from '../../istio/schema/serverTls.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'unused-cipher-suites',
  on: 'schema',
  of: [serverTls],
  severity: 'info',
  istio: 'accepts',
  summary: 'Cipher suites are listed although only TLS 1.3 is spoken.',
  why: 'The list applies to TLS 1.2 and below; the suites of TLS 1.3 cannot be chosen.',
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
      tls:
        mode: SIMPLE
        credentialName: shop-tls
        minProtocolVersion: TLSV1_3
        cipherSuites: [ECDHE-RSA-AES256-GCM-SHA384]
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
      tls: { mode: SIMPLE, credentialName: shop-tls, minProtocolVersion: TLSV1_3 }
`,

  *check({ fields }) {
    const key = fields.key('cipherSuites')
    if (!key || !fields.isSet('cipherSuites') || wordAt(fields, 'minProtocolVersion') !== 'TLSV1_3') return
    yield problem(
      key,
      'These cipher suites are never used: the server speaks TLS 1.3 only, and its suites cannot be chosen. Remove the list.',
    )
  },
} satisfies SchemaRule
