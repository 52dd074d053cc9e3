import { clientTls, tlsMode } from '../../istio/schema/clientTls.ts'
import { holds, lacks } from '../../istio/schema/decoded.ts'
import { problem, type SchemaRule } from '../rule.ts'

const certificates = ['clientCertificate', 'privateKey', 'caCertificates', 'caCrl', 'credentialName'] as const

/** Source: istio/istio:pilot/pkg/networking/core/cluster_tls.go (buildUpstreamTLSSettings, buildUpstreamClusterTLSContext). */
const ignored = {
  ISTIO_MUTUAL: { names: certificates, why: 'Istio uses the certificates of the mesh' },
  DISABLE: { names: [...certificates, 'subjectAltNames', 'sni'], why: 'there is no TLS' },
} as const

export default {
  id: 'ignored-certificate-fields',
  on: 'schema',
  of: [clientTls],
  severity: 'warning',
  istio: 'accepts',
  summary: 'Certificates beside a mode that uses none of them.',
  why: 'ISTIO_MUTUAL always uses the certificates of the mesh, and DISABLE none, so the server is not verified as these fields say.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  trafficPolicy:
    tls:
      mode: ISTIO_MUTUAL
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
      mode: SIMPLE
      caCertificates: /etc/certs/ca.pem
`,

  *check({ fields: tls }) {
    const mode = tlsMode(tls)
    if ((mode !== 'ISTIO_MUTUAL' && mode !== 'DISABLE') || lacks(tls, 'mode')) return
    const { names, why } = ignored[mode]
    for (const name of names) {
      const key = tls.key(name)
      if (!key || !holds(tls, name)) continue
      yield problem(key, `"${name}" has no effect with mode "${mode}": ${why}. Remove it, or use mode "SIMPLE" or "MUTUAL".`)
    }
  },
} satisfies SchemaRule
