import { wordAt } from '../../istio/schema/decoded.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { protocolOf } from '../../istio/values/servicePort.ts'
import { stringAt } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'dynamic-dns',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A port or location that does not go with DYNAMIC_DNS.',
  why: 'DYNAMIC_DNS reads the host from the request or the TLS handshake. Where there is none, Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partners, namespace: shop }
spec:
  hosts: ["*.example.com"]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: DYNAMIC_DNS
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partners, namespace: shop }
spec:
  hosts: ["*.example.com"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DYNAMIC_DNS
`,

  *check({ fields, object }) {
    if (wordAt(fields, 'resolution') !== 'DYNAMIC_DNS') return
    for (const port of fields.objects('ports')) {
      const protocol = protocolOf(port)
      if (protocol === undefined || supported.has(protocol) || !port.node) continue
      const place = port.get('protocol') ?? port.get('name') ?? port.node
      yield problem(
        place,
        '"DYNAMIC_DNS" takes only the protocols HTTP, HTTP2, GRPC and TLS, which name the host, so Istio refuses the object. Use one of these.',
      )
    }
    const location = fields.get('location')
    const waypoint = stringAt(object.fields.node, 'metadata', 'labels', 'istio.io/use-waypoint')
    if (location && wordAt(fields, 'location') === 'MESH_INTERNAL' && waypoint && !/^(?:none)?$/i.test(waypoint.value)) {
      yield problem(
        location,
        'A waypoint takes "DYNAMIC_DNS" only for "MESH_EXTERNAL", so Istio refuses the object. Change the location, or remove the label "istio.io/use-waypoint".',
      )
    }
  },
} satisfies SchemaRule

const supported: ReadonlySet<string> = new Set(['HTTP', 'HTTP2', 'GRPC', 'TLS'])
