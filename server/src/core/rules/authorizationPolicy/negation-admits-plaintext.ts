import type { AccessDecider } from '../../decide/access/outcome.ts'
import type { AuthorizationPolicy, AuthorizationRule } from '../../istio/resources.ts'
import type { Located } from '../../yaml/tree.ts'
import { problem, type Rule } from '../rule.ts'
import { identitiesIn, identityNeeded, plaintextPort, takingPlaintext } from './plaintext.ts'

export default {
  id: 'negation-admits-plaintext',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'An ALLOW rule only says which callers it does not mean, on a port that takes plaintext.',
  why: 'Who calls in plaintext shows no identity, which is none of those that are excluded: the rule lets everybody in who calls that way.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            notNamespaces: [bank]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - from:
        - source:
            principals: ["*"]
            notNamespaces: [bank]
`,

  *check(policy, mesh) {
    if (policy.action !== 'ALLOW' || policy.dryRun || !policy.rules.some(onlyExcluded)) return
    const workloads = takingPlaintext(policy, mesh)
    if (workloads.length === 0) return
    for (const [index, rule] of policy.rules.entries()) {
      const excluded = onlyExcluded(rule)
      if (!excluded) continue
      const admits = (by: AccessDecider) => isRule(by, policy, index)
      const open = plaintextPort(rule, workloads, mesh, ({ decision, by }) => isOpen.includes(decision) && by.some(admits))
      if (!open) continue
      yield problem(
        excluded,
        `Port ${open.port} of "${open.workload.name}" takes plaintext, which shows no identity, and this excludes no caller without one: they are let in. Add principals: ["*"], or set STRICT there.`,
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

const isOpen: readonly string[] = ['allow', 'conditional']

const negations = ['notPrincipals', 'notNamespaces', 'notServiceAccounts', 'notTrustDomains'] as const
const limits = ['requestPrincipals', 'ipBlocks', 'remoteIpBlocks'] as const

/** The first identity that is excluded by a source that says nothing else of who calls. */
function onlyExcluded(rule: AuthorizationRule): Located<string> | undefined {
  if (identityNeeded(rule)) return undefined
  const bare = rule.from.filter(source => identitiesIn(source).length === 0 && limits.every(field => source[field].length === 0))
  const excluded = bare.map(source => negations.flatMap(field => source[field]))
  // Whoever excludes every identity means those who show none.
  return excluded.find(values => values.length > 0 && values.every(({ value }) => value !== '*'))?.[0]
}

function isRule(by: AccessDecider, { namespace, name }: AuthorizationPolicy, index: number): boolean {
  return 'policy' in by && by.rule === index && by.policy.namespace === namespace && by.policy.name === name
}
