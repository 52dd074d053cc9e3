import { publicationOf } from '../../decide/ambient/publication.ts'
import { type ConvertedRule, canMatch, isEmpty } from '../../decide/ambient/rule.ts'
import type { AuthorizationAction, AuthorizationRule } from '../../istio/resources.ts'
import type { Located } from '../../yaml/tree.ts'
import { problem, type Rule } from '../rule.ts'
import { atZtunnel, listed, named } from './covered.ts'

export default {
  id: 'http-at-ztunnel',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A rule about HTTP requests, for workloads of ambient mode and without a waypoint in "targetRefs".',
  why: 'ztunnel sees connections. istiod leaves out an ALLOW rule that asks for more, and takes from a DENY rule what ztunnel cannot judge.',
  codes: ['KIA0109', 'KIA0110'],
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
  rules:
    - to:
        - operation:
            methods: [GET]
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
  rules:
    - to:
        - operation:
            ports: ["8080"]
`,

  *check(policy, mesh) {
    const publication = publicationOf(policy, mesh.settings)
    if (publication.is !== 'published' || publication.rules.every(({ http }) => http.length === 0)) return
    const workloads = atZtunnel(policy, mesh)
    if (workloads.length === 0) return
    for (const converted of publication.rules) {
      const rule = policy.rules[converted.rule]
      const place = rule && firstOf(rule, converted.http)
      if (!place) continue
      yield problem(
        place,
        `ztunnel, which enforces this for ${named(workloads)}, cannot judge ${listed(converted.unjudged)}: ${effectOf(converted, policy.action)} Name a waypoint, or a Service behind one, in "targetRefs".`,
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

function effectOf({ clauses }: ConvertedRule, action: AuthorizationAction): string {
  if (action === 'ALLOW') return 'there the whole rule is left out, so it lets nobody in.'
  if (!clauses || !canMatch(clauses)) return 'nothing is left of the rule there, so it stops nobody.'
  const isWider = clauses.every(clause => clause.every(match => !isEmpty(match)))
  return isWider
    ? 'it drops that from the rule, which then stops more than is written.'
    : 'it drops that, and what is left stops others than are written.'
}

/** The first value that is compared with something of HTTP, or the key of the condition. */
function firstOf({ from, to, when }: AuthorizationRule, http: readonly string[]): Located<string> | undefined {
  const fields = [...from, ...to].flatMap(({ span: _, ...lists }) =>
    Object.entries(lists).flatMap(([field, values]) => (http.includes(field) ? values.slice(0, 1) : [])),
  )
  return [...fields, ...when.map(({ key }) => key).filter(({ value }) => http.includes(value))][0]
}
