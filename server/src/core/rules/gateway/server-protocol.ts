import { nearest } from '../../istio/nearest.ts'
import { serverPort } from '../../istio/schema/gateway.ts'
import { sidecarPort } from '../../istio/schema/sidecar.ts'
import { protocols } from '../../istio/values/protocol.ts'
import { protocolOf } from '../../istio/values/servicePort.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'server-protocol',
  on: 'schema',
  of: [serverPort, sidecarPort],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A protocol that Istio does not know.',
  why: 'The protocol decides how the proxy reads what comes in, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTTPS }
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
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,

  *check({ schema, fields }) {
    const written = fields.text('protocol')
    if (!written || protocolOf(fields) !== 'unsupported') return
    // In a Sidecar the proxy finds out by itself.
    if (written.value === '' && schema === sidecarPort) return
    const meant = nearest(written.value.toUpperCase(), protocols)
    const what = `"${written.value}" is no protocol, so Istio refuses the object.`
    if (meant) yield problem(written, `${what} Did you mean "${meant}"?`, replacement(written, meant))
    else yield problem(written, `${what} Use ${protocols.join(', ')}.`)
  },
} satisfies SchemaRule
