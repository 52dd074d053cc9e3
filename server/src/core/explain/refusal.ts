// What a line tells in the end: who was refused why, that nobody was, or nothing that is understood.
// Source of the texts: envoyproxy/envoy:source/extensions/filters/common/rbac/utility.cc (responseDetail), filters/http/rbac/rbac_filter.cc,
// filters/http/ext_authz/ext_authz.cc, envoy/stream_info/stream_info.h (ResponseCodeDetailValues), source/common/stream_info/utility.h
// (ResponseFlagUtils), source/common/http/utility.cc (resetReasonToString), source/common/router/router.cc (the body "upstream connect error …");
// istio/ztunnel:src/proxy.rs (Error, AuthorizationRejectionError), src/identity.rs (Error).

import { own } from '../istio/own.ts'
import { type PolicyName, parsePolicyKey, parsePolicyName } from './policyName.ts'
import { type TlsFailure, tlsFailureIn } from './tlsFailure.ts'
import { type TokenStatus, tokenStatusInDetails, tokenStatusInText } from './tokenStatus.ts'
import type { Told } from './told.ts'

export type Refusal =
  /** A DENY rule matched. */
  | { readonly kind: 'denied'; readonly policy: PolicyName }
  /** There are ALLOW policies, and no rule of them matched. */
  | { readonly kind: 'not-allowed' }
  /** One of both; the line does not tell which. */
  | { readonly kind: 'access-denied' }
  /** By the DENY policy that istiod makes of PeerAuthentications for ztunnel. `policy` absent: of the static one, which stands for STRICT. */
  | { readonly kind: 'plaintext'; readonly policy?: PolicyName }
  /** A CUSTOM rule matched, and its provider cannot be asked. */
  | { readonly kind: 'authorizer-unusable'; readonly policy: PolicyName }
  | { readonly kind: 'authorizer-denied' }
  | { readonly kind: 'authorizer-failed' }
  | { readonly kind: 'token'; readonly status: TokenStatus }
  /** No filter chain of the listener takes the connection. */
  | { readonly kind: 'no-filter-chain' }
  | { readonly kind: 'tls'; readonly failure: TlsFailure }
  /** Established, then closed without an answer. */
  | { readonly kind: 'closed-by-server' }
  | { readonly kind: 'unreachable'; readonly cause?: string }
  | { readonly kind: 'not-http' }
  | { readonly kind: 'no-route' }
  | { readonly kind: 'no-endpoint' }
  /** Where only what the mesh knows may be called. */
  | { readonly kind: 'egress-blocked' }
  /** The answer came from behind the proxy whose log it is. */
  | { readonly kind: 'refused-behind'; readonly status: number }
  /** ztunnel of the client: the other side did not open the tunnel. */
  | { readonly kind: 'tunnel-refused'; readonly status: number }
  | { readonly kind: 'tunnel-blocked' }
  | { readonly kind: 'policy-changed' }
  | { readonly kind: 'certificate-revoked' }
  | { readonly kind: 'no-identity'; readonly cause: string }
  | { readonly kind: 'unknown-workload'; readonly cause: string }
  | { readonly kind: 'connection-reset' }
  /** Only watched. `policy` absent: no ALLOW rule that is watched matches. */
  | { readonly kind: 'dry-run'; readonly policy?: PolicyName }
  | { readonly kind: 'authorizer-asked'; readonly policy: PolicyName }
  | { readonly kind: 'client-gone' }

/** `passed`: a proxy tells that it went well, or that it looked only. */
export type Reading = Refusal | 'passed' | 'unrecognised'

export function refusalIn(told: Told): Reading {
  const text = told.signals.join('\n')
  return (
    byRbac(text) ??
    (told.form === 'envoy' ? undefined : byZtunnel(text)) ??
    byToken(text, told) ??
    byAuthorizer(text, told) ??
    byConnection(text, told) ??
    byStatus(told) ??
    (told.form === 'text' ? (bySymptom(text) ?? 'unrecognised') : 'passed')
  )
}

const matchedPolicy = /rbac_access_denied_matched_policy\[([^\s"]{1,600})/
const outcome = /\b(enforced|shadow) (allowed|denied)(?:, matched policy (\S{1,600}))?/

function byRbac(text: string): Reading | undefined {
  const details = matchedPolicy.exec(text)?.[1]
  if (details !== undefined) return denied(details)
  const [, mode, result, policy] = outcome.exec(text) ?? []
  if (result === 'allowed') return 'passed'
  if (mode === 'enforced') return denied(policy)
  if (mode === 'shadow') return watched(policy)
  return /rbac_access_denied|RBAC: access denied/.test(text) ? { kind: 'access-denied' } : undefined
}

function denied(text: string | undefined): Refusal {
  if (text?.startsWith('none')) return { kind: 'not-allowed' }
  const policy = text === undefined ? undefined : parsePolicyName(text)
  if (!policy) return { kind: 'access-denied' }
  return { kind: policy.withoutAuthorizer ? 'authorizer-unusable' : 'denied', policy }
}

/** Rules of CUSTOM policies stand among the watched ones too: what they match is what the authorizer is asked about. */
function watched(text: string | undefined): Refusal {
  const policy = text === undefined ? undefined : parsePolicyName(text)
  return policy ? { kind: policy.asksAuthorizer ? 'authorizer-asked' : 'dry-run', policy } : { kind: 'dry-run' }
}

/** Of a line about a policy, before or behind what it says of it. */
const policyField = /\bpolicy="?([^\s"]{1,600})/

const byText: readonly (readonly [RegExp, (found: RegExpExecArray, text: string) => Refusal])[] = [
  [/explicitly denied by: (\S{1,600})/, ([, key = '']) => deniedByZtunnel(key)],
  [/allow policies exist, but none allowed|no allow policies matched/, () => ({ kind: 'not-allowed' })],
  [/policy rejection: (workload (?:not found|mismatch))/, ([, cause = '']) => ({ kind: 'unknown-workload', cause })],
  [/dry-run: deny policy match/, (_, text) => watchedByZtunnel(policyField.exec(text)?.[1] ?? '')],
  [/dry-run: no allow policies match/, () => ({ kind: 'dry-run' })],
  [/\bdeny policy match/, (_, text) => deniedByZtunnel(policyField.exec(text)?.[1] ?? '')],
  [/due to policy rejection/, () => ({ kind: 'access-denied' })],
  [/due to policy change|no longer allowed after a policy update/, () => ({ kind: 'policy-changed' })],
  [/certificate revoked by CRL/, () => ({ kind: 'certificate-revoked' })],
  [/maybe a NetworkPolicy is blocking HBONE|io error: deadline has elapsed/, () => ({ kind: 'tunnel-blocked' })],
  [/\bhttp status: (\d{3})/, ([, status]) => ({ kind: 'tunnel-refused', status: Number(status) })],
  [/failed to fetch information about local workload|unknown source/, ([cause = '']) => ({ kind: 'unknown-workload', cause })],
  [
    /identity error: [^"\n]{0,300}|workload is unknown: [^"\n]{0,300}|signing gRPC error[^"\n]{0,300}|unknown identity/,
    ([cause = '']) => ({ kind: 'no-identity', cause }),
  ],
]

const afterTls: typeof byText = [
  [/\bconnection failed: ([^"\n]{1,300})/, ([, cause = '']) => ({ kind: 'unreachable', cause })],
  [
    /no healthy upstream|no (?:endpoints|valid (?:target port|routing destination)) for workload|no service for target address/,
    () => ({ kind: 'no-endpoint' }),
  ],
]

/** In the order of the table; a failed handshake before what it leads to. */
function byZtunnel(text: string): Refusal | undefined {
  return firstOf(byText, text) ?? byTls(text) ?? firstOf(afterTls, text)
}

function firstOf(table: typeof byText, text: string): Refusal | undefined {
  for (const [sign, refusal] of table) {
    const found = sign.exec(text)
    if (found) return refusal(found, text)
  }
  return undefined
}

/** Source: istio/istio:pilot/pkg/serviceregistry/ambient/policies.go (staticStrictPolicyName), authorization.go (convertedPeerAuthenticationPrefix). */
function deniedByZtunnel(key: string): Refusal {
  const policy = parsePolicyKey(key)
  if (!policy) return { kind: 'access-denied' }
  if (policy.name === 'istio_converted_static_strict') return { kind: 'plaintext' }
  const [, converted] = /^converted_peer_authentication_(.+)$/.exec(policy.name) ?? []
  return converted === undefined ? { kind: 'denied', policy } : { kind: 'plaintext', policy: { ...policy, name: converted } }
}

function watchedByZtunnel(key: string): Refusal {
  const policy = parsePolicyKey(key)
  return { kind: 'dry-run', ...(policy ? { policy } : {}) }
}

function byToken(text: string, { form }: Told): Refusal | undefined {
  const status = tokenStatusInDetails(text) ?? (form === 'text' ? tokenStatusInText(text) : undefined)
  return status && { kind: 'token', status }
}

function byAuthorizer(text: string, { flags }: Told): Refusal | undefined {
  if (text.includes('ext_authz_error')) return { kind: 'authorizer-failed' }
  return text.includes('ext_authz_denied') || flags.includes('UAEX') ? { kind: 'authorizer-denied' } : undefined
}

function byTls(text: string): Refusal | undefined {
  const failure = tlsFailureIn(text)
  return failure && { kind: 'tls', failure }
}

const connectErrors = /delayed[ _]connect[ _]error:[ _]?([^|}"\n]{1,200})/

function byConnection(text: string, told: Told): Refusal | undefined {
  const { flags, http } = told
  const upstream = /upstream[ _](?:reset|connect error)/.test(text)
  if (text.includes('filter_chain_not_found') || (flags.includes('NR') && !http && told.form === 'envoy'))
    return { kind: 'no-filter-chain' }
  const tls = byTls(text)
  if (tls) return tls
  if (/BlackHoleCluster|block_all/.test(text)) return { kind: 'egress-blocked' }
  const cause = connectErrors.exec(text)?.[1]?.replaceAll('_', ' ').trim()
  if (cause !== undefined) return { kind: 'unreachable', cause: own(errorNumbers, cause) ?? cause }
  if (/connection[ _]timeout/.test(text) && upstream) return { kind: 'unreachable', cause: 'connection timeout' }
  if (/connection[ _]termination/.test(text) || flags.includes('UC')) return { kind: 'closed-by-server' }
  if (/codec_error|protocol[ _]error/.test(text) || flags.includes('DPE') || flags.includes('UPE')) return { kind: 'not-http' }
  if (/connection[ _]failure/.test(text) || flags.includes('UF')) return { kind: 'unreachable' }
  if (/no[ _]healthy[ _]upstream/.test(text) || flags.includes('UH')) return { kind: 'no-endpoint' }
  if (/route_not_found|route_configuration_not_found|cluster_not_found/.test(text) || flags.includes('NR') || flags.includes('NC'))
    return { kind: 'no-route' }
  if (upstream || flags.includes('URX')) return { kind: 'unreachable' }
  return text.includes('downstream_remote_disconnect') || flags.includes('DC') ? { kind: 'client-gone' } : undefined
}

/** Older versions of Envoy write `errno`. */
const errorNumbers: Readonly<Record<string, string>> = { 111: 'Connection refused', 113: 'No route to host', 110: 'Connection timed out' }

/** A proxy that answers itself has no upstream; formats of before Istio 1.9 do not say why. */
function byStatus({ status, signals, form }: Told): Refusal | undefined {
  if (form !== 'envoy' || (status !== 401 && status !== 403)) return undefined
  const [details] = signals
  return details === undefined ? { kind: 'access-denied' } : { kind: 'refused-behind', status }
}

/** What clients see where nobody tells them why. */
function bySymptom(text: string): Refusal | undefined {
  return /connection reset by peer|empty reply from server|curl: \((?:35|52|56)\)/i.test(text) ? { kind: 'connection-reset' } : undefined
}
