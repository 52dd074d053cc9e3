import { wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'unsupported-resolution',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A number for which there is no resolution or location.',
  why: 'Istio takes a number for the word with that number; where there is none, it refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: https, protocol: TLS }]
  resolution: 7
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: https, protocol: TLS }]
  resolution: DNS
`,

  *check({ fields }) {
    // Only "DYNAMIC_DNS" makes Istio look at the location.
    const looked = wordAt(fields, 'resolution') === 'DYNAMIC_DNS' ? ['resolution', 'location'] : ['resolution']
    for (const name of looked) {
      const node = fields.get(name)
      if (node && isNoWord(fields, name))
        yield problem(
          node,
          `There is no ${name} with the number ${wordAt(fields, name)}, so Istio refuses the object. Write its name instead.`,
        )
    }
  },
} satisfies SchemaRule

function isNoWord(spec: Fields, name: string): boolean {
  const word = wordAt(spec, name)
  return word !== undefined && /^[-+.\d]/.test(word)
}
