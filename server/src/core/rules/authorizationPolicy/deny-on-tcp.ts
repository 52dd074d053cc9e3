import { rule } from '../../istio/schema/authorizationPolicy.ts'
import { hasNoItems, wordAt } from '../../istio/schema/decoded.ts'
import { type Fields, isNull } from '../../istio/schema/fields.ts'
import { stringAt } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'
import { withOpposite } from './values.ts'

export default {
  id: 'deny-on-tcp',
  on: 'schema',
  of: [rule],
  severity: 'warning',
  istio: 'warns',
  summary: 'A DENY rule looks only at what HTTP requests have.',
  why: 'A TCP connection has no methods, paths, hosts or tokens: there the rule ignores them and refuses whatever else it matches.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: DENY
  rules:
    - to:
        - operation:
            paths: [/admin*]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  action: DENY
  rules:
    - to:
        - operation:
            paths: [/admin*]
            ports: ["8080"]
`,

  *check({ fields, object }) {
    const spec = object.fields.object('spec')
    if (!spec || wordAt(spec, 'action') !== 'DENY') return
    const sources = messagesIn(fields, 'from', 'source')
    const operations = messagesIn(fields, 'to', 'operation')
    if (!sources || !operations) return
    const [key, matchers, tcp] =
      operations.length > 0 ? [fields.key('to'), operations, ofConnections.to] : [fields.key('from'), sources, ofConnections.from]
    if (!key || matchers.length === 0 || matchers.some(each => holdsAny(each, tcp))) return
    const isFalseAlarm = operations.length === 0 && sources.every(each => holdsAny(each, trustDomains) && !holdsAny(each, tokens))
    yield problem(key, isFalseAlarm ? falseAlarm : consequence)
  },
} satisfies SchemaRule

const consequence =
  'A TCP connection has no methods, paths, hosts or tokens: on TCP ports this DENY rule ignores them and refuses whatever else it matches. List the HTTP ports under "ports" in "to" to leave TCP alone.'

const falseAlarm =
  'Istio warns that this DENY rule refuses all TCP traffic, although a TCP connection has a trust domain too where mutual TLS is used. Write "ports" in "to" to silence the warning.'

/** What a connection has, in the eyes of Istio's warning: it forgets trust domains. Source: istio/istio:pkg/config/validation/validation.go. */
const ofConnections = {
  from: ['principals', 'namespaces', 'serviceAccounts', 'ipBlocks', 'remoteIpBlocks'].flatMap(withOpposite),
  to: withOpposite('ports'),
} as const

const trustDomains = withOpposite('trustDomains')
const tokens = withOpposite('requestPrincipals')

function holdsAny(fields: Fields, names: readonly string[]): boolean {
  return names.some(name => !hasNoItems(fields, name))
}

/** The sources of `from` or the operations of `to`; undefined where something else fills them in, or they do not decode. */
function messagesIn(rule: Fields, list: 'from' | 'to', name: 'source' | 'operation'): readonly Fields[] | undefined {
  if (!rule.items(list).every(item => isNull(item) || item?.kind === 'mapping')) return undefined
  const written = rule.objects(list).filter(entry => entry.has(name))
  const messages = written.flatMap(entry => entry.object(name) ?? []).filter(holdsTexts)
  return messages.length === written.length && (rule.items(list).length > 0 || hasNoItems(rule, list)) ? messages : undefined
}

function holdsTexts(fields: Fields): boolean {
  return fields.names.every(
    name => fields.get(name)?.kind === 'sequence' && fields.items(name).every(item => isNull(item) || stringAt(item)),
  )
}
