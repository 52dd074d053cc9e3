// A JSON value as block YAML, and at once the tree of that text: what the API server holds gets places without being parsed again.
import { plain } from './edit.ts'
import type { Entry, Mapping, Node, Scalar, Sequence, Span } from './tree.ts'

export interface WrittenYaml {
  readonly text: string
  readonly root: Node
}

/** Fields stand in the order of the value. The same value gives the same text. */
export function writeYaml(value: unknown): WrittenYaml {
  const writer = new Writer()
  const root = writer.node(value, 0)
  // Of the objects of a cluster mostly the places are wanted, and never the text.
  return {
    root,
    get text() {
      return `${writer.text}\n`
    },
  }
}

class Writer {
  private readonly pieces: string[] = []
  private length = 0

  get text(): string {
    return this.pieces.join('')
  }

  /** Stands where it begins; what is no scalar begins a line, or follows a dash. */
  node(value: unknown, indent: number): Node {
    if (Array.isArray(value)) return this.sequence(value, indent)
    if (value !== null && typeof value === 'object') return this.mapping(value, indent)
    return this.scalar(value)
  }

  private mapping(value: object, indent: number): Mapping {
    const start = this.length
    const fields = Object.entries(value).filter(([, each]) => each !== undefined)
    if (fields.length === 0) return { kind: 'mapping', entries: [], flow: true, span: this.put('{}') }
    const entries: Entry[] = []
    for (const [name, each] of fields) {
      if (entries.length > 0) this.line(indent)
      const key = this.scalar(name)
      this.put(':')
      const held = this.below(each, indent + 2)
      entries.push({ key, value: held, span: { start: key.span.start, end: held.span.end } })
    }
    return { kind: 'mapping', entries, flow: false, span: { start, end: this.length } }
  }

  private sequence(values: readonly unknown[], indent: number): Sequence {
    const start = this.length
    if (values.length === 0) return { kind: 'sequence', items: [], flow: true, span: this.put('[]') }
    const items: Node[] = []
    for (const each of values) {
      if (items.length > 0) this.line(indent)
      this.put('- ')
      items.push(this.node(each, indent + 2))
    }
    return { kind: 'sequence', items, flow: false, span: { start, end: this.length } }
  }

  /** Behind a key: on its line, or on lines of its own. */
  private below(value: unknown, indent: number): Node {
    if (isEmpty(value)) this.put(' ')
    else this.line(indent)
    return this.node(value, indent)
  }

  private scalar(value: unknown): Scalar {
    const known = isScalar(value) ? value : null
    const written = typeof known === 'string' ? quotedIfNeeded(known) : String(known)
    const span = this.put(written)
    return { kind: 'scalar', value: known, text: String(known), quoted: written.startsWith('"'), span }
  }

  private line(indent: number): void {
    this.put(`\n${' '.repeat(indent)}`)
  }

  private put(text: string): Span {
    const start = this.length
    this.pieces.push(text)
    this.length += text.length
    return { start, end: this.length }
  }
}

function isScalar(value: unknown): value is Scalar['value'] {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** What stands on the line of its key. */
function isEmpty(value: unknown): boolean {
  return value === null || typeof value !== 'object' || Object.values(value).every(each => each === undefined)
}

// YAML 1.1 breaks lines at some of them; others reorder or hide what stands around them.
const unsafe = /[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g
const date = /^\d{4}-\d/

function quotedIfNeeded(text: string): string {
  const written = date.test(text) ? JSON.stringify(text) : plain(text)
  return written.replace(unsafe, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
