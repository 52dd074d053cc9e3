import { wordAt } from '../../istio/schema/decoded.ts'
import { serverTls, tlsVersions } from '../../istio/schema/serverTls.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'tls-version-range',
  on: 'schema',
  of: [serverTls],
  severity: 'warning',
  istio: 'accepts',
  summary: 'The oldest TLS version is newer than the newest.',
  why: 'No version is left, so every handshake fails.',
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
      tls: { mode: SIMPLE, credentialName: shop-tls, minProtocolVersion: TLSV1_3, maxProtocolVersion: TLSV1_2 }
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
      tls: { mode: SIMPLE, credentialName: shop-tls, minProtocolVersion: TLSV1_2, maxProtocolVersion: TLSV1_3 }
`,

  *check({ fields }) {
    const [least, most] = [wordAt(fields, 'minProtocolVersion'), wordAt(fields, 'maxProtocolVersion')]
    const written = fields.get('maxProtocolVersion')
    if (!least || !most || !written || versions.indexOf(most) <= 0 || versions.indexOf(most) >= versions.indexOf(least)) return
    yield problem(written, `No version of TLS lies between "${least}" and "${most}", so every handshake fails. Raise "maxProtocolVersion".`)
  },
} satisfies SchemaRule

const versions = Object.keys(tlsVersions)
