import { faultOfKey, repairKey } from '../../istio/values/conditionKey.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'unknown-condition-key',
  on: 'schema',
  of: ['conditionKey'],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A condition on an attribute that Istio does not know.',
  why: 'Istio refuses the object. The names are case-sensitive.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: source.serviceaccount
          values: [shop/checkout]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - when:
        - key: source.serviceAccount
          values: [shop/checkout]
`,

  *check({ node }) {
    if (node.kind !== 'scalar' || node.text === '' || faultOfKey(node.text) !== 'unknown') return
    const what = `Istio knows no attribute "${node.text}", so it refuses the object.`
    const repaired = repairKey(node.text)
    if (repaired) yield problem(node, `${what} Did you mean "${repaired}"?`, replacement(node, repaired))
    else yield problem(node, `${what} ${adviceFor(node.text)}`)
  },
} satisfies SchemaRule

/** Attributes of early versions, and what people look for here. */
const elsewhere: readonly (readonly [key: RegExp, advice: string])[] = [
  [/^destination\.labels/, 'Select workloads by their labels with "selector".'],
  [/^destination\.namespace$/, 'A policy applies to its own namespace: put it there.'],
  [/^destination\.(?:name|user|workload|principal|service\w*)\b/, 'Name the workload with "selector", or a Service with "targetRefs".'],
  [/^request\.(?:method|path|url|host)/, 'Methods, paths and hosts belong in an operation of "to".'],
]

function adviceFor(key: string): string {
  const found = elsewhere.find(([form]) => form.test(key))
  return found?.[1] ?? 'It knows those of "request", "source", "remote.ip", "destination.ip", "destination.port" and "connection.sni".'
}
