// `check --format json`: the shape others script against (README).
import type { Finding } from '../../core/rules/run.ts'
import { type JudgedFile, summary } from '../judged.ts'

export function jsonReport(judged: readonly JudgedFile[]): string {
  const report = {
    version: 1,
    summary: summary(judged),
    findings: judged.flatMap(({ file, findings }) => findings.map(finding => toJson(finding, file))),
  }
  return `${JSON.stringify(report, null, 2)}\n`
}

function toJson(finding: Finding, file: JudgedFile['file']) {
  const range = (span: Finding['span']) => file.lines.range(span)
  return {
    rule: finding.rule,
    severity: finding.severity,
    istio: finding.istio,
    message: finding.message,
    file: file.path,
    range: range(finding.span),
    object: finding.object,
    document: finding.document,
    path: finding.path,
    codes: finding.codes,
    fixes: finding.fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map(edit => ({ file: file.path, range: range(edit.span), newText: edit.newText })),
    })),
    related: finding.related
      .filter(each => each.uri === file.uri)
      .map(each => ({ message: each.message, file: file.path, range: range(each.span) })),
  }
}
