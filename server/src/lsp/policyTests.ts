// Policy tests, for any editor: the cases of a file, and what comes out when they are run.
import { setImmediate } from 'node:timers/promises'
import type { CancellationToken } from 'vscode-languageserver'
import type { Decisions } from '../core/decide/authorization/decisions.ts'
import type { SourceFile } from '../core/istio/file.ts'
import type { AuthorizationPolicy } from '../core/istio/resources.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { coverageOf } from '../core/policytest/coverage.ts'
import { type CaseOfTest, casesIn } from '../core/policytest/file.ts'
import type { PolicyTest } from '../core/policytest/question.ts'
import { type CaseResult, runCase } from '../core/policytest/run.ts'
import type { Locate } from '../core/report/decisionReport.ts'
import { caseReport, policyTestReport } from '../core/report/policyTestReport.ts'
import type { PolicyTestCase, PolicyTestOutcome, PolicyTestResult, RulePlace, RunPolicyTestsArguments } from '../protocol.ts'
import { locating } from '../workspace/locate.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { type Server, worldWords } from './context.ts'

export async function listPolicyTests(uri: string, workspace: Workspace): Promise<readonly PolicyTestCase[]> {
  const file = await workspace.fileAt(uri)
  return file ? casesIn(file).map(each => listed(each, file)) : []
}

function listed({ id, testCase }: CaseOfTest, { lines }: SourceFile): PolicyTestCase {
  const problems = testCase.is === 'broken' ? testCase.problems : []
  return {
    id,
    name: testCase.name,
    range: lines.range(testCase.span),
    problems: problems.map(({ message, span }) => ({ message, range: lines.range(span) })),
  }
}

/** What any editor may send: nothing of it is trusted to have its type. */
export function readRunArguments(given: unknown): RunPolicyTestsArguments {
  const { uri, cases, coverage, show } = (given !== null && typeof given === 'object' ? given : {}) as Readonly<Record<string, unknown>>
  return {
    uri: typeof uri === 'string' ? uri : '',
    ...(Array.isArray(cases) ? { cases: cases.filter(each => typeof each === 'string') } : {}),
    ...(coverage === true ? { coverage } : {}),
    ...(show === true ? { show } : {}),
  }
}

interface Run {
  readonly asked: CaseOfTest
  readonly result: CaseResult
  readonly mesh?: Mesh
}

/** Ends early when it is cancelled, with what has come out by then. */
export async function runPolicyTests(
  { uri, cases, coverage = false }: RunPolicyTestsArguments,
  { workspace, sessions, trusted }: Pick<Server, 'workspace' | 'sessions' | 'trusted'>,
  token?: CancellationToken,
): Promise<PolicyTestResult> {
  // A test of a mesh that is still being read would fail for that alone.
  await Promise.race([sessions.settled(), new Promise<void>(resolve => void token?.onCancellationRequested(() => resolve()))])
  const file = await workspace.fileAt(uri)
  if (!file) return { version: 1, problem: `"${uri}" cannot be read.` }
  const wanted = cases && new Set(cases)
  const worlds = new Map<PolicyTest, TestWorld>()
  const runs: Run[] = []
  for (const [index, asked] of casesIn(file).entries()) {
    if (wanted && !wanted.has(asked.id)) continue
    // In between, the request may be cancelled and others answered.
    if (index % 100 === 99) await setImmediate()
    if (token?.isCancellationRequested) break
    const world = worlds.get(asked.test) ?? (await worldOf(asked.test, file, { workspace, sessions, trusted }))
    worlds.set(asked.test, world)
    runs.push(
      world.ok
        ? { asked, mesh: world.mesh, result: runCase(asked.testCase, world.mesh, world.decisions) }
        : { asked, result: notRun(asked, world.reason) },
    )
  }
  return report(runs, { file, workspace, coverage, worlds: [...worlds.values()] })
}

type TestWorld =
  | { readonly ok: true; readonly mesh: Mesh; readonly words: string; readonly decisions?: Decisions }
  | { readonly ok: false; readonly reason: string }

async function worldOf(
  { mesh }: PolicyTest,
  file: SourceFile,
  { workspace, sessions, trusted }: Pick<Server, 'workspace' | 'sessions' | 'trusted'>,
): Promise<TestWorld> {
  if (mesh === undefined)
    return { ok: true, mesh: workspace.meshOfTests(file), words: worldWords(sessions), decisions: workspace.decisions }
  const paths = mesh.map(({ value }) => value)
  const world = await workspace.meshNamedBy(file.uri, paths, trusted)
  return world.ok ? { ...world, words: paths.join(', ') } : world
}

function notRun({ testCase }: CaseOfTest, reason: string): CaseResult {
  if (testCase.is === 'skipped') return { testCase, outcome: 'skipped', reason: testCase.reason }
  return { testCase, outcome: 'failed', reason }
}

interface Reported {
  readonly file: SourceFile
  readonly workspace: Workspace
  readonly worlds: readonly TestWorld[]
  /** With the place of each rule: as many files are read as there are policies. */
  readonly coverage: boolean
}

async function report(runs: readonly Run[], { file, workspace, worlds, coverage }: Reported): Promise<PolicyTestResult> {
  const meshes = runs.flatMap(({ mesh, result }) => (mesh ? [{ mesh, results: [result] }] : []))
  const known = new Set(meshes.map(({ mesh }) => mesh))
  const rules = coverageOf(meshes).map(rule => ({ rule, policy: policyNamed(rule.policy, known) }))
  const deciders = runs.flatMap(({ result: { decision } }) => (decision?.by && 'policy' in decision.by ? [decision.by.policy] : []))
  const placed = coverage ? rules.flatMap(({ policy }) => policy ?? []) : []
  const locate = await locating([...deciders, ...placed], uri => workspace.textOf(uri))
  const name = (await workspace.textOf(file.uri))?.file ?? file.uri
  return {
    ...policyTestReport(
      runs.map(run => outcomeOf(run, { file, name, locate })),
      rules.map(({ rule, policy }) => ({ ...rule, place: policy ? placeOf(policy, rule.rule, locate) : null })),
    ),
    worlds: [...new Set(worlds.flatMap(each => (each.ok ? [each.words] : [])))],
  }
}

function policyNamed(key: string, meshes: ReadonlySet<Mesh>): AuthorizationPolicy | undefined {
  const [namespace = '', name = ''] = key.split('/')
  for (const mesh of meshes) {
    const found = mesh.find('AuthorizationPolicy', namespace, name)
    if (found) return found
  }
  return undefined
}

function outcomeOf(
  { asked: { id, testCase }, result }: Run,
  { file, name, locate }: { readonly file: SourceFile; readonly name: string; readonly locate: Locate },
): PolicyTestOutcome {
  const by = result.decision?.by
  return {
    ...caseReport(result, { file: name, line: file.lines.position(testCase.span.start).line }, locate),
    id,
    place: by && 'policy' in by ? placeOf(by.policy, by.rule, locate) : null,
  }
}

function placeOf(policy: AuthorizationPolicy, rule: number | undefined, locate: Locate): RulePlace | null {
  const location = locate(policy, rule)
  return location && policy.source.from === 'file' ? { uri: policy.source.uri, range: location.range } : null
}

/** In a few lines. */
export function runText(result: PolicyTestResult): string {
  if ('problem' in result) return result.problem
  const { passed, failed, skipped } = result.summary
  const counts = [
    ...(passed ? [`${passed} passed`] : []),
    ...(failed ? [`${failed} failed`] : []),
    ...(skipped ? [`${skipped} skipped`] : []),
  ]
  const failures = result.cases.filter(({ outcome }) => outcome === 'failed').map(({ name, reason }) => `${name}: ${reason}`)
  return [
    `${counts.join(', ') || 'No cases'}.`,
    ...failures.slice(0, 3),
    ...(failures.length > 3 ? [`And ${failures.length - 3} more.`] : []),
  ].join('\n')
}
