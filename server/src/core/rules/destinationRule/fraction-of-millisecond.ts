import { disablingDuration, wholeDuration } from '../../istio/schema/trafficPolicy.ts'
import { isUnknown } from '../../istio/schema/values.ts'
import { nanoseconds } from '../../istio/values/duration.ts'
import { problem, type SchemaRule } from '../rule.ts'

const millisecond = 1_000_000n

export default {
  id: 'fraction-of-millisecond',
  on: 'schema',
  of: [wholeDuration, disablingDuration],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A duration with a fraction of a millisecond.',
  why: 'Istio refuses the object: it counts in milliseconds.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    connectionPool:
      tcp: { connectTimeout: 1.5ms }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    connectionPool:
      tcp: { connectTimeout: 2ms }
`,

  *check({ schema, node, name }) {
    if (node.kind !== 'scalar' || isUnknown(node)) return
    const length = nanoseconds(node.text)
    if (length === undefined) return
    // Less than a millisecond is another rule's finding, or turns a timeout off.
    const isShort = schema === disablingDuration ? length / millisecond === 0n : length < millisecond
    if (isShort) return
    if (length < 0n) yield problem(node, `"${name}" cannot be negative, so Istio refuses the object. Write 0s to turn it off.`)
    else if (length % millisecond !== 0n) {
      yield problem(node, `"${node.text}" is not a whole number of milliseconds, so Istio refuses the object. Round it.`)
    }
  },
} satisfies SchemaRule
