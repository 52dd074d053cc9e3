// What is answered of everybody who may call.
import type { Identity } from './identities.ts'
import type { Outcome } from './outcome.ts'

export interface Callers {
  /** By principal. Those that the same rules concern share one outcome. */
  readonly callers: readonly CallerAccess[]
  /** Any identity of the mesh's trust domain that is not among `callers`. */
  readonly others: Outcome
  /** Any identity of another trust domain that the mesh accepts. */
  readonly foreign: readonly { readonly trustDomain: string; readonly outcome: Outcome }[]
  readonly plaintext: Plaintext
  /** Whether a token that is sent must be valid, whatever the policies say. */
  readonly checksTokens: boolean
}

export interface CallerAccess {
  readonly identity: Identity
  readonly outcome: Outcome
}

export interface Plaintext {
  /** `shop/legacy`: who has no proxy, and so can only call in plaintext. */
  readonly workloads: readonly string[]
  readonly outcome: Outcome
}
