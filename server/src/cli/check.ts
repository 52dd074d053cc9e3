// `istio-security check`: findings of files, judged exactly as the editor judges them.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readFile } from '../core/istio/file.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import type { Severity } from '../core/rules/rule.ts'
import { check as judge, type Finding, type RuleSettings } from '../core/rules/run.ts'
import { applyEdits, type Edit } from '../core/yaml/edit.ts'
import { CannotRun } from './cannotRun.ts'
import { jsonReport } from './report/json.ts'
import { textReport } from './report/text.ts'
import { buildWorld, readInputs, type InputFile, type WorldOptions } from './world.ts'

export interface CheckOptions extends WorldOptions {
  readonly format: 'text' | 'json'
  readonly failOn: Severity | 'never'
  readonly rules: RuleSettings['severities']
  readonly structure: boolean
  readonly fix: boolean
  readonly color: boolean
  /** Columns of the terminal; lines are not broken where there is none. */
  readonly width?: number
}

export interface JudgedFile {
  readonly file: InputFile
  readonly findings: readonly Finding[]
}

export interface CheckResult {
  readonly output: string
  /** Findings at or above `failOn`. */
  readonly failed: boolean
}

export async function check(paths: readonly string[], options: CheckOptions): Promise<CheckResult> {
  const started = performance.now()
  let inputs = await readInputs(paths, options.namespace[0])
  let mesh = await buildWorld(inputs, options)
  const settings = { severities: options.rules, structure: options.structure }
  let applied = 0
  if (options.fix) {
    const fixed = fixAll(inputs, mesh, settings)
    for (const { path, text } of fixed.changed) await save(path, text)
    inputs = fixed.inputs
    applied = fixed.applied
    if (applied > 0) mesh = await buildWorld(inputs, options)
  }
  const judged = inputs.map(file => ({ file, findings: judge(file, mesh, settings) }))
  const seconds = (performance.now() - started) / 1000
  const output = options.format === 'json' ? jsonReport(judged) : textReport(judged, { ...options, applied, seconds })
  return { output, failed: judged.some(({ findings }) => findings.some(each => isAtLeast(each.severity, options.failOn))) }
}

const order: readonly Severity[] = ['error', 'warning', 'info', 'hint']

function isAtLeast(severity: Severity, threshold: Severity | 'never'): boolean {
  return threshold !== 'never' && order.indexOf(severity) <= order.indexOf(threshold)
}

interface Fixed {
  readonly inputs: readonly InputFile[]
  readonly changed: readonly { readonly path: string; readonly text: string }[]
  readonly applied: number
}

/** Applies the only fix of every finding that has just one; where there is a choice, a person makes it. */
function fixAll(inputs: readonly InputFile[], mesh: Mesh, settings: RuleSettings): Fixed {
  const changed: { path: string; text: string }[] = []
  let applied = 0
  const fixed = inputs.map(file => {
    if (file.path === '-') return file
    const chosen = withoutOverlaps(judge(file, mesh, settings).flatMap(({ fixes }) => (fixes.length === 1 ? fixes : [])))
    if (chosen.length === 0) return file
    const text = applyEdits(file.text, chosen.flatMap(each => each.edits))
    applied += chosen.length
    changed.push({ path: file.path, text })
    return { ...readFile(file.uri, text), path: file.path }
  })
  return { inputs: fixed, changed, applied }
}

function withoutOverlaps(fixes: readonly { readonly edits: readonly Edit[] }[]): readonly { readonly edits: readonly Edit[] }[] {
  const taken: Edit[] = []
  return fixes.filter(({ edits }) => {
    if (edits.some(edit => taken.some(other => edit.span.start < other.span.end && other.span.start < edit.span.end))) return false
    taken.push(...edits)
    return true
  })
}

async function save(path: string, text: string): Promise<void> {
  await writeFile(resolve(path), text).catch(error => {
    throw new CannotRun(`cannot write "${path}": ${error instanceof Error ? error.message : error}`)
  })
}
