import { holds, wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { serverTls } from '../../istio/schema/serverTls.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'certificate-source',
  on: 'schema',
  of: [serverTls],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The certificate of a server comes from two places.',
  why: 'Istio cannot know which one is meant and refuses the object.',
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
        credentialName: shop-tls
        serverCertificate: /etc/certs/tls.crt
        privateKey: /etc/certs/tls.key
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
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,

  *check({ fields }) {
    if (wordAt(fields, 'mode') === 'ISTIO_MUTUAL') return
    const [first, second] = sources.filter(names => names.every(name => holds(fields, name)))
    if (!first || !second || isExclusive(fields)) return
    const key = fields.key(second[0])
    if (!key) return
    yield problem(key, `The certificate comes from both "${first[0]}" and "${second[0]}", so Istio refuses the object. Keep one of them.`)
  },
} satisfies SchemaRule

const sources = [['serverCertificate', 'privateKey'], ['credentialName'], ['credentialNames'], ['tlsCertificates']] as const

/** Fields that the CRD keeps apart too are the finding of another rule. */
function isExclusive(fields: Fields): boolean {
  return serverTls.oneOf?.some(group => group.fields.every(name => fields.isSet(name))) ?? false
}
