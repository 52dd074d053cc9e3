// `npm test`: types, lint, the package, and every test that needs only Node and npm packages. `npm test -- <filter>` runs matching files alone.
import { spawnSync } from 'node:child_process'
import { packaged } from './packaged.ts'
import { close, runProjects, type Tally } from './tally.ts'

const filters = process.argv.slice(2)
const steps: Tally = { passed: 0, failed: 0, skipped: [] }

if (filters.length === 0) {
  for (const part of ['lint', 'types'])
    record(part, spawnSync(process.execPath, ['scripts/check.ts', part], { stdio: 'inherit' }).status === 0)
}
const tests = await runProjects(['unit', 'built', 'vscode'], filters, withPackage)

close({ passed: steps.passed + tests.passed, failed: steps.failed + tests.failed, skipped: tests.skipped })

/** Without a package only the tests of the source can run. */
async function withPackage(needed: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  if (filters.length > 0 && !needed.has('built') && !needed.has('vscode')) return needed
  try {
    await packaged(line => process.stderr.write(`${line}\n`))
    record('package', true)
    return needed
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${stdout ?? ''}${stderr ?? ''}\n`)
    record('package', false)
    return new Set([...needed].filter(project => project === 'unit'))
  }
}

function record(step: string, passed: boolean): void {
  process.stdout.write(`${passed ? '✓' : '✗'} ${step}\n`)
  if (passed) steps.passed++
  else steps.failed++
}
