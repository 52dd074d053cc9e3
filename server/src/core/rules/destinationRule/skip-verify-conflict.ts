import { clientTls, tlsMode } from '../../istio/schema/clientTls.ts'
import { holds, trueAt } from '../../istio/schema/decoded.ts'
import { problem, type SchemaRule } from '../rule.ts'

/** What says how to verify the server, by mode. With MUTUAL the credential may be there for the client certificate alone. */
const verification = {
  SIMPLE: ['caCertificates', 'credentialName', 'subjectAltNames'],
  MUTUAL: ['caCertificates', 'subjectAltNames'],
} as const

export default {
  id: 'skip-verify-conflict',
  on: 'schema',
  of: [clientTls],
  severity: 'error',
  istio: ['webhook'],
  summary: 'insecureSkipVerify together with a setting that verifies the server.',
  why: 'Istio refuses the object. With insecureSkipVerify nothing is verified: anybody in between can read and answer.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  trafficPolicy:
    tls:
      mode: SIMPLE
      insecureSkipVerify: true
      subjectAltNames: [bank.example.com]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  trafficPolicy:
    tls:
      mode: SIMPLE
      caCertificates: /etc/certs/ca.pem
      subjectAltNames: [bank.example.com]
`,

  *check({ fields: tls }) {
    const mode = tlsMode(tls)
    if ((mode !== 'SIMPLE' && mode !== 'MUTUAL') || !trueAt(tls, 'insecureSkipVerify')) return
    for (const name of verification[mode]) {
      const key = tls.key(name)
      if (!key || !holds(tls, name)) continue
      yield problem(
        key,
        `"${name}" says how to verify the server and "insecureSkipVerify" turns that off, so Istio refuses the object. Remove "insecureSkipVerify", or this.`,
      )
    }
  },
} satisfies SchemaRule
