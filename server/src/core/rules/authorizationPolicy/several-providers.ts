import { inForceAt } from '../../decide/authorization/inForce.ts'
import type { AuthorizationPolicy } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'
import { coveredBy } from './covered.ts'

export default {
  id: 'several-providers',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'Two CUSTOM policies ask different external authorizers about one workload.',
  why: 'istiod takes one authorizer for a workload unless it is told otherwise. With two, everything that any of the rules matches is denied.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: opa, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa }
  rules: [{}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: login, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: oauth2-proxy }
  rules: [{}]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: opa, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa }
  rules: [{}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: login, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa }
  rules: [{}]
`,

  *check(policy, mesh) {
    const { action, provider } = policy
    if (action !== 'CUSTOM' || !provider || isPlaceholder(provider.value) || takesSeveral(mesh)) return
    const others = mesh.all('AuthorizationPolicy').filter(each => isOther(each, provider.value))
    if (others.length === 0) return
    for (const workload of coveredBy(policy, mesh)) {
      if (workload.proxy !== 'sidecar' && workload.proxy !== 'gateway') continue
      const other = inForceAt({ workload, port: 0 }, mesh).policies.find(each => others.includes(each))
      if (!other) continue
      yield problem(
        provider,
        `AuthorizationPolicy "${other.namespace}/${other.name}" asks another authorizer, "${other.provider?.value}", about "${workload.name}": all that the rules of both match is denied, unless istiod has PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS. Use one authorizer.`,
      )
      return
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

function isOther({ action, provider }: AuthorizationPolicy, name: string): boolean {
  return action === 'CUSTOM' && provider !== undefined && provider.value !== name && !isPlaceholder(provider.value)
}

/** Source: istio/istio:pilot/pkg/features/pilot.go. */
function takesSeveral(mesh: Mesh): boolean {
  const set = mesh.all('WorkloadOwner').flatMap(({ discovery }) => discovery?.PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS ?? [])
  return set.some(value => value !== 'false')
}
