import { ingressListener } from '../../istio/schema/sidecar.ts'
import { isPlainHttp } from '../../istio/values/protocol.ts'
import { protocolOf } from '../../istio/values/servicePort.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'unused-http-pool',
  on: 'schema',
  of: [ingressListener],
  severity: 'warning',
  istio: 'warns',
  summary: 'HTTP connection limits on a port that does not speak HTTP.',
  why: 'Only the TCP limits apply there.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 9000, protocol: TCP, name: tcp }
      defaultEndpoint: 127.0.0.1:8080
      connectionPool: { http: { http2MaxRequests: 100 } }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 9000, protocol: TCP, name: tcp }
      defaultEndpoint: 127.0.0.1:8080
      connectionPool: { tcp: { maxConnections: 100 } }
`,

  *check({ fields }) {
    const key = fields.object('connectionPool')?.key('http')
    const port = fields.object('port')
    const protocol = port && protocolOf(port)
    if (!key || protocol === undefined || isPlainHttp(protocol)) return
    yield problem(key, 'The protocol of this port is not HTTP, so only the limits under "tcp" apply. Set the protocol, or remove "http".')
  },
} satisfies SchemaRule
