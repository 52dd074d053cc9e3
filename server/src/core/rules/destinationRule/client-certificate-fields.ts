import { clientTls, tlsMode } from '../../istio/schema/clientTls.ts'
import { textAt } from '../../istio/schema/decoded.ts'
import { problem, type SchemaRule } from '../rule.ts'

const files = ['clientCertificate', 'privateKey'] as const

export default {
  id: 'client-certificate-fields',
  on: 'schema',
  of: [clientTls],
  severity: 'error',
  istio: ['webhook'],
  summary: 'Mode MUTUAL without a client certificate.',
  why: 'Istio refuses the object: MUTUAL presents a certificate of your own, from a Secret or from files. The certificates of the mesh are mode ISTIO_MUTUAL.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  trafficPolicy:
    tls:
      mode: MUTUAL
      caCertificates: /etc/certs/ca.pem
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  trafficPolicy:
    tls:
      mode: MUTUAL
      clientCertificate: /etc/certs/client.pem
      privateKey: /etc/certs/key.pem
      caCertificates: /etc/certs/ca.pem
`,

  *check({ fields: tls, key, node }) {
    if (tlsMode(tls) !== 'MUTUAL' || textAt(tls, 'credentialName') !== '') return
    const missing = files.filter(name => textAt(tls, name) === '').map(name => `"${name}"`)
    if (missing.length === 0) return
    yield problem(
      tls.get('mode') ?? key ?? node,
      `Mode "MUTUAL" needs ${missing.join(' and ')}, or "credentialName" instead of files, so Istio refuses the object. For the certificates of the mesh use mode "ISTIO_MUTUAL".`,
    )
  },
} satisfies SchemaRule
