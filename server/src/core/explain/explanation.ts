// What is answered: what a line of a log tells, who refused, which policy, what it means and what to do.
import type { Decision, Enforcer } from '../decide/authorization/decision.ts'
import type { AuthorizationPolicy, PeerAuthentication, RequestAuthentication } from '../istio/resources.ts'
import type { ProxyKind } from '../mesh/enrolment.ts'
import type { Presence } from '../mesh/mesh.ts'
import type { Refusal } from './refusal.ts'

export interface Explained {
  /** Each refusal once, in the order in which they come; where none is found, one that says so. */
  readonly explanations: readonly Explanation[]
  readonly entries: {
    readonly refused: number
    /** That tell of a connection or request that nobody refused. */
    readonly passed: number
    readonly unrecognised: number
  }
}

export interface Explanation {
  /** `none`: only lines that tell of no refusal. `unrecognised`: nothing that is understood. */
  readonly kind: Refusal['kind'] | 'none' | 'unrecognised'
  /** How many connections or requests the text tells this of. */
  readonly count: number
  /** The first of its lines, from 0. */
  readonly line: number
  /** As it stands there, clipped. */
  readonly text: string
  /** One sentence. */
  readonly happened: string
  /** Who refused. `proxy`: an Envoy of which no more is known. `none`: nobody. `unknown`: the line does not tell. */
  readonly refusedBy: Enforcer | 'proxy' | 'unknown'
  /** Those that refused, or did not allow. */
  readonly policies: readonly NamedPolicy[]
  readonly client?: Party
  readonly server?: Party
  /** Different ones, `GET /cart`; at most five. */
  readonly requests: readonly string[]
  /** Sentences. */
  readonly means: readonly string[]
  /** What to do, the likeliest first. Empty where nothing has to be done. */
  readonly repair: readonly string[]
  /** What the known policies decide about the same connection; absent where the line tells too little. */
  readonly decision?: Decision
  /** Rules of ALLOW policies of which all but one condition hold. */
  readonly nearMisses: readonly NearMiss[]
}

export interface NamedPolicy {
  readonly kind: 'AuthorizationPolicy' | 'PeerAuthentication' | 'RequestAuthentication'
  readonly namespace: string
  readonly name: string
  readonly rule?: number
  readonly presence: Presence
  /** Where it is known. */
  readonly policy?: AuthorizationPolicy | PeerAuthentication | RequestAuthentication
}

export interface Party {
  /** `shop/checkout-1`, a pod or WorkloadEntry; absent where nothing known has the address. */
  readonly name?: string
  /** `shop/checkout`: what makes the pod. */
  readonly workload?: string
  readonly proxy?: ProxyKind
  readonly ip?: string
  readonly port?: number
  /** Without `spiffe://`. */
  readonly identity?: string
  /** That was called: `checkout.shop.svc.cluster.local`. */
  readonly host?: string
}

export interface NearMiss {
  readonly policy: AuthorizationPolicy
  readonly rule: number
  /** The clause that does not hold. */
  readonly clause: 'from' | 'to' | 'when'
  /** `method POST is not in [GET]` */
  readonly because: string
}
