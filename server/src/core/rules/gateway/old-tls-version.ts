import { hasNoItems, wordAt } from '../../istio/schema/decoded.ts'
import { serverTls } from '../../istio/schema/serverTls.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'old-tls-version',
  on: 'schema',
  of: [serverTls],
  severity: 'warning',
  istio: 'warns',
  summary: 'TLS 1.0 or 1.1 is allowed, without cipher suites for it.',
  why: 'These versions can be broken, and the default cipher suites do not fit them, so old clients cannot connect anyway.',
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
      tls: { mode: SIMPLE, credentialName: shop-tls, minProtocolVersion: TLSV1_0 }
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
      tls: { mode: SIMPLE, credentialName: shop-tls, minProtocolVersion: TLSV1_2 }
`,

  *check({ fields }) {
    const version = wordAt(fields, 'minProtocolVersion')
    const written = fields.get('minProtocolVersion')
    if (!written || (version !== 'TLSV1_0' && version !== 'TLSV1_1') || !hasNoItems(fields, 'cipherSuites')) return
    const message =
      'TLS below 1.2 can be broken, and without "cipherSuites" for it old clients cannot connect anyway. Use "TLSV1_2" or newer.'
    yield problem(written, message, replacement(written, 'TLSV1_2'))
  },
} satisfies SchemaRule
