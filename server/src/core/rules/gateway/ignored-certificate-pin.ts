import { lacks, wordAt } from '../../istio/schema/decoded.ts'
import { asksClients, serverTls } from '../../istio/schema/serverTls.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'ignored-certificate-pin',
  on: 'schema',
  of: [serverTls],
  severity: 'warning',
  istio: 'accepts',
  summary: 'Client certificates are pinned by hash where Istio does not apply the hashes.',
  why: 'They count only in the modes MUTUAL and OPTIONAL_MUTUAL with a credential; elsewhere other certificates get in too.',
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
        mode: MUTUAL
        serverCertificate: /etc/certs/tls.crt
        privateKey: /etc/certs/tls.key
        caCertificates: /etc/certs/ca.crt
        verifyCertificateHash: [df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a]
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
      tls:
        mode: MUTUAL
        credentialName: shop-tls
        verifyCertificateHash: [df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a]
`,

  // Source: istio/istio:pilot/pkg/security/model/authentication.go (ApplyCredentialSDSToServerCommonTLSContext).
  *check({ fields }) {
    const mode = wordAt(fields, 'mode')
    if (mode === undefined || (asksClients(mode) && credentials.some(name => !lacks(fields, name)))) return
    for (const name of ['verifyCertificateSpki', 'verifyCertificateHash']) {
      const key = fields.key(name)
      if (!key || !fields.isSet(name)) continue
      const way = asksClients(mode) ? 'Take the certificates from "credentialName".' : 'Use mode "MUTUAL" with "credentialName".'
      yield problem(
        key,
        `Istio applies "${name}" only in mode "MUTUAL" or "OPTIONAL_MUTUAL" with a credential, so nothing is pinned here. ${way}`,
      )
    }
  },
} satisfies SchemaRule

const credentials = ['credentialName', 'credentialNames']
