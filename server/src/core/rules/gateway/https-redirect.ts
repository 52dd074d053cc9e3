import { trueAt } from '../../istio/schema/decoded.ts'
import { server } from '../../istio/schema/gateway.ts'
import { isPlainHttp } from '../../istio/values/protocol.ts'
import { protocolOf } from '../../istio/values/servicePort.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'https-redirect',
  on: 'schema',
  of: [server],
  severity: 'warning',
  istio: 'warns',
  summary: 'A redirect to HTTPS on a server that does not speak plain HTTP.',
  why: 'Only plain HTTP requests can be redirected, so it has no effect there, and plain HTTP is not redirected.',
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
      tls: { mode: SIMPLE, credentialName: shop-tls, httpsRedirect: true }
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
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,

  *check({ fields }) {
    const tls = fields.object('tls')
    const port = fields.object('port')
    const protocol = port && protocolOf(port)
    const key = tls?.key('httpsRedirect')
    if (!tls || !key || !trueAt(tls, 'httpsRedirect') || protocol === undefined || isPlainHttp(protocol)) return
    yield problem(key, 'Only plain HTTP can be redirected to HTTPS, so this has no effect. Move it to the server of the HTTP port.')
  },
} satisfies SchemaRule
