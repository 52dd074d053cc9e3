// `# istio-security: ignore <rule-id> <reason>`: above a line it silences that rule there, at the top of a document in all of it.
import type { SourceFile } from '../istio/file.ts'
import type { Span } from '../yaml/tree.ts'

export interface Suppression {
  readonly rule: string
  /** The comment itself, from `#` to the end of the line. */
  readonly span: Span
  readonly covers: (finding: { readonly rule: string; readonly span: Span }) => boolean
}

const comment = /^([ \t]*)#[ \t]*istio-security:[ \t]*ignore[ \t]+([a-z][a-z0-9-]*)[^\n]*$/gm

export function suppressionsOf(file: SourceFile): readonly Suppression[] {
  return [...file.text.matchAll(comment)].map(match => {
    const [text, indent = '', rule = ''] = match
    const span = { start: match.index + indent.length, end: match.index + text.trimEnd().length }
    const { line } = file.lines.position(span.start)
    const top = documentBelow(file, line)
    return {
      rule,
      span,
      covers: finding => {
        if (finding.rule !== rule) return false
        if (top) return top.start <= finding.span.start && finding.span.start <= top.end
        return file.lines.position(finding.span.start).line === nextLine(file, line)
      },
    }
  })
}

/** The document whose first words follow this line, if nothing but comments, blanks and its marker stand between. */
function documentBelow(file: SourceFile, line: number): Span | undefined {
  const document = file.documents.find(each => {
    const first = each.root ? file.lines.position(each.root.span.start).line : -1
    return first >= line && onlyComments(file, line, first) && (file.lines.position(each.span.start).line >= line || onlyComments(file, file.lines.position(each.span.start).line, line))
  })
  return document?.span
}

function onlyComments(file: SourceFile, from: number, to: number): boolean {
  for (let line = from; line < to; line++) if (!/^\s*(#.*|---.*)?$/.test(file.lines.line(line))) return false
  return true
}

function nextLine(file: SourceFile, line: number): number {
  let next = line + 1
  while (next < file.lines.count && /^\s*#/.test(file.lines.line(next))) next++
  return next
}
