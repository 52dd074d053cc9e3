import { numberAt } from '../../istio/schema/decoded.ts'
import { destinationRuleSpec } from '../../istio/schema/destinationRule.ts'
import { consistentHash, outlierDetection, trafficPolicy } from '../../istio/schema/trafficPolicy.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { judged, problem, type SchemaRule } from '../rule.ts'

const successors = new Map<unknown, { readonly name: string; readonly use: string }>([
  [outlierDetection, { name: 'consecutiveErrors', use: '"consecutiveGatewayErrors" or "consecutive5xxErrors"' }],
  [consistentHash, { name: 'minimumRingSize', use: '"ringHash: { minimumRingSize: … }"' }],
])

export default {
  id: 'deprecated-setting',
  on: 'schema',
  of: [outlierDetection, consistentHash],
  severity: 'warning',
  istio: 'warns',
  summary: 'A setting that another one has replaced.',
  why: 'Istio still accepts it and warns; a later version may drop it.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    outlierDetection:
      consecutiveErrors: 5
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 5
`,

  *check(visit) {
    const { schema, fields } = visit
    const found = successors.get(schema)
    const key = found && fields.key(found.name)
    if (!found || !key || (numberAt(fields, found.name) ?? 0) === 0) return
    const deprecated = problem(key, `"${found.name}" is deprecated. Use ${found.use}.`)
    yield isWarnedOf(visit) ? deprecated : judged('accepts', deprecated)
  },
} satisfies SchemaRule

/**
 * Warnings about subsets and ports get lost, and Istio looks no further at a policy with both tunnel and PROXY protocol.
 * Source: istio/istio:pkg/config/validation/agent/validation.go (AppendErrors), pkg/config/validation/validation.go (validateTrafficPolicy).
 */
function isWarnedOf({ parent }: Visit): boolean {
  const policy = parent?.schema === trafficPolicy ? parent : parent?.parent
  if (policy?.schema !== trafficPolicy || policy.parent?.schema !== destinationRuleSpec) return false
  return !(policy.fields.has('tunnel') && policy.fields.has('proxyProtocol'))
}
