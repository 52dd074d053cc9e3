import { lacks } from '../../istio/schema/decoded.ts'
import { destinationRuleSpec } from '../../istio/schema/destinationRule.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { judged, type Problem, problem, type SchemaRule } from '../rule.ts'
import { failsOver, isDecided } from './locality.ts'

const message =
  'Without "outlierDetection" no server ever counts as failed, so this has no effect. Add "outlierDetection" to the traffic policy.'

export default {
  id: 'failover-without-outlier-detection',
  on: 'schema',
  of: [destinationRuleSpec],
  severity: 'warning',
  istio: 'warns',
  summary: 'Failover between localities without outlier detection.',
  why: 'Only outlier detection notices that servers fail; without it traffic never moves.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        failover: [{ from: eu-west, to: eu-central }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        failover: [{ from: eu-west, to: eu-central }]
    outlierDetection: { consecutive5xxErrors: 7 }
`,

  *check({ fields: spec }) {
    const host = spec.object('trafficPolicy')
    // Istio looks no further at a policy with both.
    const isCutShort = host?.has('tunnel') && host.has('proxyProtocol')
    for (const found of idleFailover(host)) yield isCutShort ? judged('accepts', found) : found
    // Warnings about subsets and ports get lost. Source: istio/istio:pkg/config/validation/agent/validation.go (AppendErrors).
    for (const found of quietly(spec, host)) yield judged('accepts', found)
  },
} satisfies SchemaRule

/** A subset inherits outlier detection, a port does not. */
function* quietly(spec: Fields, host: Fields | undefined): Generator<Problem> {
  const subsets = spec.objects('subsets').flatMap(subset => subset.object('trafficPolicy') ?? [])
  const inherited = host?.has('outlierDetection') ?? false
  if (!inherited) for (const subset of subsets) yield* idleFailover(subset)
  for (const policy of host ? [host, ...subsets] : subsets) {
    for (const port of policy.objects('portLevelSettings')) yield* idleFailover(port)
  }
}

function* idleFailover(policy: Fields | undefined): Generator<Problem> {
  const balancer = policy?.object('loadBalancer')
  if (!policy || !balancer || !lacks(policy, 'outlierDetection')) return
  const [locality, zone] = [balancer.object('localityLbSetting'), balancer.object('zoneAwareLbSetting')]
  const idle = [...(locality && !isDecided(locality) ? [locality] : []), ...(zone ? [zone] : [])].filter(failsOver)
  for (const setting of idle) {
    const place = setting.isSet('failover') ? setting.key('failover') : setting.key('failoverPriority')
    if (place) yield problem(place, message)
  }
}
