// Which rules the cases of a run have put to use, file by file, as VS Code shows coverage: each rule is a statement.
import { FileCoverage, Range, StatementCoverage, type TestItem, Uri } from 'vscode'
import type { PolicyTestRun, RulePlace } from '../../../server/src/protocol.ts'

interface UsedRule {
  readonly range: Range
  decided: number
  /** By the cases that it decided. */
  readonly cases: Map<TestItem, number>
}

export class RuleUse {
  /** By URI, then by place. */
  readonly #files = new Map<string, Map<string, UsedRule>>()

  add({ coverage, cases }: PolicyTestRun, itemOf: (id: string) => TestItem | undefined): void {
    for (const { place, decided } of coverage) if (place) this.#at(place).decided += decided
    for (const { id, place } of cases) {
      const item = itemOf(id)
      if (!place || !item) continue
      const rule = this.#at(place)
      rule.cases.set(item, (rule.cases.get(item) ?? 0) + 1)
    }
  }

  files(): readonly FileCoverage[] {
    return [...this.#files].map(([uri, rules]) => {
      const file = FileCoverage.fromDetails(Uri.parse(uri), [...rules.values()].map(statement))
      file.includesTests = [...new Set([...rules.values()].flatMap(({ cases }) => [...cases.keys()]))]
      return file
    })
  }

  statements(uri: Uri): StatementCoverage[] {
    return [...(this.#files.get(uri.toString())?.values() ?? [])].map(statement)
  }

  statementsOf(item: TestItem, uri: Uri): StatementCoverage[] {
    return [...(this.#files.get(uri.toString())?.values() ?? [])].map(
      ({ range, cases }) => new StatementCoverage(cases.get(item) ?? 0, range),
    )
  }

  #at({ uri, range: { start, end } }: RulePlace): UsedRule {
    const id = Uri.parse(uri).toString()
    const rules = this.#files.get(id) ?? new Map<string, UsedRule>()
    this.#files.set(id, rules)
    const key = `${start.line}:${start.character}`
    const known = rules.get(key) ?? { range: new Range(start.line, start.character, end.line, end.character), decided: 0, cases: new Map() }
    rules.set(key, known)
    return known
  }
}

function statement({ decided, range }: UsedRule): StatementCoverage {
  return new StatementCoverage(decided, range)
}
