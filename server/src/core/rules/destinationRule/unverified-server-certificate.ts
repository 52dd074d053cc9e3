import type { ClientTls } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'unverified-server-certificate',
  on: 'DestinationRule',
  severity: 'hint',
  istio: 'accepts',
  summary: 'TLS is originated without saying who may sign the certificate of the server.',
  why: 'Any authority that the operating system of the proxy trusts will do, and one of your own will not.',
  codes: ['IST0128', 'IST0129'],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: partner, namespace: shop }
spec:
  host: partner.example.com
  trafficPolicy:
    tls: { mode: SIMPLE }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: partner, namespace: shop }
spec:
  host: partner.example.com
  trafficPolicy:
    tls: { mode: SIMPLE, caCertificates: /etc/partner/root.pem }
`,

  *check({ trafficPolicy, workloadSelector }, _mesh) {
    for (const settings of [trafficPolicy, ...(trafficPolicy?.ports ?? [])].flatMap(each => each?.tls ?? [])) {
      const { mode, caCertificates, credentialName, insecureSkipVerify } = settings
      if (mode?.value !== 'SIMPLE' && mode?.value !== 'MUTUAL') continue
      const fromSecret = workloadSelector && credentialName && credentialName.value !== ''
      if (insecureSkipVerify || fromSecret || (caCertificates && caCertificates.value !== '')) continue
      if (credentialName && isPlaceholder(credentialName.value)) continue
      yield problem(caCertificates ?? mode, `${verified(settings)} Name the authority you expect in "caCertificates".`)
    }
  },
} satisfies Rule<'DestinationRule'>

/** Source: pilot/pkg/networking/core/cluster_tls.go (constructUpstreamTLS). */
function verified({ sni, subjectAltNames }: ClientTls): string {
  const signed = 'Without "caCertificates" the proxy trusts any authority that its operating system does, for a certificate with'
  if (subjectAltNames.length > 0) return `${signed} one of the "subjectAltNames".`
  return sni && sni.value !== '' ? `${signed} the name "${sni.value}".` : `${signed} the name that Istio sends as SNI.`
}
