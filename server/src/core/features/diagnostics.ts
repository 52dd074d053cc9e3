// Findings as the editor shows them.
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver-types'
import { harmless } from '../certificate/harmless.ts'
import type { SourceFile } from '../istio/file.ts'
import type { Severity } from '../rules/rule.ts'
import type { Finding } from '../rules/run.ts'

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
}

/** Editors draw no more than this in one file; further ones are seen when the first are gone. */
const most = 1000

/** `documentation` gives the page of a rule. Related places in other files are left to the message: their lines are not at hand here. */
export function diagnostics(
  file: SourceFile,
  findings: readonly Finding[],
  documentation: (rule: string) => string | undefined,
): Diagnostic[] {
  return findings.slice(0, most).map(finding => {
    const href = documentation(finding.rule)
    const related = finding.related.filter(({ uri }) => uri === file.uri)
    return {
      range: file.lines.range(finding.span),
      severity: severities[finding.severity],
      source: 'istio-security',
      code: finding.rule,
      ...(href ? { codeDescription: { href } } : {}),
      message: harmless(finding.message),
      ...(related.length > 0
        ? {
            relatedInformation: related.map(({ message, uri, span }) => ({
              message: harmless(message),
              location: { uri, range: file.lines.range(span) },
            })),
          }
        : {}),
      data: {
        fixes: finding.fixes.map(({ title, edits }) => ({
          title: harmless(title),
          edits: edits.map(edit => ({ range: file.lines.range(edit.span), newText: edit.newText })),
        })),
      },
    }
  })
}
