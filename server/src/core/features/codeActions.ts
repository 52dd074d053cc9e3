// Fixes for what is found here, and the way to STRICT.
import { type CodeAction, CodeActionKind, type Diagnostic, type Range, type TextEdit } from 'vscode-languageserver-types'
import type { SourceFile } from '../istio/file.ts'
import type { PeerAuthentication } from '../istio/resources.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { placeAt } from '../yaml/cursor.ts'
import type { Edit } from '../yaml/edit.ts'
import { strictFixes } from './strictFixes.ts'

/** `found` are this file's diagnostics as `diagnostics()` made them. */
export function codeActions(file: SourceFile, mesh: Mesh, range: Range, found: readonly Diagnostic[]): CodeAction[] {
  return [...fixes(file, range, found), ...migrations(file, mesh, range)]
}

function fixes(file: SourceFile, range: Range, found: readonly Diagnostic[]): CodeAction[] {
  return found
    .filter(diagnostic => touches(diagnostic.range, range))
    .flatMap(diagnostic => {
      const all = (diagnostic.data as { fixes?: readonly { title: string; edits: TextEdit[] }[] } | undefined)?.fixes ?? []
      return all.map(({ title, edits }) => ({
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: all.length === 1,
        edit: { changes: { [file.uri]: edits } },
      }))
    })
}

function migrations(file: SourceFile, mesh: Mesh, range: Range): CodeAction[] {
  return file.documents.flatMap(document => {
    const offset = file.lines.offset(range.start)
    if (offset < document.span.start || offset > document.span.end) return []
    const policy = document.resources.find((each): each is PeerAuthentication => each.kind === 'PeerAuthentication')
    if (!policy || !isAboutMode(file, document.root, range)) return []
    return strictFixes(file, policy, mesh).map(({ title, edits, preferred }) => ({
      title,
      kind: CodeActionKind.QuickFix,
      isPreferred: preferred,
      edit: { changes: { [file.uri]: edits.map(edit => toTextEdit(file, edit)) } },
    }))
  })
}

/** On the line of the kind, the name or the mode: where the bulb is expected, and nowhere else. */
function isAboutMode(file: SourceFile, root: Parameters<typeof placeAt>[0], range: Range): boolean {
  const line = file.lines.line(range.start.line)
  const start = file.lines.offset({ line: range.start.line, character: line.length - line.trimStart().length })
  const paths = [start, file.lines.offset(range.start)].map(offset => placeAt(root, offset)?.path.join('.') ?? '')
  return paths.some(path => /^(?:kind|metadata\.name|spec\.mtls(?:\.mode)?)$/.test(path))
}

function touches(a: Range, b: Range): boolean {
  const before = (x: Range['start'], y: Range['start']) => x.line < y.line || (x.line === y.line && x.character < y.character)
  return !before(a.end, b.start) && !before(b.end, a.start)
}

export function toTextEdit(file: SourceFile, edit: Edit): TextEdit {
  return { range: file.lines.range(edit.span), newText: edit.newText }
}
