import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { readPolicyTest } from '../../policytest/read.ts'
import { type DocumentRule, problem, replacement } from '../rule.ts'

export default {
  id: 'ignored-test-field',
  on: 'document',
  severity: 'hint',
  istio: 'accepts',
  summary: 'A field of a policy test that changes nothing.',
  why: 'The case is run without it, so it may ask or expect something else than is written.',
  codes: [],
  bad: `
kind: AuthorizationTest
cases:
  - name: frontend reads the cart
    from: { principal: cluster.local/ns/shop/sa/frontend }
    to: { workload: shop/checkout, port: 8080 }
    request: { method: GET, pathh: /cart }
    expect: allow
`,
  good: `
kind: AuthorizationTest
cases:
  - name: frontend reads the cart
    from: { principal: cluster.local/ns/shop/sa/frontend }
    to: { workload: shop/checkout, port: 8080 }
    request: { method: GET, path: /cart }
    expect: allow
`,

  *check(document, { text }) {
    for (const { is, span, message, meant } of readPolicyTest(document)?.problems ?? []) {
      if (is !== 'ignored' || isPlaceholder(text.slice(span.start, span.end))) continue
      yield problem(span, message, ...(meant === undefined ? [] : [replacement(span, meant)]))
    }
  },
} satisfies DocumentRule
