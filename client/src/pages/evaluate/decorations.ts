// Behind each rule in its open file what it says to the request that is evaluated.
import { type DecorationOptions, type Disposable, Range, ThemeColor, window } from 'vscode'
import type { Evaluation } from '../../../../server/src/protocol.ts'
import { becauseOf, deciderOf } from './answer.ts'

export class RuleDecorations implements Disposable {
  readonly #verdict = window.createTextEditorDecorationType({
    after: { margin: '0 0 0 2em', color: new ThemeColor('editorCodeLens.foreground') },
  })
  readonly #decider = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor('editor.rangeHighlightBackground'),
    borderColor: new ThemeColor('editor.rangeHighlightBorder'),
    overviewRulerColor: new ThemeColor('editorInfo.foreground'),
  })
  #shown: Evaluation | undefined
  readonly #subscription = window.onDidChangeVisibleTextEditors(() => this.#paint())

  show(evaluation: Evaluation): void {
    this.#shown = evaluation
    this.#paint()
  }

  clear(): void {
    this.#shown = undefined
    this.#paint()
  }

  dispose(): void {
    this.#subscription.dispose()
    this.#verdict.dispose()
    this.#decider.dispose()
  }

  #paint(): void {
    const marks = this.#shown ? marksOf(this.#shown) : []
    for (const editor of window.visibleTextEditors) {
      const uri = editor.document.uri.toString()
      const here = marks.filter(mark => sameFile(mark.uri, uri))
      editor.setDecorations(
        this.#verdict,
        here.map(({ range, text }): DecorationOptions => {
          const { end } = editor.document.lineAt(Math.min(range.start.line, editor.document.lineCount - 1)).range
          return { range: new Range(end, end), renderOptions: { after: { contentText: text } } }
        }),
      )
      editor.setDecorations(
        this.#decider,
        here.filter(({ decides }) => decides).map(({ range }) => range),
      )
    }
  }
}

interface Mark {
  readonly uri: string
  readonly range: Range
  readonly text: string
  readonly decides: boolean
}

function marksOf(evaluation: Evaluation): readonly Mark[] {
  const decider = deciderOf(evaluation)
  return evaluation.steps.flatMap((step, index) => {
    if (!step.uri || !step.range) return []
    const { start, end } = step.range
    // A rule that is the last one ends where the next line begins.
    const lastLine = end.character === 0 && end.line > start.line ? end.line - 1 : end.line
    const range = new Range(start.line, start.character, lastLine, lastLine === end.line ? end.character : Number.MAX_SAFE_INTEGER)
    return [{ uri: step.uri, range, text: markOf(step, index === decider), decides: index === decider }]
  })
}

/** `✓ decides ALLOW` or `✗ method POST is not in [GET]`. */
export function markOf(step: Evaluation['steps'][number], decides: boolean): string {
  if (decides) return `✓ decides ${step.action}`
  const signs = { yes: '✓ matches', no: `✗ ${becauseOf(step)}`, unknown: `? ${becauseOf(step)}` } as const
  return signs[step.matched]
}

/** The server spells a URI as the editor did, or as this system does: they differ in what they escape. */
function sameFile(one: string, other: string): boolean {
  return one === other || decodeURIComponent(one) === decodeURIComponent(other)
}
