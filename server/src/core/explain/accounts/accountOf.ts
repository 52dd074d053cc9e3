// Each kind of refusal and what is told of it.
import { never } from '../../istio/values/principal.ts'
import type { Refusal } from '../refusal.ts'
import type { Account, Situation } from './account.ts'
import { authorizerAsked, authorizerDenied, authorizerFailed, authorizerUnusable } from './authorizer.ts'
import {
  clientGone,
  connectionReset,
  egressBlocked,
  noEndpoint,
  noIdentity,
  noRoute,
  notHttp,
  refusedBehind,
  tunnelBlocked,
  tunnelRefused,
  unknownWorkload,
  unreachable,
} from './connection.ts'
import { certificateRevoked, closedByServer, noFilterChain, plaintext, tlsFailed } from './handshake.ts'
import { accessDenied, denied, dryRun, notAllowed, policyChanged } from './policy.ts'
import { tokenRefused } from './token.ts'

export function accountOf(refusal: Refusal, at: Situation): Account {
  switch (refusal.kind) {
    case 'denied':
      return denied(refusal, at)
    case 'not-allowed':
      return notAllowed(at)
    case 'access-denied':
      return accessDenied(at)
    case 'plaintext':
      return plaintext(refusal, at)
    case 'authorizer-unusable':
      return authorizerUnusable(refusal, at)
    case 'authorizer-denied':
      return authorizerDenied(at)
    case 'authorizer-failed':
      return authorizerFailed(at)
    case 'authorizer-asked':
      return authorizerAsked(refusal, at)
    case 'token':
      return tokenRefused(refusal, at)
    case 'no-filter-chain':
      return noFilterChain(at)
    case 'tls':
      return tlsFailed(refusal, at)
    case 'closed-by-server':
      return closedByServer(at)
    case 'unreachable':
      return unreachable(refusal, at)
    case 'not-http':
      return notHttp(at)
    case 'no-route':
      return noRoute(at)
    case 'no-endpoint':
      return noEndpoint(at)
    case 'egress-blocked':
      return egressBlocked(at)
    case 'refused-behind':
      return refusedBehind(refusal, at)
    case 'tunnel-refused':
      return tunnelRefused(refusal, at)
    case 'tunnel-blocked':
      return tunnelBlocked(at)
    case 'policy-changed':
      return policyChanged(at)
    case 'certificate-revoked':
      return certificateRevoked(at)
    case 'no-identity':
      return noIdentity(refusal, at)
    case 'unknown-workload':
      return unknownWorkload(refusal, at)
    case 'connection-reset':
      return connectionReset(at)
    case 'dry-run':
      return dryRun(refusal, at)
    case 'client-gone':
      return clientGone(at)
    default:
      return never(refusal)
  }
}
