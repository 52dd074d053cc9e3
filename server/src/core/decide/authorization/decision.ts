// What is answered: whether the connection is let in, by which proxy and which rule, and what of the others did not match.
import type { AuthorizationAction, AuthorizationPolicy } from '../../istio/resources.ts'

export type Enforcer = 'sidecar' | 'ztunnel' | 'waypoint' | 'gateway' | 'none'

export interface Decision {
  readonly decision: 'allow' | 'deny' | 'unknown'
  /**
   * Of HTTP: 200 where the request reaches the workload, 400 where Envoy cannot take it for HTTP. Absent for connections, for those that
   * end before HTTP, and where two refusals are possible.
   */
  readonly status?: 200 | 400 | 401 | 403
  readonly enforcer: Enforcer
  /** What ended the evaluation. */
  readonly layer: Layer
  /** The rule that decided; absent where the absence of one did. */
  readonly by?: Decider
  /** One sentence, and why the caller speaks plaintext where that is not asked. Of `unknown`: the facts that are missing. */
  readonly reason: string
  /** Every rule of every policy in force at this proxy, in the order of evaluation; then policies that it does not get, though they select the workload. */
  readonly steps: readonly Step[]
}

/**
 * `tls`: the handshake; `peerauthentication`: plaintext to STRICT; `http`: no request that Envoy understands; `ext_authz`: the provider
 * of a CUSTOM policy; `none`: no policy decided.
 */
export type Layer = 'tls' | 'peerauthentication' | 'http' | 'ext_authz' | 'jwt' | 'rbac' | 'ztunnel' | 'none'

export type Decider =
  | { readonly policy: AuthorizationPolicy; readonly rule: number }
  /** A policy that istiod itself makes for ztunnel: `istio-system/istio_converted_static_strict`. */
  | { readonly published: string }

/** The steps are put together when somebody reads them: where thousands of rules are in force, to decide takes a few of them. */
export function decisionWith(outcome: Omit<Decision, 'steps'>, together: () => readonly Step[]): Decision {
  let steps: readonly Step[] | undefined
  return {
    ...outcome,
    get steps() {
      steps ??= together()
      return steps
    },
  }
}

export type Step = Judged & (OfPolicy | { readonly published: string })

interface OfPolicy {
  readonly policy: AuthorizationPolicy
  /** Of the policy's rules; absent for a policy without rules, and for one that the proxy does not get. */
  readonly rule?: number
}

interface Judged {
  readonly action: AuthorizationAction
  readonly matched: 'yes' | 'no' | 'unknown'
  /** The first thing that did not match, or is not known: `method POST is not in [GET]`. Of a match what matched. */
  readonly because: string
  /** Only watched: the annotation `istio.io/dry-run`. */
  readonly dryRun: boolean
}
