import { hasNoItems, lacks, wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { stringAt } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'tcp-port-without-address',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'warning',
  istio: 'warns',
  summary: 'A TCP port of a ServiceEntry without addresses.',
  why: 'The proxy takes traffic to any address on that port for traffic to this service.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  addresses: [10.20.0.5]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
`,

  *check({ fields, object }) {
    if (!hasNoItems(fields, 'addresses') || getsAddresses(fields, object.fields)) return
    for (const port of fields.objects('ports')) {
      const protocol = port.text('protocol')
      if (!port.node || (protocol ? protocol.value !== 'TCP' && protocol.value !== '' : !lacks(port, 'protocol'))) continue
      const place = protocol ?? port.get('name') ?? port.get('number') ?? port.node
      yield problem(
        place,
        'Without "addresses" this port matches every address, so Istio warns. Name addresses, or the protocol if it is HTTP or TLS.',
      )
    }
  },
} satisfies SchemaRule

/** Whether Istio gives the hosts addresses of its own. Source: pilot/pkg/networking/serviceentry/ip_autoallocation.go. */
function getsAddresses(spec: Fields, object: Fields): boolean {
  if (wordAt(spec, 'resolution') === 'NONE') return false
  const enabled = stringAt(object.node, 'metadata', 'labels', 'networking.istio.io/enable-autoallocate-ip')?.value
  return enabled?.toLowerCase() !== 'false'
}
