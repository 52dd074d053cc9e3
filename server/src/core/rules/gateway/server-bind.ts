import { numberAt } from '../../istio/schema/decoded.ts'
import { server } from '../../istio/schema/gateway.ts'
import { isIpAddress } from '../../istio/values/ipAddress.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { isUnixPath, unixPath } from '../../istio/values/unixAddress.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'server-bind',
  on: 'schema',
  of: [server],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The address of a server is neither an IP address nor a Unix domain socket.',
  why: 'The proxy cannot listen there, so Istio refuses the object.',
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
      bind: localhost
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
      bind: 127.0.0.1
`,

  *check({ fields }) {
    const bind = fields.text('bind')
    if (!bind || bind.value === '' || isPlaceholder(bind.value)) return
    const path = unixPath(bind.value)
    if (path === undefined) {
      if (isIpAddress(bind.value)) return
      yield problem(
        bind,
        `"${bind.value}" is neither an IP address nor a Unix domain socket, so Istio refuses the object. Write one, or remove "bind".`,
      )
      return
    }
    if (!isUnixPath(path)) {
      yield problem(
        bind,
        `"${path}" is no absolute path to a file, so Istio refuses the object. Write "unix:///run/app.sock" or "unix://@name".`,
      )
    }
    const port = fields.object('port')
    const number = port?.get('number')
    if (port && number && (numberAt(port, 'number') ?? 0) !== 0) {
      yield problem(number, 'A Unix domain socket has no port, so Istio refuses the object. Write 0.', replacement(number, '0'))
    }
  },
} satisfies SchemaRule
