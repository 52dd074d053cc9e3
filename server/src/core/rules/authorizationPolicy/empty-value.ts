import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'empty-value',
  on: 'schema',
  severity: 'error',
  istio: ['webhook'],
  summary: 'A value to compare with is empty.',
  why: 'Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            namespaces: [""]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            namespaces: [web]
`,

  *check({ schema, node, name }) {
    // Where the CRD has a least length, another rule speaks for both.
    if (schema.type !== 'string' || !schema.nonEmpty || schema.minLength || node.kind !== 'scalar' || node.value !== '') return
    yield problem(node, `An empty value in "${name}" matches nothing, so Istio refuses the object. Write a value, or remove it.`)
  },
} satisfies SchemaRule
