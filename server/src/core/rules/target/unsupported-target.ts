import type { Fields } from '../../istio/schema/fields.ts'
import { groupName, kindName, policyTargetReference } from '../../istio/schema/shared.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Span } from '../../yaml/tree.ts'
import { type Change, fix, type Problem, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'unsupported-target',
  on: 'schema',
  of: [policyTargetReference],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A policy is attached to something that policies cannot be attached to.',
  why: 'A target is a Gateway or GatewayClass of the Gateway API, a Service or a ServiceEntry, with its group. Istio refuses any other.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  targetRefs:
    - kind: Gateway
      name: waypoint
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  targetRefs:
    - kind: Gateway
      group: gateway.networking.k8s.io
      name: waypoint
`,

  *check({ fields }) {
    const kind = fields.text('kind')
    const written = fields.get('group')
    const group = fields.text('group')?.value ?? ''
    if (!kind || isPlaceholder(kind.value) || (written && (!fields.text('group') || isPlaceholder(group)))) return
    if (fields.node?.entries.some(({ key }) => isPlaceholder(key.text))) return
    // What has another form is another rule's finding.
    if (!kindName.pattern?.test(kind.value) || !groupName.pattern?.test(group) || isSupported(group, kind.value)) return
    yield unsupported(kind.value, group, fields)
  },
} satisfies SchemaRule

/** Each kind with its group. Source: istio/istio:pkg/config/validation/validation.go (allowedTargetRefs). */
const groups: Readonly<Record<string, string>> = {
  Service: '',
  ServiceEntry: 'networking.istio.io',
  Gateway: 'gateway.networking.k8s.io',
  GatewayClass: 'gateway.networking.k8s.io',
}

function groupOf(kind: string): string | undefined {
  return Object.hasOwn(groups, kind) ? groups[kind] : undefined
}

/** `core` is the group without a name. */
function isSupported(group: string, kind: string): boolean {
  return groupOf(kind) === (group === 'core' ? '' : group)
}

function unsupported(kind: string, group: string, fields: Fields): Problem {
  const right = groupOf(kind)
  const kindNode = fields.get('kind') ?? fields.node ?? nowhere
  if (right === undefined) {
    const meant = Object.keys(groups).find(each => each.toLowerCase() === kind.toLowerCase())
    const what = `A policy cannot be attached to a "${kind}", so Istio refuses the object.`
    if (meant)
      return problem(kindNode, `${what} Did you mean "${meant}"?`, fix(`Use "${meant}"`, ...meantTarget(fields, kindNode, group, meant)))
    return problem(kindNode, `${what} A target is a "Gateway", a "GatewayClass", a "Service" or a "ServiceEntry".`)
  }
  const groupNode = fields.get('group')
  if (!groupNode || group === '') {
    const what = `"${kind}" without a group means one of the core group, which has none, so Istio refuses the object.`
    return problem(kindNode, `${what} Write "group: ${right}".`, fix(`Write "group: ${right}"`, ...writeGroup(fields, right)))
  }
  if (group === 'networking.istio.io' && kind === 'Gateway') return problem(groupNode, istiosGateway)
  const what = `A policy cannot be attached to a "${kind}" of the group "${group}", so Istio refuses the object.`
  const advice = right === '' ? 'A Service has no group: leave it empty.' : `Its group is "${right}".`
  return problem(groupNode, `${what} ${advice}`, replacement(groupNode, right))
}

const istiosGateway =
  'A policy cannot be attached to a Gateway of Istio, so Istio refuses the object. Select its pods with "selector", or write the group "gateway.networking.k8s.io" for a Gateway of the Gateway API.'

const nowhere = { span: { start: 0, end: 0 } }

/** The kind as it is spelt, with the group it has. */
function meantTarget(fields: Fields, { span }: { readonly span: Span }, group: string, meant: string): readonly Change[] {
  const kind = { span, scalar: meant }
  return isSupported(group, meant) ? [kind] : [...writeGroup(fields, groupOf(meant) ?? ''), kind]
}

/** Puts the group in the place of the one that is written, or before the kind. */
function writeGroup(fields: Fields, group: string): readonly Change[] {
  const written = fields.node?.entries.findLast(({ key }) => key.text === 'group')
  const key = written?.key ?? fields.key('kind')
  if (!key || !fields.node) return []
  const text = key.quoted ? `"group": "${group}"` : `group: ${group || '""'}`
  if (written) return [{ span: written.span, text }]
  if (!fields.node.flow) return [{ before: key.span, line: text }]
  return [{ span: { start: key.span.start, end: key.span.start }, text: `${text}, ` }]
}
