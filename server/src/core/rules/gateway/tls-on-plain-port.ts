import { holds, wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { server } from '../../istio/schema/gateway.ts'
import { ingressListener } from '../../istio/schema/sidecar.ts'
import { isPlainHttp, isTls, type Protocol } from '../../istio/values/protocol.ts'
import { protocolOf } from '../../istio/values/servicePort.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'tls-on-plain-port',
  on: 'schema',
  of: [server, ingressListener],
  severity: 'error',
  istio: ['webhook'],
  summary: 'TLS settings on a port that does not speak TLS.',
  why: 'Istio refuses the object. A plain HTTP server of a Gateway takes only a redirect to HTTPS.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
      tls: { httpsRedirect: true }
`,

  *check({ schema, fields }) {
    const tls = fields.object('tls')
    const port = fields.object('port')
    const protocol = port && protocolOf(port)
    const key = fields.key('tls')
    if (!tls || !key || protocol === undefined) return
    if (isTls(protocol) || (schema === server && !mattersInGateway(tls, protocol))) return
    const word = port?.text('protocol')?.value
    const speaks = word ? `"${word}" does not speak TLS` : 'This port does not speak TLS'
    yield problem(key, `${speaks}, so Istio refuses the object. Set the protocol to "HTTPS" or "TLS", or remove "tls".`)
  },
} satisfies SchemaRule

/** A credential on a plain HTTP server is only ignored. Source: istio/istio:pkg/config/validation/validation.go (validateServer). */
function mattersInGateway(tls: Fields, protocol: Protocol | 'unsupported'): boolean {
  if (protocol === 'unsupported') return false
  if (!isPlainHttp(protocol)) return true
  const mode = wordAt(tls, 'mode')
  if (mode !== undefined && mode !== 'PASSTHROUGH' && mode !== 'AUTO_PASSTHROUGH') return true
  return ['serverCertificate', 'privateKey', 'caCertificates'].some(name => holds(tls, name))
}
