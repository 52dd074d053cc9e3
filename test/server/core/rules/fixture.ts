// A rule fixture is a valid YAML file: a comment of carets points at the line above and names the rule found there.
import { cel } from '../../../../server/src/core/istio/cel/cel.ts'
import { readFile, type SourceFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'
import { check, type Finding } from '../../../../server/src/core/rules/run.ts'

export interface Expected {
  readonly line: number
  readonly from: number
  readonly to: number
  readonly rule: string
  /** How the message begins; empty where only the rule is named. */
  readonly message: string
}

export const everything = { severities: {}, structure: 'all' } as const

export function expectedIn(text: string): readonly Expected[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    const caret = /^(\s*#\s*)(\^+) ([a-z-]+)(?:: (.*))?$/.exec(line)
    if (!caret) return []
    const [, indent = '', marks = '', rule = '', message = ''] = caret
    let above = index - 1
    while (/^\s*#/.test(lines[above] ?? '')) above--
    return [{ line: above, from: indent.length, to: indent.length + marks.length, rule, message }]
  })
}

/** The file as the whole world, or with nothing known beside it. A line `# Istio 1.27` says which version runs. */
export function judged(
  text: string,
  closedWorld: boolean,
): { readonly file: SourceFile; readonly mesh: Mesh; readonly findings: readonly Finding[] } {
  const file = readFile('file:///fixture.yaml', text)
  const istioVersion = /^\ufeff?# Istio (1\.\d+)$/m.exec(text)?.[1]
  const mesh = buildMesh({ files: file.resources, ...(istioVersion ? { istioVersion } : {}), closedWorld, cel })
  return { file, mesh, findings: check(file, mesh, everything) }
}

export function found(file: SourceFile, findings: readonly Finding[]): readonly Expected[] {
  return findings.map(({ span, rule, message }) => {
    const { start, end } = file.lines.range(span)
    return {
      line: start.line,
      from: start.character,
      to: start.line === end.line ? end.character : file.lines.line(start.line).length,
      rule,
      message,
    }
  })
}
