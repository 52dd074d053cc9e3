import { lacks } from '../../istio/schema/decoded.ts'
import type { ObjectSchema } from '../../istio/schema/schema.ts'
import { connectionPool, portTrafficPolicy, trafficPolicy } from '../../istio/schema/trafficPolicy.ts'
import { problem, type SchemaRule } from '../rule.ts'

/** What each must have one of. Source: istio/istio:pkg/config/validation/validation.go (validateTrafficPolicy and what it calls). */
const contents = new Map<unknown, readonly string[]>([
  [trafficPolicy, namesOf(trafficPolicy)],
  [portTrafficPolicy, namesOf(portTrafficPolicy).filter(name => name !== 'port')],
  [connectionPool, namesOf(connectionPool)],
])

function namesOf({ fields }: ObjectSchema): readonly string[] {
  return Object.keys(fields)
}

const either = new Intl.ListFormat('en', { type: 'disjunction' })

export default {
  id: 'empty-traffic-policy',
  on: 'schema',
  of: [trafficPolicy, portTrafficPolicy, connectionPool],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A traffic policy, an entry for a port or a connection pool that sets nothing.',
  why: 'Istio refuses the object: each of them must set something.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port: { number: 443 }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port: { number: 443 }
        tls: { mode: ISTIO_MUTUAL }
`,

  *check({ schema, node, fields, key }) {
    const names = contents.get(schema) ?? []
    if (names.some(name => fields.isSet(name)) || !names.some(name => lacks(fields, name))) return
    const first = node.kind === 'mapping' && !node.flow ? node.entries[0]?.key : undefined
    const quoted = names.map(name => `"${name}"`)
    yield problem(
      key ?? first ?? node,
      `Nothing is set in ${fields.schema.name}, so Istio refuses the object. Set ${either.format(quoted)}, or remove it.`,
    )
  },
} satisfies SchemaRule
