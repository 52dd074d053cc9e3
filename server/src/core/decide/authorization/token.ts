// What RequestAuthentications make of the token of a request.
// Source: istio/istio:pilot/pkg/security/authn/policy_applier.go (convertToEnvoyJwtConfig),
// envoyproxy/envoy:source/extensions/filters/http/jwt_authn (extractor.cc, authenticator.cc, verifier.cc),
// google/jwt_verify_lib:src/check_audience.cc.

import { own } from '../../istio/own.ts'
import type { JwtRule } from '../../istio/resources.ts'
import { compare } from '../../mesh/workloads.ts'
import type { HttpRequest, Token } from './connection.ts'
import { type Missing, nothing, type Payload, type Reading } from './facts.ts'

export type TokenOutcome =
  /** No token where a rule looks for one: the request passes without request principal. */
  | { readonly is: 'none'; readonly headers: HeaderChanges }
  | { readonly is: 'accepted'; readonly payload: Payload; readonly headers: HeaderChanges }
  | { readonly is: 'refused'; readonly status: 401 | 403; readonly because: string }
  | { readonly is: 'unknown'; readonly missing: readonly string[]; readonly headers: HeaderChanges }

/** By name in lower case: headers that are taken from the request or written into it. */
export type HeaderChanges = ReadonlyMap<string, Reading<string>>

const unchanged: HeaderChanges = new Map()

export function checkToken(request: HttpRequest, rules: readonly JwtRule[]): TokenOutcome {
  if (rules.length === 0) return { is: 'none', headers: unchanged }
  const preflight = isPreflight(request)
  if (preflight === true) return { is: 'none', headers: unchanged }
  const outcome = judge(
    request.token,
    rules.toSorted((a, b) => compare(a.issuer?.value ?? '', b.issuer?.value ?? '')),
  )
  if (preflight === false) return outcome
  return { is: 'unknown', missing: [preflight.missing, ...(outcome.is === 'unknown' ? outcome.missing : [])], headers: anyChanges(rules) }
}

/** Preflight requests of browsers carry no token that anybody looks at. */
function isPreflight({ method, headers }: HttpRequest): boolean | Missing {
  const has = (name: string) => Object.entries(headers ?? {}).some(([key, values]) => key.toLowerCase() === name && values.some(Boolean))
  if (method !== undefined && method !== 'OPTIONS') return false
  if (headers && !(has('origin') && has('access-control-request-method'))) return false
  if (method === undefined) return { missing: 'the method' }
  return headers ? true : { missing: 'the headers' }
}

/** One rule that accepts is enough; else every rule that finds the token refuses it. */
function judge(token: HttpRequest['token'], rules: readonly JwtRule[]): TokenOutcome {
  if (token === undefined) return { is: 'unknown', missing: ['the token'], headers: anyChanges(rules) }
  if (token === 'none') return { is: 'none', headers: sanitized(rules) }
  const verdicts = rules.map(rule => ({ rule, verdict: verify(token, rule) }))
  const accepting = verdicts.findIndex(({ verdict }) => verdict === 'accepted')
  const rule = rules[accepting]
  if (rule)
    return { is: 'accepted', payload: normalized(token.payload, rule), headers: changes(token, rule, rules.slice(0, accepting + 1)) }
  const refusals = verdicts.flatMap(({ verdict }) => (typeof verdict === 'object' ? [verdict] : []))
  // A rule for this issuer says more than one for another.
  const refusal = refusals.find(each => each !== unknownIssuer) ?? refusals[0]
  return refusal ? { is: 'refused', ...refusal } : { is: 'none', headers: sanitized(rules) }
}

interface Refusal {
  readonly status: 401 | 403
  readonly because: string
}

const malformed: Refusal = { status: 401, because: 'The token is not a JSON Web Token.' }
const unknownIssuer: Refusal = { status: 401, because: 'No RequestAuthentication that looks for the token there is for its issuer.' }
const wrongAudience: Refusal = { status: 403, because: 'The audience of the token is none that the RequestAuthentication accepts.' }

const untimely: Readonly<Partial<Record<NonNullable<Token['invalid']>, Refusal>>> = {
  expired: { status: 401, because: 'The token has expired.' },
  'not-yet-valid': { status: 401, because: 'The token is not valid yet.' },
}

const wrongSignature: Refusal = { status: 401, because: 'The signature of the token does not fit the keys of its issuer.' }

/** In the order in which Envoy looks: form, issuer, time, audience, signature. */
function verify(token: Token, rule: JwtRule): 'accepted' | 'not found' | Refusal {
  const found = find(token, rule)
  if (found === 'not found') return found
  const { payload, invalid } = token
  if (invalid === 'malformed' || found === 'garbled' || !isReadable(payload)) return malformed
  if (rule.issuer && rule.issuer.value !== (payload.iss ?? '')) return unknownIssuer
  const late = invalid && untimely[invalid]
  if (late) return late
  if (!isForAudience(payload.aud, rule)) return wrongAudience
  return invalid === 'bad-signature' ? wrongSignature : 'accepted'
}

/** Claims of the standard have their type, or the token is none. */
function isReadable({ iss, sub, aud }: Payload): boolean {
  const isText = (value: unknown) => value === undefined || typeof value === 'string'
  return isText(iss) && isText(sub) && (isText(aud) || (Array.isArray(aud) && aud.every(isText)))
}

function isForAudience(aud: unknown, { audiences }: JwtRule): boolean {
  if (audiences.length === 0) return true
  const meant = new Set(audiences.map(({ value }) => bareAudience(value)))
  const own = Array.isArray(aud) ? aud : [aud]
  return own.some(each => typeof each === 'string' && meant.has(bareAudience(each)))
}

/** `https://shop/` and `shop` are one audience. */
function bareAudience(audience: string): string {
  return audience.replace(/^https?:\/\//, '').replace(/\/$/, '')
}

interface HeaderLocation {
  readonly name: string
  readonly prefix: string
}

const bearer: HeaderLocation = { name: 'authorization', prefix: 'Bearer ' }

/** `garbled`: what the rule takes for the token is more than it. */
function find(token: Token, rule: JwtRule): 'found' | 'garbled' | 'not found' {
  const isDefault = rule.fromHeaders.length + rule.fromParams.length + rule.fromCookies.length === 0
  const place = token.in ?? { header: bearer.name, prefix: bearer.prefix }
  if ('param' in place)
    return (isDefault ? ['access_token'] : rule.fromParams.map(each => each.value)).includes(place.param) ? 'found' : 'not found'
  if ('cookie' in place) return rule.fromCookies.some(({ value }) => value === place.cookie) ? 'found' : 'not found'
  const { header, prefix = '' } = place
  const locations = (isDefault ? [bearer] : rule.fromHeaders).filter(
    each => each.name.toLowerCase() === header.toLowerCase() && prefix.includes(each.prefix),
  )
  if (locations.length === 0) return 'not found'
  return locations.every(each => isTokenAlone(prefix, each.prefix)) ? 'found' : 'garbled'
}

/** Behind the prefix of the rule Envoy skips what can be in no token; what is left must be the token. */
function isTokenAlone(sent: string, wanted: string): boolean {
  if (wanted === '') return sent === ''
  return !/[\w.-]/.test(sent.slice(sent.indexOf(wanted) + wanted.length))
}

const spaceDelimited = ['scope', 'permission']

/** Claims that hold several values become lists. */
function normalized(payload: Payload, rule: JwtRule): Payload {
  const names = [...spaceDelimited, ...rule.spaceDelimitedClaims.map(({ value }) => value)]
  const lists = names.flatMap(name => {
    const value = own(payload, name)
    return typeof value === 'string' ? [[name, value.split(' ').filter(Boolean)] as const] : []
  })
  return { ...payload, ...Object.fromEntries(lists) }
}

/** Headers that a rule writes are never taken from the client. */
function sanitized(rules: readonly JwtRule[]): HeaderChanges {
  const names = rules.flatMap(rule => [rule.outputPayloadToHeader ?? [], rule.outputClaimToHeaders.map(each => each.header)].flat())
  return new Map(names.map(name => [name.toLowerCase(), nothing]))
}

/** Where it is not known what becomes of the token. */
export function anyChanges(rules: readonly JwtRule[]): HeaderChanges {
  const carriers = rules.flatMap(rule => rule.fromHeaders.map(({ name }) => name))
  const names = [bearer.name, ...carriers, ...sanitized(rules).keys()]
  return new Map(names.map(name => [name.toLowerCase(), { missing: 'the token' }]))
}

function changes(token: Token, rule: JwtRule, tried: readonly JwtRule[]): HeaderChanges {
  const headers = new Map(sanitized(tried))
  if (rule.outputPayloadToHeader)
    headers.set(rule.outputPayloadToHeader.toLowerCase(), { missing: 'the encoded payload of the token', present: true })
  for (const { header, claim } of rule.outputClaimToHeaders) {
    const text = claimText(token.payload, claim)
    if (text !== '') headers.set(header.toLowerCase(), { values: [text] })
  }
  const place = token.in ?? { header: bearer.name }
  if ('header' in place && !rule.forwardOriginalToken) headers.set(place.header.toLowerCase(), nothing)
  return headers
}

/** Texts, whole numbers and booleans; `a.b` is a nested claim. */
function claimText(payload: Payload, claim: string): string {
  const value = claim
    .split('.')
    .reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), payload)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
