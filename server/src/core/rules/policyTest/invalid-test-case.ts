import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { readPolicyTest } from '../../policytest/read.ts'
import { type DocumentRule, problem, replacement } from '../rule.ts'

export default {
  id: 'invalid-test-case',
  on: 'document',
  severity: 'error',
  istio: 'accepts',
  summary: 'A case of a policy test that cannot be run.',
  why: '"istio-security test" counts the case as failed. Istio never sees this file.',
  codes: [],
  bad: `
kind: AuthorizationTest
cases:
  - name: frontend pays
    from: { workload: shop/frontend, plaintext: true }
    to: { workload: checkout, port: 8080 }
    expect: allowed
`,
  good: `
kind: AuthorizationTest
cases:
  - name: frontend pays
    from: { principal: cluster.local/ns/shop/sa/frontend }
    to: { workload: shop/checkout, port: 8080 }
    request: { method: POST, path: /cart }
    expect: allow
`,

  *check(document, { text }) {
    // Of text that is no YAML another rule speaks.
    if (document.problems.length > 0) return
    for (const { is, span, message, meant } of readPolicyTest(document)?.problems ?? []) {
      if (is !== 'broken' || isPlaceholder(text.slice(span.start, span.end))) continue
      yield problem(span, message, ...(meant === undefined ? [] : [replacement(span, meant)]))
    }
  },
} satisfies DocumentRule
