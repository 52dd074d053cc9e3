// The use of rules as VS Code shows coverage: each rule a statement, of several test files added up, and told apart by case.
import { expect, test, vi } from 'vitest'
import type { TestItem } from 'vscode'
import type { PolicyTestOutcome, PolicyTestRun, RulePlace } from '../../../server/src/protocol.ts'

vi.mock('vscode', () => {
  class Range {
    readonly places: readonly number[]
    constructor(...places: readonly number[]) {
      this.places = places
    }
  }
  class StatementCoverage {
    readonly executed: number
    readonly location: Range
    constructor(executed: number, location: Range) {
      this.executed = executed
      this.location = location
    }
  }
  const FileCoverage = { fromDetails: (uri: unknown, details: readonly unknown[]) => ({ uri, details }) }
  return { Range, StatementCoverage, FileCoverage, Uri: { parse: (text: string) => ({ toString: () => text }) } }
})
const { RuleUse } = await import('../../../client/src/tests/ruleUse.ts')
const { Uri } = await import('vscode')

const file = 'file:///callers.yaml'
const rule = (line: number): RulePlace => ({ uri: file, range: { start: { line, character: 4 }, end: { line: line + 1, character: 0 } } })
const itemOf = (id: string) => ({ id }) as TestItem
const outcome = (id: string, place: RulePlace | null) => ({ id, place }) as PolicyTestOutcome
const run = (coverage: PolicyTestRun['coverage'], cases: readonly PolicyTestOutcome[]): PolicyTestRun => ({
  version: 1,
  summary: { passed: cases.length, failed: 0, skipped: 0 },
  worlds: [],
  cases,
  coverage,
})
const policy = 'shop/callers'

test('the rules that no case decided by are there too; what only the cluster has is not', () => {
  const items = new Map(['a', 'b', 'c'].map(id => [id, itemOf(id)]))
  const use = new RuleUse()
  use.add(
    run(
      [
        { policy, rule: 0, decided: 2, place: rule(3) },
        { policy, rule: 1, decided: 0, place: rule(5) },
        { policy: 'shop/live', rule: 0, decided: 1, place: null },
      ],
      [outcome('a', rule(3)), outcome('b', rule(3)), outcome('c', null)],
    ),
    id => items.get(id),
  )
  use.add(run([{ policy, rule: 0, decided: 1, place: rule(3) }], [outcome('c', rule(3)), outcome('gone', rule(3))]), id => items.get(id))

  const uri = Uri.parse(file)
  expect(use.files().map(({ uri: each, includesTests }) => [each.toString(), includesTests?.map(({ id }) => id)])).toEqual([
    [file, ['a', 'b', 'c']],
  ])
  const executed = (statements: ReturnType<typeof use.statements>) => statements.map(each => each.executed)
  expect(executed(use.statements(uri))).toEqual([3, 0])
  expect(executed(use.statementsOf(items.get('a') as TestItem, uri))).toEqual([1, 0])
  expect(use.statements(Uri.parse('file:///other.yaml'))).toEqual([])
})
