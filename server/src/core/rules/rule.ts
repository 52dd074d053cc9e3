// What a rule is: one file, one idea, with its documentation and its examples beside the check.
import type { SourceDocument, SourceFile } from '../istio/file.ts'
import type { Kind, ResourceOf } from '../istio/resources.ts'
import type { Schema, ValueKind } from '../istio/schema/schema.ts'
import type { Visit } from '../istio/schema/walk.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Span } from '../yaml/tree.ts'

export type Severity = 'error' | 'warning' | 'info' | 'hint'

/** What Istio does with this defect when the object is applied. */
export type IstioVerdict = 'rejects' | 'warns' | 'accepts'

/**
 * Who looks at an object before it is stored. `webhook`: Istio's validation. `crd`: the API server by the CRD's schema and CEL rules, unknown
 * fields included. `strict`: the strict decoding of `istioctl validate`. `metadata`: the API server's check of names, labels and annotations.
 */
export type Judge = 'webhook' | 'crd' | 'strict' | 'metadata'

/** `warns` is the webhook's; a list names who refuses. */
export type Judgement = 'accepts' | 'warns' | readonly [Judge, ...Judge[]]

interface About {
  /** Kebab-case words, two at least; the name of the file. */
  readonly id: string
  readonly severity: Severity
  readonly istio: Judgement
  /** One sentence: what is wrong. */
  readonly summary: string
  /** What follows from it. */
  readonly why: string
  /** Names of the same defect elsewhere. IST0106 (the webhook rejects) and IST0133 (it warns) follow from `istio`. */
  readonly codes: readonly string[]
  /** Examples that are documentation and tests: each bad one has the finding, no good one has. */
  readonly bad: string
  readonly good: string
}

/** Reads one resource, of one kind or of several, and asks the mesh about the rest. */
export interface Rule<K extends Kind> extends About {
  readonly on: K | readonly K[]
  check(resource: ResourceOf<K>, mesh: Mesh): Iterable<Problem>
}

/** Reads the document as it is written, among the others of its file, and asks the mesh about the rest. */
export interface DocumentRule extends About {
  readonly on: 'document'
  check(document: SourceDocument, file: SourceFile, mesh: Mesh): Iterable<Problem>
}

/** Reads values by their schema. Not asked about placeholders, nor about values of another type than the schema's. */
export interface SchemaRule extends About {
  readonly on: 'schema'
  /** The schemas (one of `core/istio/schema`, or what a string stands for) whose values it reads; absent: all. */
  readonly of?: readonly (Schema | ValueKind)[]
  /** Judges every entry of a map by itself, so it is asked about maps too of which a template or a patch shows only a part. */
  readonly entrywise?: true
  check(visit: Visit, mesh: Mesh): Iterable<Problem>
}

export type AnyRule = DocumentRule | SchemaRule | Rule<Kind>

export interface Problem {
  readonly span: Span
  readonly message: string
  readonly fixes: readonly Fix[]
  readonly related: readonly Related[]
  /** Where this one is judged otherwise than the rule in general. */
  readonly istio?: Judgement
}

export interface Fix {
  readonly title: string
  readonly changes: readonly Change[]
}

/** A scalar gets a new value (quotes stay as written), a span gets new text, or a key of a block gets a line of its own before it. */
export type Change =
  | { readonly span: Span; readonly scalar: string }
  | { readonly span: Span; readonly text: string }
  | { readonly before: Span; readonly line: string }

export interface Related {
  readonly message: string
  readonly uri: string
  readonly span: Span
}

/** Anything that was written somewhere: a node, an entry, a value. */
type Placed = { readonly span: Span }

/** Places a message on a value, with the fixes that make it right. */
export function problem(where: Placed | Span, message: string, ...fixes: readonly Fix[]): Problem {
  return { span: 'span' in where ? where.span : where, message, fixes, related: [] }
}

export function fix(title: string, ...changes: readonly Change[]): Fix {
  return { title, changes }
}

/** "Use …" for the one replacement that is right. */
export function replacement(where: Placed | Span, value: string): Fix {
  return fix(`Use "${value}"`, { span: 'span' in where ? where.span : where, scalar: value })
}

/** The same finding, judged otherwise than its rule in general. */
export function judged(by: Judgement, found: Problem): Problem {
  return { ...found, istio: by }
}
