// A case of a policy test, read: what is asked of a mesh, and what must come out.

import type { HttpRequest } from '../decide/authorization/connection.ts'
import type { Located, Span } from '../yaml/tree.ts'

/** One connection or request, with names as they are written; what is absent is as `connectionOf` says. */
export interface Question {
  readonly from: Source
  readonly ip?: string
  readonly remoteIp?: string
  readonly to: Target
  /** Absent: a TCP connection. */
  readonly request?: HttpRequest
  readonly provider?: Verdict
  readonly sni?: string
}

export type Verdict = 'allow' | 'deny'

export type Source =
  /** `namespace/name`. */
  | { readonly workload: Located<string> }
  /** A SPIFFE ID without `spiffe://`. */
  | { readonly principal: Located<string> }
  | { readonly plaintext: true }

export interface Target {
  /** `namespace/name`. */
  readonly workload: Located<string>
  readonly port?: number
  readonly ip?: string
  /** `namespace/name`. */
  readonly service?: Located<string>
}

export interface Expectation {
  readonly decision: Verdict
  readonly status?: number
  readonly by?: ExpectedDecider
}

export type ExpectedDecider =
  | 'none'
  | { readonly policy: Located<string>; readonly rule?: Located<number> }
  | { readonly published: Located<string> }

export type TestCase = {
  readonly name: string
  /** The case as it is written. */
  readonly span: Span
} & (
  | { readonly is: 'ready'; readonly question: Question; readonly expectation: Expectation }
  /** With the reason that its author gives. */
  | { readonly is: 'skipped'; readonly reason: string }
  | { readonly is: 'broken'; readonly problems: readonly TestProblem[] }
)

export interface TestProblem {
  /** `ignored`: the case is run without what is written there. */
  readonly is: 'broken' | 'ignored'
  readonly span: Span
  readonly message: string
  /** What was meant by the text there. */
  readonly meant?: string
}

/** One document `kind: AuthorizationTest`. */
export interface PolicyTest {
  /** Paths relative to the file; absent: the workspace folder. */
  readonly mesh?: readonly Located<string>[]
  readonly cases: readonly TestCase[]
  /** Of the whole document, those of its cases included. */
  readonly problems: readonly TestProblem[]
}
