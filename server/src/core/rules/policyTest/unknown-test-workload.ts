import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { named } from '../../policytest/connectionOf.ts'
import type { Question } from '../../policytest/question.ts'
import { workloadMeant } from '../../policytest/workloadNamed.ts'
import type { Located } from '../../yaml/tree.ts'
import { type DocumentRule, problem, replacement } from '../rule.ts'
import { casesHere } from './cases.ts'

export default {
  id: 'unknown-test-workload',
  on: 'document',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy test names a workload that is not there.',
  why: 'The case cannot be run, so it fails.',
  codes: [],
  bad: `
kind: AuthorizationTest
cases:
  - name: frontend pays
    from: { workload: shop/fronted }
    to: { workload: shop/checkout, port: 8080 }
    expect: allow
`,
  good: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: frontend, namespace: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
---
kind: AuthorizationTest
cases:
  - name: frontend pays
    from: { workload: shop/frontend }
    to: { workload: shop/checkout, port: 8080 }
    expect: allow
`,

  *check(document, _, mesh) {
    for (const workload of casesHere(document).flatMap(({ question }) => workloadsOf(question))) {
      const found = isPlaceholder(workload.value) ? undefined : named(workload, mesh)
      if (!found || found.ok || !found.absent) continue
      const meant = workloadMeant(mesh, workload.value)
      yield problem(workload, found.reason, ...(meant === undefined ? [] : [replacement(workload, meant)]))
    }
  },
} satisfies DocumentRule

function workloadsOf({ from, to }: Question): readonly Located<string>[] {
  return 'workload' in from ? [from.workload, to.workload] : [to.workload]
}
