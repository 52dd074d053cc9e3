import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'repeated-port',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'Two ports of a ServiceEntry with the same name or number.',
  why: 'The API server refuses the object: each port of a service has a name and a number of its own.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports:
    - { number: 443, name: https, protocol: TLS }
    - { number: 8443, name: https, protocol: TLS }
  resolution: DNS
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports:
    - { number: 443, name: https, protocol: TLS }
    - { number: 8443, name: https-alt, protocol: TLS }
  resolution: DNS
`,

  *check({ fields }) {
    for (const name of ['name', 'number']) {
      const seen = new Set<string>()
      for (const port of fields.objects('ports')) {
        const node = port.get(name)
        if (node?.kind !== 'scalar' || isPlaceholder(node.text)) continue
        const value = String(node.value)
        if (seen.has(value))
          yield problem(node, `Another port has the ${name} "${value}" too, so the API server refuses the object. Change one.`)
        seen.add(value)
      }
    }
  },
} satisfies SchemaRule
