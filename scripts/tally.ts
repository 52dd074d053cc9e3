// Runs vitest projects and counts, for the closing line that people and `.ci/run` read.
import { createVitest, type TestModule, type TestSpecification, type Vitest } from 'vitest/node'

export interface Tally {
  passed: number
  failed: number
  /** Tests that did not run, each with the reason it gave. */
  readonly skipped: string[]
}

/**
 * Runs the test files of these projects that match the filters (none: all of them).
 * `prepare` gets the names of the projects that have such files and answers with those that can run.
 */
export async function runProjects(
  projects: readonly string[],
  filters: readonly string[],
  prepare: (needed: ReadonlySet<string>) => Promise<ReadonlySet<string>>,
): Promise<Tally> {
  const vitest = await createVitest({ project: [...projects], watch: false })
  try {
    await vitest.standalone()
    const found = await vitest.globTestSpecifications([...filters])
    const runnable = await prepare(new Set(found.map(projectName)))
    const chosen = found.filter(specification => runnable.has(projectName(specification)))
    if (chosen.length > 0) await vitest.runTestSpecifications(chosen, true)
    return count(vitest)
  } finally {
    await vitest.close()
  }
}

/** Prints what was skipped and, as the last line, the sums. The exit code is 1 when a test failed or none ran. */
export function close({ passed, failed, skipped }: Tally): void {
  const nothingRan = passed + failed === 0
  if (skipped.length > 0) process.stdout.write(`\n${skipped.length} skipped:\n${skipped.map(line => `  ${line}\n`).join('')}`)
  if (nothingRan) process.stdout.write('No test ran.\n')
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed > 0 || nothingRan ? 1 : 0
}

function projectName({ project }: TestSpecification): string {
  return project.name
}

function count(vitest: Vitest): Tally {
  // An error outside every test belongs to no test, and is a failure all the same.
  const tally: Tally = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: [] }
  for (const module of vitest.state.getTestModules()) countModule(module, tally)
  return tally
}

function countModule(module: TestModule, tally: Tally): void {
  for (const test of module.children.allTests()) {
    const result = test.result()
    if (result.state === 'passed') tally.passed++
    else if (result.state === 'failed') tally.failed++
    else
      tally.skipped.push(
        `${module.relativeModuleId}: ${test.fullName}${result.state === 'skipped' && result.note ? ` (${result.note})` : ''}`,
      )
  }
  // A file that does not load, or a hook that throws, has no failed test to show for it.
  const suites = [...module.children.allSuites()]
  tally.failed += module.errors().length + suites.flatMap(suite => suite.errors()).length
}
