import { workloadsOf } from '../../decide/attachment.ts'
import { knowsSelectables, selectedBy } from '../../decide/selectable.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'policy-without-proxy',
  on: ['AuthorizationPolicy', 'RequestAuthentication'],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy covers only workloads that have no proxy.',
  why: 'Only a proxy enforces policies: these workloads still serve everybody.',
  codes: ['IST0127'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: legacy-1, namespace: shop, labels: { app: legacy } }
spec:
  containers: [{ name: app }]
status: { phase: Running }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-all, namespace: shop }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: legacy-1, namespace: shop, labels: { app: legacy } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
status: { phase: Running }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-all, namespace: shop }
`,

  *check(policy, mesh) {
    const { selector, namespace } = policy
    if (policy.targetRefs.length > 0 || !policy.at.namespace) return
    const ofRoot = namespace === mesh.settings.rootNamespace
    // A policy of the whole mesh covers what is not in the mesh too.
    if (ofRoot && !selector) return
    const scope = ofRoot ? undefined : namespace
    const covered = workloadsOf(policy, mesh)
    if (covered.length === 0 || covered.some(({ proxy }) => proxy !== 'none')) return
    // Machines and gateways to come have proxies of their own.
    if (selectedBy(selector, mesh, scope).some(each => !covered.some(({ name }) => name === each.name))) return
    if (!knowsSelectables(mesh, scope)) return
    const names = covered.slice(0, 3).map(({ name }) => `"${name}"`)
    const which = covered.length > names.length ? `${names.join(', ')} and ${covered.length - names.length} more` : names.join(', ')
    yield problem(
      policy.at.name ?? policy.at.kind,
      `${which} ${covered.length === 1 ? 'has' : 'have'} no proxy, and nothing else is covered, so nothing enforces this policy. Add the proxy.`,
    )
  },
} satisfies Rule<'AuthorizationPolicy' | 'RequestAuthentication'>
