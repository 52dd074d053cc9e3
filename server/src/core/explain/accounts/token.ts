// Tokens that a RequestAuthentication does not accept.
import { appliesTo } from '../../decide/attachment.ts'
import type { RequestAuthentication } from '../../istio/resources.ts'
import type { Refusal } from '../refusal.ts'
import type { Scene } from '../scene.ts'
import type { TokenStatus } from '../tokenStatus.ts'
import { type Account, callIn, found, keyOf, ownerName, route, type Situation } from './account.ts'

export function tokenRefused({ status }: Extract<Refusal, { kind: 'token' }>, at: Situation): Account {
  const policies = authenticationsAt(at)
  return {
    happened: `The token of ${callIn(at)}${route(at)} was not accepted: ${status.text}.`,
    policies: policies.map(each => found(each)),
    means: [meanings[status.id], ...known(status, policies, at)],
    repair: repairs(status, policies, at),
  }
}

function authenticationsAt({ to, mesh }: Scene): readonly RequestAuthentication[] {
  if (!to || to.workload.proxy === 'ztunnel') return []
  const { workload, service } = to
  const namespaces = new Set([mesh.settings.rootNamespace, workload.namespace, ...(service ? [service.namespace] : [])])
  return [...namespaces].flatMap(each => mesh.in('RequestAuthentication', each)).filter(each => appliesTo(each, workload, service, mesh))
}

/** Source: istio/istio:pilot/pkg/security/authn/policy_applier.go (convertToEnvoyJwtConfig: every provider may be missed). */
const meanings: Readonly<Record<TokenStatus['id'], string>> = {
  missing:
    'A RequestAuthentication lets requests without a token pass, so something else (an EnvoyFilter, another gateway) demands one here.',
  expired: 'The time in its claim "exp" has passed.',
  'not-yet-valid': 'The time in its claim "nbf" has not come.',
  issuer: 'No RequestAuthentication of the workload that looks for the token there is for the issuer in its claim "iss".',
  audience: 'Its claim "aud" names none of the audiences that the RequestAuthentication lists (403, while other reasons give 401).',
  signature: 'The signature does not fit the key of the issuer.',
  key: 'None of the keys of the issuer has the key id ("kid") and algorithm in the header of the token.',
  'keys-unreachable': 'The keys of the issuer could not be fetched.',
  keys: 'The keys of the issuer cannot be read.',
  malformed: 'What was sent is not a JSON Web Token in compact form.',
}

function known({ id }: TokenStatus, policies: readonly RequestAuthentication[], { to, server }: Situation): readonly string[] {
  if (policies.length === 0) {
    if (!to) return []
    return [`No RequestAuthentication of ${ownerName(server, 'the workload')} is among the known objects: it may be deleted or not synced.`]
  }
  const rules = policies.flatMap(each => each.jwtRules)
  if (id === 'issuer') return [`Accepted by what is known: ${unique(rules.flatMap(({ issuer }) => issuer?.value ?? [])).join(', ')}.`]
  if (id === 'audience')
    return [`Accepted by what is known: ${unique(rules.flatMap(({ audiences }) => audiences.map(each => each.value))).join(', ')}.`]
  return []
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map(text => `"${text}"`))]
}

function repairs({ id }: TokenStatus, policies: readonly RequestAuthentication[], at: Situation): readonly string[] {
  const where = policies.length === 0 ? 'the RequestAuthentication of the workload' : policies.map(keyOf).join(' or ')
  switch (id) {
    case 'missing':
      return [
        `Send a token, or find what demands one at ${ownerName(at.server, 'the proxy')}: an AuthorizationPolicy would answer 403 "RBAC: access denied".`,
      ]
    case 'expired':
      return ['Let the client get a new token; if it is new, compare the clocks of the issuer and of the node.']
    case 'not-yet-valid':
      return ['Compare the clocks of the issuer and of the node.']
    case 'issuer':
      return [`If the issuer is to be trusted, add a jwtRule with it to ${where}, written exactly as in the claim "iss".`]
    case 'audience':
      return [`Add the audience of the token to "audiences" in ${where}, or let the client ask its issuer for a token for this service.`]
    case 'signature':
    case 'key':
      return [
        `Check that jwks or jwksUri in ${where} belongs to this issuer. istiod fetches new keys every 20 minutes by default.`,
        'If the keys are right, the token was changed or is of another environment.',
      ]
    case 'keys-unreachable':
      return [`Check that jwksUri in ${where} can be reached from istiod (which fetches it), or write the keys into jwks.`]
    case 'keys':
      return [`Write a JSON Web Key Set into jwks of ${where}: {"keys": […]}.`]
    case 'malformed':
      return ['Check what the client sends: three parts with dots between, behind "Bearer " in the header Authorization.']
  }
}
