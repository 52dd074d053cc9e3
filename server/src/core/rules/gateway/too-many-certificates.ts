import { wordAt } from '../../istio/schema/decoded.ts'
import { endsTls, serverTls } from '../../istio/schema/serverTls.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'too-many-certificates',
  on: 'schema',
  of: [serverTls],
  severity: 'warning',
  istio: 'warns',
  summary: 'More than two certificates for one server.',
  why: 'A server can have one for RSA and one for ECDSA.',
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
        tlsCertificates:
          - { serverCertificate: /etc/rsa/tls.crt, privateKey: /etc/rsa/tls.key }
          - { serverCertificate: /etc/ecdsa/tls.crt, privateKey: /etc/ecdsa/tls.key }
          - { serverCertificate: /etc/old/tls.crt, privateKey: /etc/old/tls.key }
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
        mode: SIMPLE
        tlsCertificates:
          - { serverCertificate: /etc/rsa/tls.crt, privateKey: /etc/rsa/tls.key }
          - { serverCertificate: /etc/ecdsa/tls.crt, privateKey: /etc/ecdsa/tls.key }
`,

  *check({ fields }) {
    const key = fields.key('tlsCertificates')
    if (!key || !endsTls(wordAt(fields, 'mode')) || fields.isSet('credentialName') || fields.isSet('credentialNames')) return
    if (fields.items('tlsCertificates').length <= 2) return
    yield problem(key, 'A server can have two certificates, one for RSA and one for ECDSA, so Istio warns. Remove the others.')
  },
} satisfies SchemaRule
