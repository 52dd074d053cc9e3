import { numberAt, trueAt, wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { httpPool, tcpPool } from '../../istio/schema/trafficPolicy.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

const counts = [
  'maxConnections',
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
] as const

export default {
  id: 'invalid-connection-pool',
  on: 'schema',
  of: [httpPool, tcpPool],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A connection pool with a negative limit, or with contradicting protocols.',
  why: 'Istio refuses the object. A limit is at least 0, and a connection is either upgraded to HTTP/2 or keeps the protocol of the client.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    connectionPool:
      http: { h2UpgradePolicy: UPGRADE, useClientProtocol: true }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    connectionPool:
      http: { useClientProtocol: true }
`,

  *check({ fields }) {
    for (const name of counts) yield* negative(fields, name)
    const preserved = fields.key('useClientProtocol')
    if (preserved && trueAt(fields, 'useClientProtocol') && wordAt(fields, 'h2UpgradePolicy') === 'UPGRADE') {
      yield problem(
        preserved,
        '"useClientProtocol" and "h2UpgradePolicy: UPGRADE" contradict each other, so Istio refuses the object. Remove one.',
      )
    }
  },
} satisfies SchemaRule

function* negative(fields: Fields, name: string): Generator<Problem> {
  const node = fields.get(name)
  const value = numberAt(fields, name)
  if (node && value !== undefined && value < 0)
    yield problem(node, `"${name}" cannot be negative, so Istio refuses the object. Leave it out for no limit.`)
}
