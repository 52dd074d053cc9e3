import { gateway } from '../../istio/schema/gateway.ts'
import { objectMeta } from '../../istio/schema/objectMeta.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isDns1123Label } from '../../istio/values/hostName.ts'
import { isLabel, isSubdomain } from '../../istio/values/objectName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'object-name',
  on: 'schema',
  severity: 'error',
  istio: ['metadata'],
  summary: 'The name or the namespace of an object is missing or malformed.',
  why: 'Names are parts of DNS names and URLs: lower-case letters, digits, dashes, and in the name of an object dots. The API server refuses others.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: shop_default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: shop-default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`,

  *check(visit) {
    if (visit.schema === objectMeta) yield* formOf(visit)
    else if (!visit.parent) yield* missingName(visit)
  },
} satisfies SchemaRule

function* missingName({ schema, fields }: Visit): Generator<Problem> {
  if (schema.type !== 'object' || schema.fields.metadata?.schema !== objectMeta) return
  const metadata = fields.object('metadata')
  if (!metadata && fields.has('metadata')) return
  if (metadata?.isSet('name') || metadata?.node?.entries.some(({ key }) => isPlaceholder(key.text))) return
  const generated = metadata?.key('generateName')
  const where = generated ?? metadata?.key('name') ?? fields.key('metadata') ?? fields.key('kind')
  if (!where) return
  const what = generated
    ? 'Only "kubectl create" makes a name from "generateName"; when it is applied, the API server refuses the object.'
    : 'This object has no name, so the API server refuses it.'
  const found = problem(where, `${what} Write "name" under "metadata".`)
  yield generated || schema !== gateway ? found : judged(['webhook', 'metadata'], found)
}

function* formOf({ fields, parent }: Visit): Generator<Problem> {
  const name = fields.text('name')
  if (name && name.value !== '' && !isPlaceholder(name.value) && !isSubdomain(name.value)) {
    const found = problem(
      name,
      name.value.length > 253
        ? 'A name has at most 253 characters, so the API server refuses the object. Shorten it.'
        : `"${name.value}" is no valid object name, so the API server refuses the object. Use lower-case letters, digits, dots and dashes, with a letter or digit at both ends.`,
    )
    // The name of a Gateway, and of nothing else, Istio's webhook looks at too.
    yield parent?.schema === gateway && !isDns1123Label(name.value) ? judged(['webhook', 'metadata'], found) : found
  }
  const namespace = fields.text('namespace')
  if (namespace && namespace.value !== '' && !isPlaceholder(namespace.value) && !isLabel(namespace.value)) {
    yield problem(
      namespace,
      `"${namespace.value}" is no valid namespace name, so the API server refuses the object. Use lower-case letters, digits and dashes between them, 63 at most.`,
    )
  }
}
