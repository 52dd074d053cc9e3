import type { Mesh } from '../../mesh/mesh.ts'
import type { ExpectedDecider } from '../../policytest/question.ts'
import { type DocumentRule, type Problem, problem } from '../rule.ts'
import { casesHere } from './cases.ts'

export default {
  id: 'unknown-test-rule',
  on: 'document',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy test expects a rule to decide that its policy does not have.',
  why: 'Nothing that does not exist decides, so the case fails.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: callers, namespace: shop }
spec:
  rules: [{}]
---
kind: AuthorizationTest
cases:
  - name: anybody reads the cart
    from: { plaintext: true }
    to: { workload: shop/checkout, port: 8080 }
    expect: allow
    by: { policy: shop/callers, rule: 1 }
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: callers, namespace: shop }
spec:
  rules: [{}]
---
kind: AuthorizationTest
cases:
  - name: anybody reads the cart
    from: { plaintext: true }
    to: { workload: shop/checkout, port: 8080 }
    expect: allow
    by: { policy: shop/callers, rule: 0 }
`,

  *check(document, _, mesh) {
    for (const { expectation } of casesHere(document)) {
      const found = expectation.by && missingIn(expectation.by, mesh)
      if (found) yield found
    }
  },
} satisfies DocumentRule

function missingIn(by: ExpectedDecider, mesh: Mesh): Problem | undefined {
  if (by === 'none' || 'published' in by || by.rule === undefined) return undefined
  const [namespace = '', name = ''] = by.policy.value.split('/')
  const rules = mesh.find('AuthorizationPolicy', namespace, name)?.rules
  if (!rules || by.rule.value < rules.length) return undefined
  const known = rules.length === 0 ? `"${by.policy.value}" has none` : `the last one of "${by.policy.value}" is ${rules.length - 1}`
  return problem(by.rule, `Rules are counted from 0, and ${known}, so this case fails.`)
}
