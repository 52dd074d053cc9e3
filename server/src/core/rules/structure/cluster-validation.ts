import { type Cel, celValue } from '../../istio/cel/value.ts'
import { type CelRule, type OpenApiSchema, openApiBelow } from '../../istio/openApi.ts'
import { decides, liveSchemaOf } from '../../mesh/liveSchema.ts'
import type { Node, Scalar } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: peerauthentications.security.istio.io }
spec:
  group: security.istio.io
  names: { kind: PeerAuthentication, plural: peerauthentications }
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
                mtls:
                  type: object
                  properties:
                    mode: { type: string, enum: [STRICT, PERMISSIVE, DISABLE, UNSET] }
                  x-kubernetes-validations:
                    - rule: "!has(self.mode) || self.mode != 'DISABLE'"
                      message: mutual TLS is never off here
---`

export default {
  id: 'cluster-validation',
  on: 'schema',
  severity: 'error',
  istio: ['crd'],
  summary: "A value that a rule of this cluster's CRD refuses.",
  why: 'CRDs carry rules of their own (CEL, `x-kubernetes-validations`), and the API server refuses an object that breaks one.',
  codes: [],
  bad: `${definition}
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: DISABLE }
`,
  good: `${definition}
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,

  *check({ node, parent, name, object: { apiVersion, kind } }, mesh) {
    // From the root down along the CRD, which may have fields that are not known here.
    const schema = parent ? undefined : liveSchemaOf(mesh, apiVersion, kind)
    if (!schema || !mesh.cel || !decides(mesh, apiVersion, kind)) return
    for (const { value, rule } of broken({ node, schema, name }, mesh.cel)) {
      const said = rule.messageExpression ? messageOf(rule.messageExpression, value, mesh.cel) : undefined
      const reason = said ?? rule.message ?? `it breaks the rule ${rule.rule}`
      const where = value.node.kind === 'scalar' ? value.node : (value.key ?? value.node)
      yield problem(where, `The CRD in this mesh refuses "${value.name}", so the API server refuses the object: ${sentence(reason)}`)
    }
  },
} satisfies SchemaRule

interface Value {
  readonly node: Node
  readonly schema: OpenApiSchema
  readonly name: string
  readonly key?: Scalar
}

function* broken(value: Value, cel: Cel): Generator<{ readonly value: Value; readonly rule: CelRule }> {
  const { node, schema, name } = value
  const rules = schema.rules.filter(({ rule }) => !comparesWithBefore(rule))
  const self = rules.length > 0 ? celValue(node, schema) : undefined
  if (self !== undefined) for (const rule of rules) if (cel.evaluate(rule.rule, self) === false) yield { value, rule }
  if (node.kind === 'mapping') {
    for (const { key, value: below } of node.entries) {
      const belowSchema = openApiBelow(schema, key.text)
      if (below && belowSchema) yield* broken({ node: below, schema: belowSchema, name: key.text, key }, cel)
    }
  }
  if (node.kind === 'sequence' && schema.items) {
    for (const item of node.items) if (item) yield* broken({ node: item, schema: schema.items, name }, cel)
  }
}

/** A transition rule speaks of updates only. */
function comparesWithBefore(rule: string): boolean {
  return /\boldSelf\b/.test(rule)
}

function messageOf(expression: string, { node, schema }: Value, cel: Cel): string | undefined {
  const self = celValue(node, schema)
  const said = self === undefined ? undefined : cel.evaluate(expression, self)
  return typeof said === 'string' && said.trim() !== '' ? said : undefined
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
