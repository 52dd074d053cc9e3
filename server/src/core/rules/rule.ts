// What a rule is: one file, one idea, with its documentation and its examples beside the check.
import type { SourceDocument } from '../istio/file.ts'
import type { Kind, ResourceOf } from '../istio/resources.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Located, Span } from '../yaml/tree.ts'

export type Severity = 'error' | 'warning' | 'info' | 'hint'

/** What Istio does with this defect when the object is applied. */
export type IstioVerdict = 'rejects' | 'warns' | 'accepts'

interface About {
  /** Kebab-case words, two at least; the name of the file. */
  readonly id: string
  readonly severity: Severity
  readonly istio: IstioVerdict
  /** One sentence: what is wrong. */
  readonly summary: string
  /** What follows from it. */
  readonly why: string
  /** Names of the same defect in istioctl (IST…) and Kiali (KIA…). */
  readonly codes: readonly string[]
  /** Examples that are documentation and tests: each bad one has the finding, no good one has. */
  readonly bad: string
  readonly good: string
}

/** Reads one resource and asks the mesh about the rest. */
export interface Rule<K extends Kind> extends About {
  readonly on: K
  check(resource: ResourceOf<K>, mesh: Mesh): Iterable<Problem>
}

/** Reads the document as it is written. */
export interface DocumentRule extends About {
  readonly on: 'document'
  check(document: SourceDocument): Iterable<Problem>
}

export type AnyRule = DocumentRule | { readonly [K in Kind]: Rule<K> }[Kind]

export interface Problem {
  readonly span: Span
  readonly message: string
  readonly fixes: readonly Fix[]
  readonly related: readonly Related[]
}

export interface Fix {
  readonly title: string
  readonly changes: readonly Change[]
}

/** A scalar gets a new value (quotes stay as written), or a span gets new text. */
export type Change = { readonly span: Span; readonly scalar: string } | { readonly span: Span; readonly text: string }

export interface Related {
  readonly message: string
  readonly uri: string
  readonly span: Span
}

/** Places a message on a value, with the fixes that make it right. */
export function problem(where: Located<unknown> | Span, message: string, ...fixes: readonly Fix[]): Problem {
  return { span: 'span' in where ? where.span : where, message, fixes, related: [] }
}

export function fix(title: string, ...changes: readonly Change[]): Fix {
  return { title, changes }
}

/** "Use …" for the one replacement that is right. */
export function replacement(where: Located<unknown> | Span, value: string): Fix {
  return fix(`Use "${value}"`, { span: 'span' in where ? where.span : where, scalar: value })
}
