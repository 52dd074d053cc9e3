import { own } from '../../istio/own.ts'
import { objectMeta } from '../../istio/schema/objectMeta.ts'
import type { VisitedObject } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Entry, entry } from '../../yaml/tree.ts'
import { fix, type Problem, problem, replacement, type SchemaRule } from '../rule.ts'

const annotation = 'istio.io/dry-run'

/** The words of Go's ParseBool. Source: istio/istio pkg/config/validation/validation.go (checkDryRunAnnotation). */
const booleans = /^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/

export default {
  id: 'dry-run-annotation',
  on: 'schema',
  of: [objectMeta],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A dry run is requested where Istio has none.',
  why: 'Only an AuthorizationPolicy that allows or denies has a dry run. Elsewhere Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
  annotations: { istio.io/dry-run: "true" }
spec:
  mtls: { mode: STRICT }
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: no-admin
  namespace: shop
  annotations: { istio.io/dry-run: "true" }
spec:
  action: DENY
  rules:
    - to:
        - operation: { paths: [/admin], ports: ["8080"] }
`,

  *check({ fields, object }) {
    const written = entry(fields.get('annotations'), annotation)
    if (!written) return
    const found = object.kind === 'AuthorizationPolicy' ? ofPolicy(written, object) : otherKind(written, object.kind)
    if (found) yield found
  },
} satisfies SchemaRule

function otherKind({ key }: Entry, kind: string): Problem {
  return problem(key, `A ${kind} has no dry run, so Istio refuses the object. Remove the annotation "${annotation}".`)
}

function ofPolicy({ key, value }: Entry, { fields }: VisitedObject): Problem | undefined {
  const action = fields.object('spec')?.get('action')
  const name = action === undefined ? 'ALLOW' : action.kind === 'scalar' ? (own(byNumber, action.text) ?? action.text) : ''
  if (name === 'AUDIT' || name === 'CUSTOM' || /^-?\d+$/.test(name)) {
    return problem(
      key,
      `Only the actions ALLOW and DENY have a dry run, not ${name}, so Istio refuses the object. Remove the annotation "${annotation}".`,
    )
  }
  if (name !== 'ALLOW' && name !== 'DENY') return undefined
  if (value === undefined) return problem(key, `"${annotation}" has no value, so Istio refuses the object. Write "true" or "false".`)
  if (value.kind !== 'scalar' || (typeof value.value !== 'string' && value.value !== null)) return undefined
  if (isPlaceholder(value.text) || booleans.test(value.text)) return undefined
  const meant = ['true', 'false'].find(word => word === value.text.trim().toLowerCase())
  const what = `"${value.text}" is neither "true" nor "false" to Istio, so it refuses the object. Write one of them.`
  return problem(
    value,
    what,
    ...(meant ? [value.quoted ? replacement(value, meant) : fix(`Use "${meant}"`, { span: value.span, text: `"${meant}"` })] : []),
  )
}

/** Istio's decoder takes the numbers of the words. */
const byNumber: Readonly<Record<string, string>> = { '0': 'ALLOW', '1': 'DENY', '2': 'AUDIT', '3': 'CUSTOM' }
