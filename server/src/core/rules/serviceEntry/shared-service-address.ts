import { wordAt } from '../../istio/schema/decoded.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { isTcp } from '../../istio/values/protocol.ts'
import { protocolOf } from '../../istio/values/servicePort.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'shared-service-address',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'warning',
  istio: 'warns',
  summary: 'Several hosts that share addresses and a TCP port.',
  why: 'A connection to an address names no host, so by address the hosts are one service, with one set of policies.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: databases, namespace: shop }
spec:
  hosts: [db-1.example.com, db-2.example.com]
  addresses: [10.20.0.5]
  ports: [{ number: 5432, name: tls, protocol: TLS }]
  resolution: DNS
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: databases, namespace: shop }
spec:
  hosts: [db-1.example.com]
  addresses: [10.20.0.5]
  ports: [{ number: 5432, name: tls, protocol: TLS }]
  resolution: DNS
`,

  *check({ fields }) {
    const hosts = fields.key('hosts')
    if (!hosts || fields.items('hosts').length < 2 || !fields.isSet('addresses')) return
    if (!wordAt(fields, 'resolution')?.match(/^DNS(?:_ROUND_ROBIN)?$/)) return
    const overTcp = fields.objects('ports').some(port => isTcp(protocolOf(port) ?? 'unsupported'))
    if (overTcp)
      yield problem(
        hosts,
        'These hosts share their addresses on a TCP port, where nothing else tells them apart, so Istio warns. Write a ServiceEntry for each host.',
      )
  },
} satisfies SchemaRule
