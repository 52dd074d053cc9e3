import { unservedTargets } from '../../decide/attachment.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'unserved-target',
  on: ['AuthorizationPolicy', 'RequestAuthentication'],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy for a Service that no waypoint serves.',
  why: 'Only waypoints enforce what names a Service in "targetRefs": sidecars and ztunnel do not look at it.',
  codes: ['KIA0109', 'KIA1110'],
  bad: `
apiVersion: v1
kind: Namespace
metadata: { name: bank, labels: { istio.io/dataplane-mode: ambient } }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: bank }
spec:
  selector: { app: ledger }
  ports: [{ name: http, port: 80 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  targetRefs: [{ kind: Service, group: "", name: ledger }]
`,
  good: `
apiVersion: v1
kind: Namespace
metadata: { name: bank, labels: { istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint } }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: bank }
spec:
  selector: { app: ledger }
  ports: [{ name: http, port: 80 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  targetRefs: [{ kind: Service, group: "", name: ledger }]
`,

  *check(policy, mesh) {
    const { namespace, at } = policy
    if (!at.namespace || isPlaceholder(namespace) || !mesh.complete('Service', namespace) || !mesh.complete('Namespace')) return
    for (const { targetName } of unservedTargets(policy, mesh)) {
      yield problem(
        targetName,
        `No waypoint serves Service "${targetName.value}", so nothing enforces this policy for it. Give the Service or its namespace the label "istio.io/use-waypoint".`,
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy' | 'RequestAuthentication'>
