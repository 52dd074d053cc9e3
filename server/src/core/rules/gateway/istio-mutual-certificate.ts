import { holds, wordAt } from '../../istio/schema/decoded.ts'
import { certificateFields, serverTls } from '../../istio/schema/serverTls.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'istio-mutual-certificate',
  on: 'schema',
  of: [serverTls],
  severity: 'error',
  istio: ['webhook'],
  summary: 'Mode ISTIO_MUTUAL together with other certificates.',
  why: 'In this mode the server presents the certificate of its identity in the mesh, so Istio refuses the object.',
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
      tls: { mode: ISTIO_MUTUAL, credentialName: shop-tls }
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
      tls: { mode: ISTIO_MUTUAL }
`,

  *check({ fields }) {
    if (wordAt(fields, 'mode') !== 'ISTIO_MUTUAL') return
    for (const name of certificateFields) {
      const key = fields.key(name)
      if (!key || !holds(fields, name)) continue
      yield problem(
        key,
        `"${name}" cannot be set with mode "ISTIO_MUTUAL", which uses the certificates of the mesh, so Istio refuses the object. Remove it, or use mode "MUTUAL".`,
      )
    }
  },
} satisfies SchemaRule
