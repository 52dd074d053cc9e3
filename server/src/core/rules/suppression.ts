// `# istio-security: ignore <rule-id> <reason>`: above a line it silences that rule there, at the top of a document in all of it.
import type { SourceDocument, SourceFile } from '../istio/file.ts'
import type { Span } from '../yaml/tree.ts'

export interface Suppression {
  readonly rule: string
  /** The comment itself, from `#` to the end of the line. */
  readonly span: Span
  readonly covers: (finding: { readonly rule: string; readonly span: Span }) => boolean
}

const comment = /^([ \t]*)#[ \t]*istio-security:[ \t]*ignore[ \t]+([a-z][a-z0-9-]*)[^\n]*$/gm

export function suppressionsOf(file: SourceFile): readonly Suppression[] {
  const matches = [...file.text.matchAll(comment)]
  if (matches.length === 0) return []
  const heads = file.documents.flatMap(document => headOf(file, document) ?? [])
  return matches.map(match => {
    const [text, indent = '', rule = ''] = match
    const span = { start: match.index + indent.length, end: match.index + text.trimEnd().length }
    const { line } = file.lines.position(span.start)
    const top = heads.find(({ from, to }) => from <= line && line < to)?.document.span
    const { start, end } = top ?? lineBelow(file, line)
    return { rule, span, covers: finding => finding.rule === rule && start <= finding.span.start && finding.span.start <= end }
  })
}

interface Head {
  readonly document: SourceDocument
  /** Lines, the second one excluded. */
  readonly from: number
  readonly to: number
}

/** The comments, blanks and marker directly above the first words of a document. */
function headOf(file: SourceFile, document: SourceDocument): Head | undefined {
  if (!document.root) return undefined
  const to = file.lines.position(document.root.span.start).line
  let from = to
  while (from > 0 && /^\s*(#.*|---.*)?$/.test(file.lines.line(from - 1))) from--
  return { document, from, to }
}

/** The first line below that is no comment. */
function lineBelow({ lines }: SourceFile, line: number): Span {
  let next = line + 1
  while (next < lines.count && /^\s*#/.test(lines.line(next))) next++
  const start = lines.offset({ line: next, character: 0 })
  return { start, end: start + lines.line(next).length }
}
