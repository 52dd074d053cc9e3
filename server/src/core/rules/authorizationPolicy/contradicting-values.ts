import { problem, type Rule } from '../rule.ts'
import { pairsIn } from './pairs.ts'

export default {
  id: 'contradicting-values',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A value is asked for and excluded in the same place.',
  why: 'Both have to hold, so the value never matches; with no other value the rule never does.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - to:
        - operation:
            paths: [/admin/login]
            notPaths: [/admin/*]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - to:
        - operation:
            paths: [/admin/*]
            notPaths: [/admin/login]
`,

  *check(policy) {
    for (const { values, notValues, opposite, covers } of pairsIn(policy)) {
      for (const written of values) {
        const excluded = notValues.find(({ value }) => covers(value, written.value))
        if (!excluded) continue
        const by = excluded.value === written.value ? `"${opposite}" excludes it` : `"${opposite}" excludes "${excluded.value}"`
        yield problem(written, `"${written.value}" never matches, because ${by}. Remove one of them.`)
      }
    }
  },
} satisfies Rule<'AuthorizationPolicy'>
