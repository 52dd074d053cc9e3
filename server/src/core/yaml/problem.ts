import type { Span } from './tree.ts'

/** Something in the text that keeps it, or part of it, from being read. */
export interface YamlProblem {
  /** The library's code for a syntax error, `DUPLICATE_KEY` for a repeated key, or one of ours for what only Kubernetes' reader refuses. */
  readonly code: string
  readonly detail: string
  readonly span: Span
}

/** The code of a document that was not read because of its length. */
export const tooLong = 'TOO_LONG'
