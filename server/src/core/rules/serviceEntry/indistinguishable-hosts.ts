import { wordAt } from '../../istio/schema/decoded.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { isPlainHttp, isTls } from '../../istio/values/protocol.ts'
import { protocolOf } from '../../istio/values/servicePort.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'indistinguishable-hosts',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'Several hosts on a port where hosts cannot be told apart.',
  why: 'Only HTTP and TLS say which host is meant. On any other port the proxy could not choose, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: databases, namespace: shop }
spec:
  hosts: [db-1.example.com, db-2.example.com]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: DNS
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: databases, namespace: shop }
spec:
  hosts: [db-1.example.com, db-2.example.com]
  ports: [{ number: 5432, name: tls, protocol: TLS }]
  resolution: DNS
`,

  *check({ fields }) {
    const resolution = wordAt(fields, 'resolution')
    const hosts = fields.key('hosts')
    if (!hosts || resolution === undefined || resolution === 'NONE' || fields.items('hosts').length < 2) return
    const blind = fields.objects('ports').some(port => {
      const protocol = protocolOf(port)
      return protocol !== undefined && !isPlainHttp(protocol) && !isTls(protocol)
    })
    if (!blind) return
    const message =
      'A port here is neither HTTP nor TLS, so its hosts cannot be told apart and Istio refuses the object. Write a ServiceEntry for each host.'
    yield problem(hosts, message)
  },
} satisfies SchemaRule
