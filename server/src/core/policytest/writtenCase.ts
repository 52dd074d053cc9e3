// A case as plain data: what a policy-test file says, and what editors and scripts ask with.
import type { Token } from '../decide/authorization/connection.ts'
import type { Verdict } from './question.ts'

/** The part of a case that asks. `authorizationTest` of the schema says what each field means. */
export interface WrittenCase {
  readonly from: { readonly workload: string } | { readonly principal: string } | { readonly plaintext: true }
  readonly ip?: string
  readonly remoteIp?: string
  readonly to: WrittenTarget
  readonly request?: WrittenRequest
  readonly jwt?: WrittenToken
  readonly provider?: Verdict
  readonly sni?: string
}

export interface WrittenTarget {
  readonly workload: string
  readonly port?: number
  readonly ip?: string
  readonly service?: string
}

export interface WrittenRequest {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

export interface WrittenToken extends Pick<Token, 'in' | 'invalid'> {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: unknown
  readonly azp?: unknown
  readonly claims?: Readonly<Record<string, unknown>>
}
