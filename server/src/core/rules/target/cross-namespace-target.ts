import { targetNamespace } from '../../istio/schema/shared.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'cross-namespace-target',
  on: 'schema',
  of: [targetNamespace],
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'A target has a namespace.',
  why: 'A policy attaches only to targets of its own namespace. Even that one must not be written: the API server refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  targetRefs:
    - { kind: Service, name: pay, namespace: bank }
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: bank }
spec:
  targetRefs:
    - { kind: Service, name: pay }
`,

  *check({ node, object }) {
    if (node.kind !== 'scalar' || node.value === '') return
    const advice =
      node.text === object.namespace
        ? 'It is the namespace of the policy anyway: remove it.'
        : `Move the policy to namespace "${node.text}", and remove this.`
    yield problem(node, `A target cannot have a namespace, so the API server refuses the object. ${advice}`)
  },
} satisfies SchemaRule
