// `istio-security test`: runs policy tests, each against the objects that its file names.
import { dirname, join } from 'node:path'
import type { Mesh } from '../core/mesh/mesh.ts'
import { coverageOf } from '../core/policytest/coverage.ts'
import { isTestFile, testsIn } from '../core/policytest/file.ts'
import type { PolicyTest } from '../core/policytest/question.ts'
import { runCase } from '../core/policytest/run.ts'
import { policyTestText } from '../core/report/policyTest.ts'
import { CannotRun } from './cannotRun.ts'
import { locating, placeText } from './locate.ts'
import { testJson } from './report/testJson.ts'
import { testJunit } from './report/testJunit.ts'
import type { TestRun } from './testRun.ts'
import { buildWorld, type InputFile, namesCluster, readInputs, readSurroundings, shown, type WorldOptions } from './world.ts'

export interface TestOptions extends WorldOptions {
  readonly format: 'text' | 'json' | 'junit'
  readonly coverage: boolean
  readonly color: boolean
}

export interface TestResult {
  readonly output: string
  readonly failed: boolean
}

export async function test(paths: readonly string[], options: TestOptions): Promise<TestResult> {
  const started = performance.now()
  const inputs = await readInputs(paths.length > 0 ? paths : ['.'], options.namespace[0])
  const files = inputs.filter(each => isTestFile(each.path, each))
  if (files.length === 0) throw new CannotRun(`there is no *.istio-test.yaml in ${(paths.length > 0 ? paths : ['.']).join(', ')}`)
  const worlds = new Worlds(inputs, options)
  const runs: TestRun[] = []
  for (const file of files) for (const read of testsIn(file)) runs.push(await runOf(file, read, worlds))
  const cases = runs.flatMap(({ file, results }) => results.map(result => ({ file, result })))
  const policies = cases.flatMap(({ result: { decision } }) => (decision?.by && 'policy' in decision.by ? [decision.by.policy] : []))
  const locate = await locating(policies, inputs)
  const failed = cases.some(({ result }) => result.outcome === 'failed')
  if (options.format === 'json') return { output: testJson(cases, coverageOf(runs), locate), failed }
  if (options.format === 'junit') return { output: testJunit(cases), failed }
  const output = policyTestText(
    cases.map(({ file, result }) => ({ place: `${file.path}:${file.lines.position(result.testCase.span.start).line + 1}`, result })),
    {
      color: options.color,
      files: files.length,
      seconds: (performance.now() - started) / 1000,
      placeOf: (...rule) => {
        const location = locate(...rule)
        return location && placeText(location)
      },
      ...(options.coverage ? { coverage: coverageOf(runs) } : {}),
    },
  )
  return { output, failed }
}

async function runOf(file: InputFile, { mesh: named, cases }: PolicyTest, worlds: Worlds): Promise<TestRun> {
  const folder = file.path === '-' ? '.' : dirname(file.path)
  const mesh = await (named ? worlds.of(named.map(({ value }) => join(folder, value))) : worlds.around())
  return { file, mesh, results: cases.map(each => runCase(each, mesh)) }
}

/** The worlds that test files name, each built once. Files are all of their world: a test says what it stands on. */
class Worlds {
  private readonly inputs: readonly InputFile[]
  private readonly options: WorldOptions
  private readonly built = new Map<string, Promise<Mesh>>()

  constructor(inputs: readonly InputFile[], options: WorldOptions) {
    this.inputs = inputs
    this.options = options
  }

  of(paths: readonly string[]): Promise<Mesh> {
    return this.once(paths.map(shown).join('\0'), () => this.fromFiles(paths, []))
  }

  /** Of files that name none: the given paths with what the options lay around them, else the working directory. */
  around(): Promise<Mesh> {
    return this.once('', async () => {
      const { options, inputs } = this
      if (namesCluster(options)) return buildWorld(inputs, await readSurroundings(inputs, options), options)
      const isBare = options.mesh.length === 0 && inputs.every(each => isTestFile(each.path, each))
      return this.fromFiles(options.mesh, isBare ? await readInputs(['.'], options.namespace[0]) : inputs)
    })
  }

  private async fromFiles(mesh: readonly string[], inputs: readonly InputFile[]): Promise<Mesh> {
    const { kubeconfig: _, context: __, ...options } = this.options
    const closed = { ...options, mesh, closedWorld: true }
    return buildWorld(inputs, await readSurroundings(inputs, closed), closed)
  }

  private once(key: string, make: () => Promise<Mesh>): Promise<Mesh> {
    const known = this.built.get(key) ?? make()
    this.built.set(key, known)
    return known
  }
}
