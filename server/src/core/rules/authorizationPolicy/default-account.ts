import { condition } from '../../istio/schema/authorizationPolicy.ts'
import { problem, type SchemaRule } from '../rule.ts'
import { type Comparison, comparisonsIn } from './comparison.ts'

export default {
  id: 'default-account',
  on: 'schema',
  of: ['principal', 'serviceAccount', condition],
  severity: 'info',
  istio: 'accepts',
  summary: 'A caller is named by the service account "default".',
  why: 'Every pod that names no service account has this one, so they all match.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/web/sa/default]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/default/sa/frontend]
`,

  *check(visit) {
    for (const comparison of comparisonsIn(visit)) {
      const namespace = namespaceOfDefault(comparison, visit.object.namespace)
      if (namespace === undefined) continue
      const message = `Every pod in "${namespace}" that names no service account runs as "default", so this means all of them. Give the caller its own account.`
      yield problem(comparison.written, message)
    }
  },
} satisfies SchemaRule

function namespaceOfDefault({ subject, written: { value } }: Comparison, own: string): string | undefined {
  if (subject === 'principal') return /\/ns\/([^/*]+)\/sa\/default$/.exec(value)?.[1]
  if (subject !== 'serviceAccount') return undefined
  return value === 'default' ? own : /^([^/]+)\/default$/.exec(value)?.[1]
}
