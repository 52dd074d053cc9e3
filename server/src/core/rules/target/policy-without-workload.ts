import { knowsSelectables, selectables } from '../../decide/selectable.ts'
import { namesWorkloads } from '../../istio/selector.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'policy-without-workload',
  on: ['AuthorizationPolicy', 'RequestAuthentication'],
  severity: 'info',
  istio: 'accepts',
  summary: 'A policy is in a namespace without workloads.',
  why: 'It applies to nothing until workloads come; perhaps another namespace was meant.',
  codes: ['IST0127'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-all, namespace: shop }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-all, namespace: shop }
`,

  *check({ namespace, selector, targetRefs, at }, mesh) {
    if (!at.namespace || namespace === mesh.settings.rootNamespace || namesWorkloads(selector) || targetRefs.length > 0) return
    // Without any workload it is a folder of policies and no mesh.
    if (mesh.workloads.length === 0 || selectables(mesh, namespace).length > 0 || !knowsSelectables(mesh, namespace)) return
    yield problem(
      at.namespace,
      `Namespace "${namespace}" has no workload, so this policy applies to nothing yet. Change the namespace if another one was meant.`,
    )
  },
} satisfies Rule<'AuthorizationPolicy' | 'RequestAuthentication'>
