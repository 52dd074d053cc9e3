import { publicationOf } from '../../decide/ambient/publication.ts'
import { problem, type Rule } from '../rule.ts'
import { named, onlyAtZtunnel } from './covered.ts'

export default {
  id: 'unpublished-policy',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy that ztunnel does not support, for workloads of ambient mode.',
  why: 'istiod sends ztunnel only ALLOW and DENY policies that are enforced. Of AUDIT, CUSTOM and dry runs nothing arrives.',
  codes: ['KIA0110'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa }
  rules: [{}]
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
metadata: { name: ledger, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa }
  targetRefs: [{ kind: Gateway, group: gateway.networking.k8s.io, name: waypoint }]
  rules: [{}]
`,

  *check(policy, mesh) {
    const publication = publicationOf(policy, mesh.settings)
    if (publication.is === 'published' || publication.why === 'targetRefs') return
    const workloads = onlyAtZtunnel(policy, mesh)
    if (workloads.length === 0) return
    const what = publication.why === 'dry-run' ? 'a dry run' : `the action ${policy.action}`
    const effect = publication.why === 'dry-run' ? 'logs nothing' : 'has no effect'
    yield problem(
      (publication.why === 'action' ? policy.actionAt : policy.at.name) ?? policy.at.kind,
      `ztunnel, the only proxy of ${named(workloads)}, does not support ${what}, so this policy ${effect}. Name a waypoint, or a Service behind one, in "targetRefs".`,
    )
  },
} satisfies Rule<'AuthorizationPolicy'>
