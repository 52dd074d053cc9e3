// `istio-security check`: findings of files, judged exactly as the editor judges them.
import { isUtf8 } from 'node:buffer'
import { readFile as readBytes, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readFile } from '../core/istio/file.ts'
import { buildMesh } from '../core/mesh/build.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { rules } from '../core/rules/index.ts'
import type { Severity } from '../core/rules/rule.ts'
import { check as judge, type RuleSettings, type Structure } from '../core/rules/run.ts'
import { applyEdits, type Edit } from '../core/yaml/edit.ts'
import type { Span } from '../core/yaml/tree.ts'
import { CannotRun } from './cannotRun.ts'
import { differsFromCluster, drifts, filesOfCluster } from './clusterObjects.ts'
import type { JudgedFile } from './judged.ts'
import { jsonReport } from './report/json.ts'
import { textReport } from './report/text.ts'
import { noRule } from './rules.ts'
import { buildWorld, type InputFile, readInputs, readSurroundings, reason, type Surroundings, type WorldOptions } from './world.ts'

export interface CheckOptions extends WorldOptions {
  readonly format: 'text' | 'json'
  readonly failOn: Severity | 'never'
  readonly rules: RuleSettings['severities']
  readonly structure: Structure
  readonly fix: boolean
  /** Judge the objects of the cluster too. */
  readonly clusterObjects: boolean
  /** Say where files differ from the cluster. */
  readonly drift: boolean
  readonly color: boolean
  /** Columns of the terminal; lines are not broken where there is none. */
  readonly width?: number
}

export interface CheckResult {
  readonly output: string
  /** Findings at or above `failOn`. */
  readonly failed: boolean
}

export async function check(paths: readonly string[], options: CheckOptions): Promise<CheckResult> {
  const unknown = Object.keys(options.rules).find(id => id !== differsFromCluster && !rules.some(rule => rule.id === id))
  if (unknown !== undefined) throw new CannotRun(noRule(unknown))
  const started = performance.now()
  const given = await readInputs(paths, options.namespace[0])
  const around = await readSurroundings(given, { ...options, findsUnsound: true, ...clusterFor(options) })
  const settings = { severities: options.rules, structure: options.structure }
  const meshOf = (files: readonly InputFile[]) => buildWorld(files, around, options)
  const { inputs, applied } = options.fix ? fixAll(given, meshOf, settings) : { inputs: given, applied: 0 }
  for (const file of inputs) if (!given.includes(file)) await save(file)
  const mesh = meshOf(inputs)
  const differing = differences(inputs, around, options)
  const judged = [
    ...inputs.map(file => ({ file, findings: [...judge(file, mesh, settings), ...differing(file)] })),
    ...judgeCluster(around, settings, options),
  ]
  const seconds = (performance.now() - started) / 1000
  const output = options.format === 'json' ? jsonReport(judged) : textReport(judged, { ...options, applied, seconds })
  return { output, failed: judged.some(({ findings }) => findings.some(each => isAtLeast(each.severity, options.failOn))) }
}

function clusterFor({ drift, clusterObjects }: CheckOptions): Pick<WorldOptions, 'clusterFor'> {
  if (drift) return { clusterFor: '--drift' }
  return clusterObjects ? { clusterFor: '--cluster-objects' } : {}
}

/** In their own mesh: no file lies over them. */
function judgeCluster(around: Surroundings, settings: RuleSettings, options: CheckOptions): readonly JudgedFile[] {
  const { cel, cluster = around.snapshot } = around
  if (!cluster || !options.clusterObjects) return []
  const { istioVersion, rootNamespace, trustDomain } = options
  const mesh = buildMesh({
    files: [],
    cluster,
    closedWorld: false,
    ...(cel ? { cel } : {}),
    ...(istioVersion ? { istioVersion } : {}),
    ...(rootNamespace ? { rootNamespace } : {}),
    ...(trustDomain ? { trustDomain } : {}),
  })
  // There is no file to fix.
  const findings = (file: InputFile) => judge(file, mesh, settings).map(finding => ({ ...finding, fixes: [] }))
  return filesOfCluster(cluster).map(file => ({ file, findings: findings(file) }))
}

function differences(inputs: readonly InputFile[], { snapshot, cluster = snapshot }: Surroundings, { drift, rules: set }: CheckOptions) {
  const severity = set[differsFromCluster] ?? 'info'
  return cluster && drift && severity !== 'off' ? drifts(inputs, cluster, severity) : () => []
}

const order: readonly Severity[] = ['error', 'warning', 'info', 'hint']

function isAtLeast(severity: Severity, threshold: Severity | 'never'): boolean {
  return threshold !== 'never' && order.indexOf(severity) <= order.indexOf(threshold)
}

interface Fixed {
  readonly inputs: readonly InputFile[]
  readonly applied: number
}

/** A fix can bring to light what another one repairs; more rounds than this would be two fixes undoing each other. */
const mostRounds = 10

/** Applies the only fix of every finding that has just one, until there is none; where there is a choice, a person makes it. */
function fixAll(given: readonly InputFile[], meshOf: (files: readonly InputFile[]) => Mesh, settings: RuleSettings): Fixed {
  let fixed: Fixed = { inputs: given, applied: 0 }
  for (let round = 0; round < mostRounds; round++) {
    const { inputs, applied } = fixOnce(fixed.inputs, meshOf(fixed.inputs), settings)
    if (applied === 0) break
    fixed = { inputs, applied: fixed.applied + applied }
  }
  return fixed
}

function fixOnce(inputs: readonly InputFile[], mesh: Mesh, settings: RuleSettings): Fixed {
  let applied = 0
  const fixed = inputs.map(file => {
    if (file.path === '-') return file
    const chosen = withoutOverlaps(judge(file, mesh, settings).flatMap(({ fixes }) => (fixes.length === 1 ? fixes : [])))
    if (chosen.length === 0) return file
    applied += chosen.length
    const text = applyEdits(
      file.text,
      chosen.flatMap(each => each.edits),
    )
    return { ...file, ...readFile(file.uri, text, file) }
  })
  return { inputs: fixed, applied }
}

function withoutOverlaps(fixes: readonly { readonly edits: readonly Edit[] }[]): readonly { readonly edits: readonly Edit[] }[] {
  const taken: Edit[] = []
  return fixes.filter(({ edits }) => {
    if (edits.some(({ span }) => taken.some(other => clash(span, other.span)))) return false
    taken.push(...edits)
    return true
  })
}

/** Two insertions at one place may be the same one. */
function clash(one: Span, other: Span): boolean {
  return (one.start < other.end && other.start < one.end) || one.start === other.start
}

async function save({ path, text }: InputFile): Promise<void> {
  try {
    // What is not UTF-8 was read with replacement characters, which would overwrite the bytes they stand for.
    if (!isUtf8(await readBytes(resolve(path)))) throw new CannotRun(`cannot fix "${path}": it is not UTF-8`)
    await writeFile(resolve(path), text)
  } catch (error) {
    throw error instanceof CannotRun ? error : new CannotRun(`cannot write "${path}": ${reason(error)}`)
  }
}
