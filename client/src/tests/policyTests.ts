// Policy tests in the Testing view: the server reads and runs them, this tells VS Code what came out.
import {
  type CancellationToken,
  Disposable,
  type FileCoverage,
  Location,
  Position,
  type TestItem,
  TestMessage,
  TestMessageStackFrame,
  type TestRun,
  type TestRunProfile,
  TestRunProfileKind,
  TestRunRequest,
  tests,
  Uri,
  workspace,
} from 'vscode'
import type { PolicyTestOutcome } from '../../../server/src/protocol.ts'
import { coalesce } from '../coalesce.ts'
import type { Server } from '../server.ts'
import { visible } from '../text.ts'
import { isServed, TestList } from './list.ts'
import { RuleUse } from './ruleUse.ts'
import { deciderOf, outputOf, terminalLines } from './words.ts'

/** Cases of one file, as somebody asked for them. */
interface Chosen {
  readonly file: TestItem
  readonly cases: readonly TestItem[]
}

export class PolicyTests extends Disposable {
  readonly #server: Server
  readonly #controller = tests.createTestController('istioSecurity', 'Istio Security')
  readonly #list: TestList
  readonly #profile: TestRunProfile
  /** Asked for by VS Code when somebody opens a covered file. */
  readonly #uses = new WeakMap<FileCoverage, RuleUse>()

  constructor(server: Server) {
    super(() => Disposable.from(this.#list, this.#controller).dispose())
    this.#server = server
    this.#list = new TestList(this.#controller, server)
    this.#controller.resolveHandler = item => (item ? this.#list.read(item) : this.#list.find())
    this.#controller.refreshHandler = () => this.#list.find()
    this.#profile = this.#controller.createRunProfile(
      'Run',
      TestRunProfileKind.Run,
      (request, token) => (request.continuous ? this.#watch(request, token) : this.#run(request)),
      true,
      undefined,
      true,
    )
    const coverage = this.#controller.createRunProfile('Run with coverage of rules', TestRunProfileKind.Coverage, request =>
      this.#run(request, new RuleUse()),
    )
    coverage.isDefault = true
    coverage.loadDetailedCoverage = async (_, file) => this.#uses.get(file)?.statements(file.uri) ?? []
    coverage.loadDetailedCoverageForTest = async (_, file, item) => this.#uses.get(file)?.statementsOf(item, file.uri) ?? []
  }

  /** Runs cases of a file as if they had been chosen in the Testing view; without ids all of them. */
  async runCases(uri: Uri, ids: readonly string[] | undefined): Promise<void> {
    const file = this.#list.fileAt(uri)
    await this.#list.read(file)
    const items = ids?.flatMap(id => file.children.get(id) ?? []) ?? [file]
    await this.#run(new TestRunRequest(items, undefined, this.#profile))
  }

  /** Runs now, and again whenever the tests or what they stand on change. */
  async #watch(request: TestRunRequest, token: CancellationToken): Promise<void> {
    let turn = this.#run(request)
    const again = coalesce(() => {
      turn = turn.then(() => (token.isCancellationRequested ? undefined : this.#run(request)))
    }, 500)
    const parts = Disposable.from(
      again,
      this.#server.onWorldChange(again),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && isServed(document)) again()
      }),
    )
    token.onCancellationRequested(() => parts.dispose())
    await turn
  }

  async #run(request: TestRunRequest, use?: RuleUse): Promise<void> {
    const run = this.#controller.createTestRun(request)
    try {
      const chosen = await this.#chosen(request)
      for (const item of chosen.flatMap(({ cases }) => cases)) run.enqueued(item)
      for (const each of chosen) {
        if (run.token.isCancellationRequested) break
        await this.#runFile(each, run, use)
      }
      for (const file of use?.files() ?? []) {
        if (use) this.#uses.set(file, use)
        run.addCoverage(file)
      }
    } finally {
      run.end()
    }
  }

  /** The files are read first, since what they hold may have changed since somebody looked. */
  async #chosen({ include, exclude }: TestRunRequest): Promise<readonly Chosen[]> {
    if (!include) await this.#list.find()
    const wanted = include ?? [...this.#controller.items].map(([, file]) => file)
    const files = new Set(wanted.map(item => item.parent ?? item))
    const isExcluded = (item: TestItem) => exclude?.some(each => each.id === item.id && each.parent?.id === item.parent?.id) ?? false
    const ids = new Set(wanted.filter(({ parent }) => parent).map(item => `${item.parent?.id} ${item.id}`))
    const chosen: Chosen[] = []
    for (const file of files) {
      if (isExcluded(file)) continue
      await this.#list.read(file)
      const all = wanted.includes(file)
      const cases = [...file.children]
        .map(([, item]) => item)
        .filter(item => (all || ids.has(`${file.id} ${item.id}`)) && !isExcluded(item))
      chosen.push({ file, cases })
    }
    return chosen
  }

  async #runFile({ file, cases }: Chosen, run: TestRun, use: RuleUse | undefined): Promise<void> {
    const broken = (why: string) => {
      for (const item of cases.length > 0 ? cases : [file]) run.errored(item, new TestMessage(visible(why)))
    }
    if (file.error) return broken(String(file.error))
    for (const item of cases) run.started(item)
    const asked = { uri: file.id, cases: cases.map(({ id }) => id), coverage: use !== undefined }
    const answer = await this.#server.runPolicyTests(asked, run.token)
    if (!answer.ok) return answer.problem.kind === 'cancelled' ? undefined : broken(`${answer.problem.message} ${answer.problem.remedy}`)
    if ('problem' in answer.value) return broken(answer.value.problem)
    const outcomes = new Map(answer.value.cases.map(each => [each.id, each]))
    for (const world of answer.value.worlds) run.appendOutput(terminalLines([`${file.label}, against ${world}`]))
    for (const item of cases) tell(outcomes.get(item.id), item, run)
    use?.add(answer.value, id => file.children.get(id))
  }
}

function tell(outcome: PolicyTestOutcome | undefined, item: TestItem, run: TestRun): void {
  if (outcome) run.appendOutput(outputOf(outcome), undefined, item)
  switch (outcome?.outcome) {
    case 'passed':
      run.passed(item)
      break
    case 'failed':
      if (outcome.actual === null) run.errored(item, messageOf(outcome, item))
      else run.failed(item, messageOf(outcome, item))
      break
    default:
      // Its author says so; or it was cut short, or typed away while it ran.
      run.skipped(item)
  }
}

/** At the case, and as one step of a stack: the rule that decided. */
function messageOf(outcome: PolicyTestOutcome, { uri }: TestItem): TestMessage {
  // With `expectedOutput` and `actualOutput` VS Code shows those at the line in the place of the reason, which says both.
  const message = new TestMessage(visible(outcome.reason))
  if (uri) message.location = new Location(uri, new Position(outcome.line, 0))
  const { place } = outcome
  if (place) {
    const { line, character } = place.range.start
    message.stackTrace = [new TestMessageStackFrame(visible(deciderOf(outcome) ?? ''), Uri.parse(place.uri), new Position(line, character))]
  }
  return message
}
