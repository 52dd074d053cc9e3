import { admits } from '../../istio/openApi.ts'
import { fieldNamed } from '../../istio/schema/fields.ts'
import { fieldsMeant } from '../../istio/schema/meant.ts'
import type { ObjectSchema } from '../../istio/schema/schema.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { liveSchemaAt } from '../../mesh/liveSchema.ts'
import type { Scalar } from '../../yaml/tree.ts'
import { type Judgement, judged, type Problem, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'unknown-field',
  on: 'schema',
  entrywise: true,
  severity: 'error',
  istio: ['crd', 'strict'],
  summary: 'A field that this kind does not have.',
  why: 'The API server refuses the object; with validation switched off it drops the field, and the policy means something else.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            princpals: [cluster.local/ns/shop/sa/checkout]
            ipBlocks: [10.0.0.0/8]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/checkout]
`,

  *check(visit, mesh) {
    const { schema, node } = visit
    if (schema.type !== 'object' || node.kind !== 'mapping' || schema.open) return
    const others = node.entries.filter(({ key }) => !Object.hasOwn(schema.fields, key.text) && !isPlaceholder(key.text))
    if (others.length === 0) return
    const written = new Set(node.entries.map(({ key }) => key.text))
    const meant = fieldsMeant(schema, node)
    for (const { key } of others) {
      // A newer CRD may have it.
      const live = liveSchemaAt(mesh, visit)
      if (live && admits(live, key.text)) continue
      const camel = fieldNamed(schema, key.text)
      if (camel) yield snakeCase(key, camel, written.has(camel))
      else yield unknown(key, schema, meant(key.text), visit)
    }
  },
} satisfies SchemaRule

/** Istio's own decoder takes the names of the protocol buffers too; the CRD lists one spelling. */
function snakeCase(key: Scalar, camel: string, isWritten: boolean): Problem {
  const what = `The CRD does not know "${key.text}", so the API server refuses the object.`
  if (isWritten) return judged(['crd'], problem(key, `${what} Remove it: "${camel}" is there too.`))
  return judged(['crd'], problem(key, `${what} Write "${camel}".`, replacement(key, camel)))
}

function unknown(key: Scalar, schema: ObjectSchema, meant: string | undefined, visit: Visit): Problem {
  const known = Object.keys(schema.fields)
  const judgement: Judgement = missedByWebhook(visit, schema, meant) ? ['webhook', 'crd', 'strict'] : ['crd', 'strict']
  const what = `"${key.text}" is not a field of ${schema.name}, so the API server refuses the object.`
  if (meant) return judged(judgement, problem(key, `${what} Did you mean "${meant}"?`, replacement(key, meant)))
  const all = known.length <= 8 ? `${what} Its fields are ${known.map(each => `"${each}"`).join(', ')}.` : `${what} Correct or remove it.`
  return judged(judgement, problem(key, all))
}

/** Istio's webhook lets unknown fields pass, except beside `spec`; but it misses the field that was meant. */
function missedByWebhook({ parent, fields }: Visit, schema: ObjectSchema, meant: string | undefined): boolean {
  if (!parent) return true
  if (meant === undefined) return false
  const required = schema.fields[meant]?.required
  const nothingSet = schema.atLeastOne === true && fields.names.every(name => !fields.isSet(name))
  return nothingSet || required === 'webhook' || required === 'both'
}
