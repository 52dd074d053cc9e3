import { holds, wordAt } from '../../istio/schema/decoded.ts'
import { endsTls, serverTls } from '../../istio/schema/serverTls.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'certificate-revocation-list',
  on: 'schema',
  of: [serverTls],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A certificate revocation list where none can be used.',
  why: 'With a credential the list belongs in the Secret, and in mode SIMPLE clients present no certificate that could be revoked. Istio refuses the object.',
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
        serverCertificate: /etc/certs/tls.crt
        privateKey: /etc/certs/tls.key
        caCrl: /etc/certs/ca.crl
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
        serverCertificate: /etc/certs/tls.crt
        privateKey: /etc/certs/tls.key
        caCertificates: /etc/certs/ca.crt
        caCrl: /etc/certs/ca.crl
`,

  *check({ fields }) {
    const mode = wordAt(fields, 'mode')
    const key = fields.key('caCrl')
    if (!key || !holds(fields, 'caCrl') || mode === undefined || mode === 'ISTIO_MUTUAL') return
    if (endsTls(mode) && (fields.isSet('credentialName') || fields.isSet('credentialNames'))) return
    if (holds(fields, 'credentialName')) {
      yield problem(
        key,
        '"caCrl" and "credentialName" cannot both be set, so Istio refuses the object. Put the list into the Secret, under the key "ca.crl".',
      )
    } else if (mode === 'SIMPLE') {
      yield problem(
        key,
        'In mode "SIMPLE" clients present no certificate, so Istio refuses the object. Use mode "MUTUAL", or remove "caCrl".',
      )
    }
  },
} satisfies SchemaRule
