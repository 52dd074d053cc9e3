// What `check` found, before any report gives it a form.
import type { Severity } from '../core/rules/rule.ts'
import type { Finding } from '../core/rules/run.ts'
import type { InputFile } from './world.ts'

export interface JudgedFile {
  readonly file: InputFile
  readonly findings: readonly Finding[]
}

export type Summary = Readonly<Record<Severity | 'files' | 'documents', number>>

export function summary(judged: readonly JudgedFile[]): Summary {
  const count = (severity: Severity) =>
    judged.reduce((sum, { findings }) => sum + findings.filter(each => each.severity === severity).length, 0)
  return {
    files: judged.length,
    documents: judged.reduce((sum, { file }) => sum + file.documents.length, 0),
    error: count('error'),
    warning: count('warning'),
    info: count('info'),
    hint: count('hint'),
  }
}
