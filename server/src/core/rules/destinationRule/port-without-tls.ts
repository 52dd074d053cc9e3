import { lacks } from '../../istio/schema/decoded.ts'
import { destinationRuleSpec } from '../../istio/schema/destinationRule.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

const others = ['loadBalancer', 'connectionPool', 'outlierDetection'] as const

export default {
  id: 'port-without-tls',
  on: 'schema',
  of: [destinationRuleSpec],
  severity: 'warning',
  istio: 'accepts',
  summary: 'Settings for a port without tls, in a policy that has it.',
  why: 'A port inherits nothing: the tls of the policy does not apply there. Below ISTIO_MUTUAL mutual TLS is automatic instead, below any other mode plaintext is sent.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
    portLevelSettings:
      - port: { number: 443 }
        connectionPool: { tcp: { maxConnections: 100 } }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
    portLevelSettings:
      - port: { number: 443 }
        connectionPool: { tcp: { maxConnections: 100 } }
        tls: { mode: ISTIO_MUTUAL }
`,

  *check({ fields: spec }) {
    const host = spec.object('trafficPolicy')
    yield* portsWithoutTls(host, host)
    for (const subset of spec.objects('subsets')) yield* portsWithoutTls(subset.object('trafficPolicy'), host)
  },
} satisfies SchemaRule

/**
 * Source: istio/istio:pilot/pkg/networking/util/util.go (GetPortLevelTrafficPolicy), pilot/pkg/model/destination_rule.go; endpoints are found by the
 * `tls` around the port all the same: pilot/pkg/xds/endpoints/mtls_checker.go (tlsModeForDestinationRule).
 */
function* portsWithoutTls(policy: Fields | undefined, host: Fields | undefined): Generator<Problem> {
  const around = policy?.object('tls') ?? host?.object('tls')
  if (!around) return
  const sent =
    around.text('mode')?.value === 'ISTIO_MUTUAL'
      ? 'mutual TLS is automatic here, and plaintext where the server has no sidecar'
      : 'plaintext is sent here, to a server that is STRICT too'
  for (const entry of policy?.objects('portLevelSettings') ?? []) {
    const place = entry.key('port') ?? entry.node
    if (!place || !lacks(entry, 'tls') || !others.some(name => entry.has(name))) continue
    yield problem(place, `This port does not inherit "tls" from the policy above: ${sent}. Repeat "tls" in this entry.`)
  }
}
