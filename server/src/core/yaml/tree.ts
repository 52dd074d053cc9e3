// The tree every reader works on: values that remember where they were written. No node of the YAML library leaves this folder.

/** Half-open range of UTF-16 offsets in the text of the file. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A value and where it was written. */
export interface Located<T> {
  readonly value: T
  readonly span: Span
}

export type Node = Scalar | Mapping | Sequence

export interface Scalar {
  readonly kind: 'scalar'
  /** As Kubernetes' YAML 1.1 reader understands it: unquoted `y` is true, `010` is 8. */
  readonly value: string | number | boolean | null
  /** As written, quotes removed. */
  readonly text: string
  readonly quoted: boolean
  /** Stands before the value where somebody wrote one: `!!bool`. */
  readonly tag?: string
  readonly span: Span
}

export interface Mapping {
  readonly kind: 'mapping'
  readonly entries: readonly Entry[]
  readonly flow: boolean
  readonly span: Span
}

export interface Entry {
  readonly key: Scalar
  /** Absent where nothing is written after the colon: null to Kubernetes. */
  readonly value?: Node
  /** From the start of the key to the end of the value. */
  readonly span: Span
}

export interface Sequence {
  readonly kind: 'sequence'
  /** A dash with nothing behind it is a null; `undefined` for what is nested too deeply to be read. */
  readonly items: readonly (Node | undefined)[]
  readonly flow: boolean
  readonly span: Span
}

/** Keys and indexes from the root of a document. */
export type Path = readonly (string | number)[]

/** The span of what was never written: objects from the cluster. */
export const live: Span = { start: -1, end: -1 }

/** The value of a key; the last one wins where a key is repeated, as in Kubernetes' reader. */
export function get(node: Node | undefined, key: string): Node | undefined {
  return entry(node, key)?.value
}

export function entry(node: Node | undefined, key: string): Entry | undefined {
  if (node?.kind !== 'mapping') return undefined
  const { entries } = node
  for (let index = entries.length - 1; index >= 0; index--) if (entries[index]?.key.text === key) return entries[index]
  return undefined
}

/** What stands at a path, or undefined. */
export function at(node: Node | undefined, path: Path): Node | undefined {
  let here = node
  for (const step of path) {
    if (typeof step === 'string') here = get(here, step)
    else here = here?.kind === 'sequence' ? here.items[step] : undefined
  }
  return here
}

/** A string scalar with its place; numbers and booleans are not strings to Kubernetes, so they are not here either. */
export function stringAt(node: Node | undefined, ...path: (string | number)[]): Located<string> | undefined {
  const found = at(node, path)
  if (found?.kind !== 'scalar' || typeof found.value !== 'string') return undefined
  return { value: found.value, span: found.span }
}

export function itemsAt(node: Node | undefined, ...path: (string | number)[]): readonly (Node | undefined)[] {
  const found = at(node, path)
  return found?.kind === 'sequence' ? found.items : []
}

export function stringsAt(node: Node | undefined, ...path: (string | number)[]): readonly Located<string>[] {
  return itemsAt(node, ...path).flatMap(item => stringAt(item) ?? [])
}

export function entriesAt(node: Node | undefined, ...path: (string | number)[]): readonly Entry[] {
  const found = at(node, path)
  return found?.kind === 'mapping' ? found.entries : []
}

/** A JSON value (an object of the cluster) as a tree without places. */
export function fromJson(value: unknown): Node | undefined {
  if (value === undefined) return undefined
  if (Array.isArray(value)) return { kind: 'sequence', items: value.map(fromJson), flow: true, span: live }
  if (value !== null && typeof value === 'object') {
    // Every event of a cluster comes through here.
    const entries: Entry[] = []
    for (const key of Object.keys(value)) {
      const node = fromJson((value as Readonly<Record<string, unknown>>)[key])
      if (node) entries.push({ key: scalar(key), value: node, span: live })
    }
    return { kind: 'mapping', entries, flow: true, span: live }
  }
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return scalar(value)
  return undefined
}

function scalar(value: string | number | boolean | null): Scalar {
  return { kind: 'scalar', value, text: String(value), quoted: typeof value === 'string', span: live }
}
