import { namesWorkloads } from '../../istio/selector.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type Rule } from '../rule.ts'
import { named } from './covered.ts'

export default {
  id: 'empty-selector-in-ambient',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy with an empty selector, for workloads of ambient mode.',
  why: 'A sidecar takes an empty selector for none. istiod attaches the policy to no pod of ambient mode, while its status says that it was accepted.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-all, namespace: bank }
spec:
  selector: {}
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-all, namespace: bank }
spec: {}
`,

  *check(policy, mesh) {
    const { selector, namespace, targetRefs, at } = policy
    if (!selector || namesWorkloads(selector) || targetRefs.length > 0 || !at.namespace || isPlaceholder(namespace)) return
    const isEverywhere = namespace === mesh.settings.rootNamespace
    if (!mesh.complete('Pod', isEverywhere ? undefined : namespace)) return
    const all = isEverywhere ? mesh.workloads : mesh.workloadsIn(namespace)
    const workloads = all.filter(({ proxy }) => proxy === 'ztunnel')
    if (workloads.length === 0) return
    yield problem(
      selector.span,
      `istiod attaches a policy with an empty selector to no pod of ambient mode, so nothing enforces it for ${named(workloads)}. Remove the selector, or name labels of pods.`,
    )
  },
} satisfies Rule<'AuthorizationPolicy'>
