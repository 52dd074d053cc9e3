import { clientTls, tlsMode } from '../../istio/schema/clientTls.ts'
import { isUnknown } from '../../istio/schema/values.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'wildcard-sni',
  on: 'schema',
  of: [clientTls],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A wildcard in the server name of a client.',
  why: 'The proxy sends it literally, and no server has that name. Left out, the server name is the host of the request.',
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
      caCertificates: /etc/certs/ca.pem
      sni: "*.example.com"
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
      sni: bank.example.com
`,

  *check({ fields: tls }) {
    const sni = tls.text('sni')
    const mode = tlsMode(tls)
    if (!sni?.value.includes('*') || isUnknown(tls.get('sni')) || mode === undefined || mode === 'DISABLE') return
    yield problem(
      sni,
      `"sni" has no wildcards: "${sni.value}" is sent literally, and no server has that name. Write one name, or leave it out.`,
    )
  },
} satisfies SchemaRule
