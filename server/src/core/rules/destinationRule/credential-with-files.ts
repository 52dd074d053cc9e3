import { clientTls, tlsMode } from '../../istio/schema/clientTls.ts'
import { holds } from '../../istio/schema/decoded.ts'
import { problem, type SchemaRule } from '../rule.ts'

const files = ['clientCertificate', 'privateKey', 'caCertificates', 'caCrl'] as const

export default {
  id: 'credential-with-files',
  on: 'schema',
  of: [clientTls],
  severity: 'error',
  istio: ['webhook'],
  summary: 'Certificates from a Secret and from files at once.',
  why: 'Istio refuses the object: with credentialName everything comes from the Secret, CA certificates and revocation list included.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  workloadSelector: { matchLabels: { app: web } }
  trafficPolicy:
    tls:
      mode: SIMPLE
      credentialName: bank-ca
      caCertificates: /etc/certs/ca.pem
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  workloadSelector: { matchLabels: { app: web } }
  trafficPolicy:
    tls:
      mode: SIMPLE
      credentialName: bank-ca
`,

  *check({ fields: tls }) {
    const mode = tlsMode(tls)
    if ((mode !== 'SIMPLE' && mode !== 'MUTUAL') || !holds(tls, 'credentialName')) return
    for (const name of files) {
      const key = tls.key(name)
      if (!key || !holds(tls, name)) continue
      yield problem(
        key,
        `"${name}" and "credentialName" cannot both be set, so Istio refuses the object. Put the file into the Secret, or remove one of the two.`,
      )
    }
  },
} satisfies SchemaRule
