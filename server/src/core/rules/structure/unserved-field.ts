import { admits } from '../../istio/openApi.ts'
import { decides, liveSchemaAt } from '../../mesh/liveSchema.ts'
import { problem, type SchemaRule } from '../rule.ts'

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: requestauthentications.security.istio.io }
spec:
  group: security.istio.io
  names: { kind: RequestAuthentication, plural: requestauthentications }
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                jwtRules:
                  type: array
                  items:
                    type: object
                    properties:
                      issuer: { type: string }
---`

export default {
  id: 'unserved-field',
  on: 'schema',
  severity: 'warning',
  istio: ['crd', 'strict'],
  summary: "A field, or a word, that Istio has and this cluster's CRD does not.",
  why: 'The CRDs of the cluster are older than the field, so the API server refuses the object. CRDs are upgraded apart from the control plane.',
  codes: [],
  bad: `${definition}
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      fromCookies: [session]
`,
  good: `${definition}
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
`,

  *check(visit, mesh) {
    const { schema, node, name, object } = visit
    const live = liveSchemaAt(mesh, visit)
    if (!live || !decides(mesh, object.apiVersion, object.kind)) return
    if (schema.type === 'object' && node.kind === 'mapping') {
      for (const { key } of node.entries) {
        const field = Object.hasOwn(schema.fields, key.text) ? schema.fields[key.text] : undefined
        if (!field || admits(live, key.text)) continue
        const since = field.since ? ` It came with Istio ${field.since}.` : ''
        yield problem(key, `The CRD in this mesh does not have "${key.text}", ${refused}${since} Upgrade the CRDs first.`)
      }
    }
    if (schema.type !== 'string' || !schema.words || node.kind !== 'scalar' || typeof node.value !== 'string') return
    if (!live.words || live.words.includes(node.value) || !Object.hasOwn(schema.words, node.value)) return
    yield problem(node, `The CRD in this mesh does not know the value "${node.value}" of "${name}", ${refused} Upgrade the CRDs first.`)
  },
} satisfies SchemaRule

const refused = 'so the API server refuses the object.'
