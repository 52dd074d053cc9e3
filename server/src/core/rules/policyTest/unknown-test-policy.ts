import { nearest } from '../../istio/nearest.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { ExpectedDecider } from '../../policytest/question.ts'
import { type DocumentRule, type Problem, problem, replacement } from '../rule.ts'
import { casesHere } from './cases.ts'

export default {
  id: 'unknown-test-policy',
  on: 'document',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy test expects a policy to decide that is not there.',
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
    by: { policy: shop/caller }
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
    by: { policy: shop/callers }
`,

  *check(document, _, mesh) {
    for (const { expectation } of casesHere(document)) {
      const found = expectation.by && missingIn(expectation.by, mesh)
      if (found) yield found
    }
  },
} satisfies DocumentRule

function missingIn(by: ExpectedDecider, mesh: Mesh): Problem | undefined {
  if (by === 'none' || 'published' in by || isPlaceholder(by.policy.value)) return undefined
  const [namespace = '', name = ''] = by.policy.value.split('/')
  if (mesh.presence('AuthorizationPolicy', namespace, name) !== 'absent') return undefined
  const what = `There is no AuthorizationPolicy "${by.policy.value}", so this case fails.`
  const meant = nearest(
    by.policy.value,
    mesh.all('AuthorizationPolicy').map(each => `${each.namespace}/${each.name}`),
  )
  return meant === undefined
    ? problem(by.policy, what)
    : problem(by.policy, `${what} Did you mean "${meant}"?`, replacement(by.policy, meant))
}
