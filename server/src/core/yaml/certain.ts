// What of a document stays true whatever a template or a patch makes of the rest of it.
import { documentAround } from './cursor.ts'
import { lineStartOf } from './lines.ts'
import { type Expression, expressionsIn } from './template.ts'
import type { Entry, Mapping, Node, Scalar, Span } from './tree.ts'

export interface Certain {
  /** Without the entries, items and values that are not certain to stand where they seem to. */
  readonly root: Node | undefined
  /** Whether nothing can be added to a value or taken from it. Scalars are whole. */
  isWhole(node: Node): boolean
}

/** Of a part of an object, as patches are: more may stand beside everything in it. */
export function certainOfPart(root: Node | undefined): Certain {
  return { root, isWhole: ({ kind }) => kind === 'scalar' }
}

/** Of a document of a Go template; `text` is the file. */
export function certainOfTemplate(root: Node | undefined, text: string): Certain {
  if (!root) return nothing
  const { start, end } = documentAround(text, root.span.start)
  const expressions = expressionsIn(text.slice(start, end))
  return expressions ? new TemplateReader(text.slice(0, end), start, expressions, root) : nothing
}

const nothing: Certain = { root: undefined, isWhole: () => false }

/** What stands between an opening and a closing expression: it is there only together with what stands in the blocks around it. */
interface Block {
  readonly around?: Block
}

class TemplateReader implements Certain {
  readonly root: Node | undefined
  private readonly text: string
  private readonly start: number
  private readonly expressions: readonly Expression[]
  /** Blank where expressions and comments stand. */
  private readonly written: string
  private readonly blocks: readonly Block[]
  /** Where the text begins that an expression or one of those behind it changes. */
  private readonly reaches: readonly number[]
  /** First characters of lines that may belong to what an expression above them writes. */
  private readonly adrift: ReadonlySet<number>
  private readonly whole = new WeakSet<Node>()

  constructor(text: string, start: number, expressions: readonly Expression[], root: Node) {
    this.text = text
    this.start = start
    this.expressions = expressions.map(each => ({ ...each, start: each.start + start, end: each.end + start }))
    this.written = withoutComments(blanked(text, this.expressions), start)
    this.blocks = blocksBehind(this.expressions)
    this.reaches = this.reachesOfAll()
    this.adrift = this.linesAdrift()
    this.root = this.reduce(root, start, undefined)
  }

  isWhole(node: Node): boolean {
    return node.kind === 'scalar' || this.whole.has(node)
  }

  /** The certain part of a value that stands behind `from`, whose key is in a block. */
  private reduce(node: Node, from: number, block: Block | undefined): Node | undefined {
    if (node.kind === 'scalar') return this.isCertain(node.span, from, block) ? node : unknown(node)
    const kept = node.kind === 'mapping' ? this.reduceMapping(node, block) : this.reduceSequence(node.items, block)
    const reduced = node.kind === 'mapping' ? { ...node, entries: kept.mappings } : { ...node, items: kept.items }
    if (kept.isAll && this.isClosed(node, from)) this.whole.add(reduced)
    return reduced
  }

  private reduceMapping({ entries, span }: Mapping, block: Block | undefined) {
    if (isContested(entries)) return { mappings: [], items: [], isAll: false }
    let isAll = true
    const mappings = entries.flatMap((entry): readonly Entry[] => {
      const { key, value } = entry
      const inside = this.blockAt(key.span.start)
      // What an alias or a merge repeats stands elsewhere.
      if (!within(key.span, span) || !this.isCertain(key.span, key.span.start, block)) {
        isAll = false
        return []
      }
      const reduced = value && this.reduce(value, key.span.end, inside)
      if (reduced && !this.isWhole(reduced)) isAll = false
      return [{ ...entry, ...(reduced ? { value: reduced } : {}) }]
    })
    return { mappings, items: [], isAll }
  }

  private reduceSequence(all: readonly (Node | undefined)[], block: Block | undefined) {
    let isAll = true
    const items = all.flatMap(item => {
      const stands = item && this.isPlaced(item.span.start, block) && this.isUntouched(this.lineStart(item.span.start), item.span.start)
      const reduced = stands ? this.reduce(item, this.wordBefore(item.span.start), this.blockAt(item.span.start)) : undefined
      if (!reduced || !this.isWhole(reduced)) isAll = false
      return reduced ? [reduced] : []
    })
    return { mappings: [], items, isAll }
  }

  private isCertain(span: Span, from: number, block: Block | undefined): boolean {
    const begin = Math.min(from, this.lineStart(span.start))
    return this.text[span.start] !== '*' && this.isUntouched(begin, span.end) && this.isPlaced(span.start, block)
  }

  private isPlaced(offset: number, block: Block | undefined): boolean {
    const start = this.lineStart(offset)
    const first = start + this.written.slice(start, this.written.length).search(/\S/)
    return !this.adrift.has(first) && isInside(this.blockAt(offset), block)
  }

  private isUntouched(start: number, end: number): boolean {
    return (this.reaches[this.passedAt(start)] ?? end) >= end
  }

  private reachesOfAll(): readonly number[] {
    const reaches: number[] = []
    let least = Number.POSITIVE_INFINITY
    for (const each of this.expressions.toReversed()) {
      least = Math.min(least, this.reachOf(each))
      reaches.push(least)
    }
    return reaches.reverse()
  }

  /** Where the text begins that an expression changes: `{{-` joins what it writes to the word before. */
  private reachOf({ start, end, trimsBefore, does, ownLines }: Expression): number {
    const isAlone = this.text.slice(this.lineStart(start), start).trim() === '' && /^[ \t\r]*(?:\n|$)/.test(this.text.slice(end, end + 200))
    if (!trimsBefore || (does === 'write' ? ownLines : isAlone)) return start
    return Math.max(this.wordBefore(start) - 1, 0)
  }

  /** Whether no expression stands inside, before or behind a collection where it could add to it. */
  private isClosed(node: Node, from: number): boolean {
    const { start, end } = node.span
    const isRoot = from === this.start
    const next = end + (/^(?:\s|(?<=\s)#[^\n]*)*/.exec(this.written.slice(end))?.[0].length ?? 0)
    const column = start - this.lineStart(start)
    return this.expressions.slice(this.passedAt(from), this.passedAt(next)).every(each => {
      const adds = each.does === 'write' && (each.indent === undefined || !each.ownLines || each.indent >= column)
      if (each.end <= start) return isRoot && each.does !== 'write'
      return each.start >= Math.min(end, this.wordBefore(end)) && !adds
    })
  }

  private wordBefore(offset: number): number {
    return this.written.slice(0, offset).trimEnd().length
  }

  private blockAt(offset: number): Block {
    return this.blocks[this.passedAt(offset)] ?? {}
  }

  /** How many expressions end at or before an offset. */
  private passedAt(offset: number): number {
    let low = 0
    let high = this.expressions.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.expressions[middle]?.end ?? offset) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }

  private lineStart(offset: number): number {
    return lineStartOf(this.text, offset)
  }

  private linesAdrift(): ReadonlySet<number> {
    const adrift = new Set<number>()
    /** The least column at which an expression above may have written something that is still open. */
    let open = Number.POSITIVE_INFINITY
    let passed = 0
    let isFirst = true
    let joined = false
    for (const { index, 0: word } of this.written.matchAll(/(?<=^[^\S\n]*)\S(?:--|.)?/gm)) {
      if (index < this.start || word === '---') continue
      const column = index - this.lineStart(index)
      const reached = this.passedAt(index)
      for (const each of this.expressions.slice(passed, reached)) {
        if (each.does === 'write') open = Math.min(open, this.columnOf(each))
        joined ||= !isFirst && each.trimsAfter && !this.keepsColumn(each, column)
      }
      passed = reached
      isFirst = false
      const isItem = word === '-' || /^-\s/.test(word)
      if (column < open || (column === open && !isItem)) open = Number.POSITIVE_INFINITY
      if (joined || open < Number.POSITIVE_INFINITY) adrift.add(index)
    }
    return adrift
  }

  /** The column of what an expression writes; what has a line of its own and no `indent` may begin anywhere. */
  private columnOf({ start, end, indent }: Expression): number {
    if (indent !== undefined) return indent
    const before = this.written.slice(this.lineStart(start), start)
    const isAlone = before.trim() === '' && /^[^\S\n]*(?:#|\n|$)/.test(this.written.slice(end, end + 1000))
    return isAlone ? 0 : (/^[\s-]*/.exec(before)?.[0].length ?? 0)
  }

  /** `  {{ end -}}` above a line of the same column moves nothing. */
  private keepsColumn({ start, trimsBefore, does }: Expression, column: number): boolean {
    const line = this.text.slice(this.lineStart(start), start)
    return does !== 'write' && !trimsBefore && line.trim() === '' && line.length === column
  }
}

/** The block behind each number of expressions. What closes or parts a block opened before the document leads to one that is not known. */
function blocksBehind(expressions: readonly Expression[]): readonly Block[] {
  const blocks: Block[] = [{}]
  for (const { does } of expressions) {
    const here = blocks.at(-1) ?? {}
    if (does === 'open') blocks.push({ around: here })
    else if (does === 'other') blocks.push(here.around ? { around: here.around } : {})
    else blocks.push(does === 'close' ? (here.around ?? {}) : here)
  }
  return blocks
}

function isInside(block: Block, outer: Block | undefined): boolean {
  return outer === undefined || block === outer || (block.around !== undefined && isInside(block.around, outer))
}

/** Which kind it is depends on the template. Versions of a group are alike. */
function isContested(entries: readonly Entry[]): boolean {
  const values = (name: string) => entries.flatMap(({ key, value }) => (key.text === name && value?.kind === 'scalar' ? value.text : []))
  const groups = values('apiVersion').map(version => version.split('/')[0])
  return new Set(values('kind')).size > 1 || new Set(groups).size > 1
}

function within(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

/** A value that nothing is said of. */
function unknown(scalar: Scalar): Scalar {
  return { ...scalar, value: '{{ }}', text: '{{ }}' }
}

function blanked(text: string, spans: readonly Span[]): string {
  let result = ''
  let at = 0
  for (const { start, end } of spans) {
    result += text.slice(at, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, ' ')
    at = end
  }
  return result + text.slice(at)
}

function withoutComments(text: string, from: number): string {
  return text.slice(0, from) + text.slice(from).replaceAll(/^[ \t]*#[^\n]*/gm, line => ' '.repeat(line.length))
}
