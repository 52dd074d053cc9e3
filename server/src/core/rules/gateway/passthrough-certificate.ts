import { holds, wordAt } from '../../istio/schema/decoded.ts'
import { certificateFields, serverTls } from '../../istio/schema/serverTls.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'passthrough-certificate',
  on: 'schema',
  of: [serverTls],
  severity: 'warning',
  istio: 'warns',
  summary: 'Certificates on a server that passes TLS through.',
  why: 'They have no effect: the proxy does not terminate TLS here. Often the mode is missing, which means PASSTHROUGH.',
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
      tls: { credentialName: shop-tls }
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

  *check({ fields, key }) {
    const mode = wordAt(fields, 'mode')
    if (mode !== 'PASSTHROUGH' && mode !== 'AUTO_PASSTHROUGH') return
    const used = ['caCrl', ...certificateFields].find(name => holds(fields, name))
    const where = used && (fields.key(used) ?? key)
    if (!where) return
    yield fields.has('mode')
      ? problem(where, `Mode "${mode}" passes TLS on as it comes, so "${used}" has no effect. Use mode "SIMPLE" or "MUTUAL", or remove it.`)
      : problem(
          where,
          `Without "mode" TLS is passed on as it comes ("PASSTHROUGH"), so "${used}" has no effect. Write "mode: SIMPLE" or "mode: MUTUAL".`,
        )
  },
} satisfies SchemaRule
