import { numberAt, textAt } from '../../istio/schema/decoded.ts'
import { serverPort } from '../../istio/schema/gateway.ts'
import { isPortNumber } from '../../istio/values/endpoint.ts'
import { unixPath } from '../../istio/values/unixAddress.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'server-port',
  on: 'schema',
  of: [serverPort],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The number of a server port is out of range.',
  why: 'A proxy can listen on the ports 1 to 65535, or on a Unix domain socket, which has no port.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 0, name: http, protocol: HTTP }
      hosts: [shop.example.com]
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
`,

  *check({ fields, parent }) {
    const number = numberAt(fields, 'number')
    const bind = parent && textAt(parent.fields, 'bind')
    if (number === undefined || isPortNumber(number)) return
    if (number === 0 && (bind === undefined || unixPath(bind) !== undefined)) return
    const what = fields.has('number') ? `${number} is no port` : 'Without a number this is port 0'
    const where = fields.get('number') ?? parent?.fields.key('port') ?? fields.node
    if (where) yield problem(where, `${what}, so Istio refuses the object. Write a number from 1 to 65535.`)
  },
} satisfies SchemaRule
