// Conditions of `access` in words: `method GET or POST`, `not path /admin*`, `token from https://id.example.net`.
import { type Aspect, type Condition, httpAspects, identityAspects, negation, overHttp, tokenAspects } from '../decide/access/condition.ts'
import type { Outcome, Way } from '../decide/access/outcome.ts'
import type { Refusal } from '../decide/access/refusals.ts'
import { either } from './words.ts'

/**
 * All that must hold, each a text by itself. Ways that differ are one text, joined by `or`; what rules refuse begins with `unless`, what an
 * external authorizer decides with `if`. Empty for `allow`, `deny` and `unknown`.
 */
export function whenTexts({ decision, ways, unless }: Outcome): readonly string[] {
  if (decision !== 'conditional') return []
  return [...new Set([...wayTexts(ways), ...unless.map(refusalText)])]
}

function wayTexts(ways: readonly Way[]): readonly string[] {
  const [first, ...others] = ways
  if (!first) return []
  if (others.length === 0) return conjunctionTexts(first.when)
  const keys = others.map(({ when }) => new Set(when.map(({ key }) => key)))
  const isCommon = (condition: Condition) => keys.every(each => each.has(condition.key))
  const common = first.when.filter(isCommon)
  const different = ways.map(({ when }) =>
    conjunctionTexts(
      when,
      common.map(({ key }) => key),
    ).join(' and '),
  )
  return [...conjunctionTexts(common), different.join(', or ')]
}

/** Of conditions that all must hold. That it is HTTP goes without saying where something of HTTP is asked for. */
export function conjunctionTexts(when: readonly Condition[], except: readonly string[] = []): readonly string[] {
  const impliesHttp = when.some(({ subject, negated }) => !negated && httpAspects.includes(subject.aspect))
  const said = impliesHttp ? when.filter(each => each.key !== overHttp.key) : when
  const left = said.filter(each => !except.includes(each.key))
  return left.toSorted((a, b) => order.indexOf(a.subject.aspect) - order.indexOf(b.subject.aspect)).map(conditionText)
}

/** Who, what, on which condition. */
const order: readonly Aspect[] = [
  ...identityAspects,
  'protocol',
  'method',
  'path',
  'host',
  'header',
  ...tokenAspects,
  'metadata',
  'address',
  'client address',
  'destination address',
  'SNI',
  'port',
]

/** `unless path /admin*`, `if provider ext-authz allows`. */
export function refusalText({ when, authorizer }: Refusal): string {
  if (authorizer !== undefined) return [`if provider ${authorizer} allows`, conjunctionTexts(when).join(' and ')].filter(Boolean).join(' ')
  const [only, ...others] = when
  if (only?.negated && others.length === 0) return conditionText(negation(only))
  return `unless ${conjunctionTexts(when).join(' and ')}`
}

export function conditionText({ subject, negated, values }: Condition): string {
  const { aspect, name = '' } = subject
  if (aspect === 'protocol') return negated ? 'TCP without HTTP' : 'HTTP'
  return `${negated ? 'not ' : ''}${texts[aspect](values, name)}`
}

type Text = (values: readonly string[], name: string) => string

const plain =
  (noun: string): Text =>
  values =>
    `${noun} ${either(values)}`

const address =
  (noun: string): Text =>
  values =>
    `${noun} ${values.some(each => each.includes('/')) ? 'in ' : ''}${either(values)}`

/** `*` asks only that it is there. */
const named =
  (noun: string): Text =>
  (values, name) =>
    values.includes('*') ? `${noun} ${name}` : `${noun} ${name}: ${either(values)}`

const texts: Readonly<Record<Exclude<Aspect, 'protocol'>, Text>> = {
  principal: plain('principal'),
  namespace: plain('namespace'),
  'service account': plain('service account'),
  'trust domain': plain('trust domain'),
  port: plain('port'),
  method: plain('method'),
  path: plain('path'),
  host: plain('host'),
  SNI: plain('SNI'),
  address: address('address'),
  'client address': address('client address'),
  'destination address': address('destination address'),
  token: values => (values.includes('*') ? 'valid token' : `token ${either(values.map(tokenText))}`),
  audience: plain('token audience'),
  presenter: plain('token presenter'),
  claim: named('token claim'),
  header: named('header'),
  metadata: named('metadata'),
}

/** An issuer and a subject, cut at the last slash as Istio does. */
function tokenText(value: string): string {
  const slash = value.lastIndexOf('/')
  const [issuer, subject] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash < 0 || value.startsWith('*')) return `of ${value}`
  return subject === '*' ? `from ${issuer}` : `from ${issuer} for ${subject}`
}
