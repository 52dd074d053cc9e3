import { authorizationPolicySpec } from '../../istio/schema/authorizationPolicy.ts'
import { wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { walk } from '../../istio/schema/walk.ts'
import { lineStartOf } from '../../yaml/lines.ts'
import { type DocumentRule, type Fix, fix, problem } from '../rule.ts'

export default {
  id: 'split-rule',
  on: 'document',
  severity: 'info',
  istio: 'accepts',
  summary: 'A rule says only who calls, and the next one only what is called.',
  why: 'Each rule admits on its own. With one dash too many before "to", everybody may do what "to" says, and the callers in "from" may do everything.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            namespaces: [web]
    - to:
        - operation:
            methods: [POST]
            paths: [/orders*]
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
      to:
        - operation:
            methods: [POST]
            paths: [/orders*]
`,

  *check(document, { text }) {
    for (const { schema, fields } of walk(document)) {
      if (schema !== authorizationPolicySpec || wordAt(fields, 'action') !== 'ALLOW') continue
      const halves = halvesIn(fields.objects('rules'))
      if (!halves.every(each => isSplit(each, text))) continue
      for (const [from, to] of halves) {
        const where = to.key('to')
        if (where) yield problem(where, message, ...joined(from, to, text))
      }
    }
  },
} satisfies DocumentRule

const message =
  'This is a rule of its own: it admits every caller, and the rule before it admits its callers to everything. If both were meant as one rule, remove the dash before "to".'

type Halves = readonly [from: Fields, to: Fields]

/** All rules in pairs; none where one is left over. */
function halvesIn(rules: readonly Fields[]): readonly Halves[] {
  if (rules.length % 2 === 1) return []
  return rules.flatMap((from, index) => {
    const to = rules[index + 1]
    return to && index % 2 === 0 ? [[from, to] as const] : []
  })
}

function isSplit([from, to]: Halves, text: string): boolean {
  return (
    keysOf(from) === 'from' &&
    from.isSet('from') &&
    /^to(?: when)?$/.test(keysOf(to)) &&
    to.isSet('to') &&
    !isPublic(to) &&
    !isSetApart(from, to, text)
  )
}

function keysOf(rule: Fields): string {
  return (rule.node?.entries ?? [])
    .map(({ key }) => key.text)
    .toSorted()
    .join(' ')
}

/** What everybody may reach on purpose: health, metrics, sign-in; or what lacks a header. */
function isPublic(rule: Fields): boolean {
  const operations = rule.objects('to').map(entry => entry.object('operation'))
  const isForAll = operations.every(operation => {
    const paths = operation?.texts('paths') ?? []
    return paths.length > 0 && paths.every(({ value }) => publicPath.test(value))
  })
  return isForAll || rule.objects('when').some(each => each.has('notValues'))
}

const publicPath =
  /\b(?:health|ready|readiness|live|startup|probe|ping|stat(?:us|s)|metrics|prometheus|drain|version|info|favicon|robots|static|assets|public|log-?(?:in|out)|sign-?(?:in|up|out)|o?auth|oidc|sso|saml|callback|webhook|well-known|jwks|dex|swagger|openapi|docs|(?:js|css|html|ico|png|svg)$)/i

/** Who writes a comment or an empty line between two rules knows that they are two. */
function isSetApart(from: Fields, to: Fields, text: string): boolean {
  const above = text.slice(from.node?.span.start, to.node?.span.start).split('\n').at(-2)
  return above !== undefined && (above.trim() === '' || above.includes('#'))
}

/** A blank instead of the dash, where the keys stand in one column. */
function joined(from: Fields, to: Fields, text: string): readonly Fix[] {
  if (!from.node || !to.node || from.node.flow || to.node.flow) return []
  const before = text.slice(lineStartOf(text, to.node.span.start), to.node.span.start)
  const column = from.node.span.start - lineStartOf(text, from.node.span.start)
  if (!/^\s*-[ ]+$/.test(before) || before.length !== column) return []
  const dash = to.node.span.start - before.length + before.indexOf('-')
  return [fix('Merge both into one rule', { span: { start: dash, end: dash + 1 }, text: ' ' })]
}
