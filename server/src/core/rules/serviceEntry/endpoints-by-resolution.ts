import { wordAt } from '../../istio/schema/decoded.ts'
import { isNull } from '../../istio/schema/fields.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { type Judgement, judged, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'endpoints-by-resolution',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'Endpoints that do not go with the resolution of a ServiceEntry.',
  why: 'Istio refuses the object: NONE and DYNAMIC_DNS take no endpoints, DNS_ROUND_ROBIN at most one.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  addresses: [10.20.0.5]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  endpoints: [{ address: 10.0.0.5 }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  addresses: [10.20.0.5]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: 10.0.0.5 }]
`,

  *check({ fields }) {
    const key = fields.key('endpoints')
    if (!key) return
    const count = fields.items('endpoints').length
    const limit = limits.find(({ resolution, most }) => resolution === wordAt(fields, 'resolution') && count > most)
    if (limit) yield judged(limit.refusedBy, problem(key, limit.message))
    else if (count === 0 && wordAt(fields, 'resolution') === 'NONE') yield judged(['crd'], problem(key, none))
    else if (needAddress.has(wordAt(fields, 'resolution') ?? '') && fields.items('endpoints').some(isNull)) {
      yield judged(
        ['webhook'],
        problem(
          key,
          'One of the endpoints is empty, and an endpoint needs an address, so Istio refuses the object. Write one, or remove the dash.',
        ),
      )
    }
  },
} satisfies SchemaRule

const needAddress: ReadonlySet<string> = new Set(['STATIC', 'DNS', 'DNS_ROUND_ROBIN'])

const none =
  'Resolution "NONE", the default, takes no endpoints, so the API server refuses the object. Set "STATIC" or "DNS", or remove the endpoints.'

interface Limit {
  readonly resolution: string
  readonly most: number
  readonly refusedBy: Judgement
  readonly message: string
}

const limits: readonly Limit[] = [
  { resolution: 'NONE', most: 0, refusedBy: ['webhook', 'crd'], message: none },
  {
    resolution: 'DNS_ROUND_ROBIN',
    most: 1,
    refusedBy: ['webhook', 'crd'],
    message: 'Resolution "DNS_ROUND_ROBIN" takes at most one endpoint, so the API server refuses the object. Use "DNS" for several.',
  },
  {
    resolution: 'DYNAMIC_DNS',
    most: 0,
    refusedBy: ['webhook'],
    message: 'Resolution "DYNAMIC_DNS" looks up the host of each request and takes no endpoints, so Istio refuses the object. Remove them.',
  },
]
