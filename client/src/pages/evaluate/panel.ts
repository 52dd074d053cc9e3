// The one form to evaluate requests in: keeps the last request, asks anew with every key and every change of the world, shows the answer.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CancellationTokenSource,
  Disposable,
  type ExtensionContext,
  env,
  Range,
  ThemeIcon,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode'
import {
  type Evaluation,
  type EvaluationChoices,
  type EvaluationSubject,
  GetEvaluationChoices,
  type WrittenCase,
} from '../../../../server/src/protocol.ts'
import { coalesce } from '../../coalesce.ts'
import { isServed, type Server } from '../../server.ts'
import { visible } from '../../text.ts'
import { problemAnswer, shownAnswer } from './answer.ts'
import { RuleDecorations } from './decorations.ts'
import { type Fields, type FromForm, readFields, readFromForm, type ShownAnswer, type ToForm } from './messages.ts'
import { evaluatePage } from './page.ts'
import { choicesOf, firstFields, requestOf } from './request.ts'
import { saveAsTest } from './saveAsTest.ts'

interface Form {
  readonly panel: WebviewPanel
  readonly decorations: RuleDecorations
  subject: EvaluationSubject
  fields: Fields
  choices: EvaluationChoices
  asking: CancellationTokenSource
  case?: WrittenCase
  evaluation?: Evaluation
}

/** Of somebody who types in a policy, not every key. */
const msBetweenReadings = 250

const lastRequest = 'istioSecurity.lastRequest'

export class EvaluateForm implements Disposable {
  readonly #server: Server
  readonly #context: ExtensionContext
  #form: Form | undefined

  constructor(server: Server, context: ExtensionContext) {
    this.#server = server
    this.#context = context
  }

  /** Begins with the last request where it suits the policy, else with what the rule describes. */
  async open(asked: EvaluationSubject): Promise<void> {
    const [choices, script] = await Promise.all([this.#choicesFor(asked), this.#script()])
    if (!choices) return
    const { policy, rule } = choices
    const { position: _, ...file } = asked
    const subject = { ...file, ...(policy ? { policy } : {}), ...(rule === undefined ? {} : { rule }) }
    const fields = firstFields(readFields(this.#context.workspaceState.get(lastRequest)), choices)
    if (this.#form) {
      Object.assign(this.#form, { subject, fields, choices })
      this.#form.panel.title = titleOf(subject)
      this.#form.panel.reveal(undefined, false)
      this.#fill(this.#form)
    } else this.#form = this.#create({ subject, fields, choices }, script)
  }

  dispose(): void {
    this.#form?.panel.dispose()
  }

  async #choicesFor(subject: EvaluationSubject): Promise<EvaluationChoices | undefined> {
    const answer = await this.#server.ask(async client => ({ ok: true, value: await client.sendRequest(GetEvaluationChoices, subject) }))
    if (answer.ok) return answer.value
    void window.showWarningMessage(`${answer.problem.message} ${answer.problem.remedy}`)
    return undefined
  }

  #script(): Promise<string> {
    return readFile(this.#context.asAbsolutePath(join('dist', 'evaluateForm.js')), 'utf8')
  }

  #create(given: Pick<Form, 'subject' | 'fields' | 'choices'>, script: string): Form {
    const panel = window.createWebviewPanel('istioSecurity.evaluate', titleOf(given.subject), ViewColumn.Beside, {
      enableScripts: true,
      enableFindWidget: true,
      localResourceRoots: [],
    })
    panel.iconPath = new ThemeIcon('play')
    const form: Form = { ...given, panel, decorations: new RuleDecorations(), asking: new CancellationTokenSource() }
    const worldChanged = coalesce(() => void this.#worldChanged(form), msBetweenReadings)
    const subscriptions = Disposable.from(
      form.decorations,
      worldChanged,
      panel.webview.onDidReceiveMessage((message: unknown) => this.#heard(form, readFromForm(message))),
      workspace.onDidChangeTextDocument(({ contentChanges, document }) => {
        if (contentChanges.length > 0 && isServed(document)) worldChanged()
      }),
      this.#server.onWorldChange(worldChanged),
    )
    panel.onDidDispose(() => {
      form.asking.cancel()
      subscriptions.dispose()
      if (this.#form === form) this.#form = undefined
    })
    panel.webview.html = evaluatePage(script, randomBytes(16).toString('hex'))
    return form
  }

  #heard(form: Form, message: FromForm | undefined): void {
    switch (message?.type) {
      case 'ready':
        this.#fill(form)
        break
      case 'fields':
        form.fields = message.fields
        void this.#context.workspaceState.update(lastRequest, message.fields)
        void this.#evaluate(form)
        break
      case 'reveal':
        void reveal(form.evaluation?.steps[message.step])
        break
      case 'copy':
        void copyCommand(form.evaluation)
        break
      case 'save':
        if (form.case) void saveAsTest(this.#server, form.case, form.subject)
    }
  }

  #fill(form: Form): void {
    post(form, { type: 'form', form: { title: titleOf(form.subject), fields: form.fields, choices: choicesOf(form.choices) } })
    void this.#evaluate(form)
  }

  /** What can be chosen may be something else now, and the answer too. */
  async #worldChanged(form: Form): Promise<void> {
    const asked = this.#server.ask(async client => ({ ok: true, value: await client.sendRequest(GetEvaluationChoices, form.subject) }))
    void this.#evaluate(form)
    const answer = await asked
    if (!answer.ok || this.#form !== form || JSON.stringify(answer.value) === JSON.stringify(form.choices)) return
    form.choices = answer.value
    post(form, { type: 'choices', choices: choicesOf(answer.value) })
  }

  /** A newer question makes an older one stop. */
  async #evaluate(form: Form): Promise<void> {
    form.asking.cancel()
    const asking = new CancellationTokenSource()
    form.asking = asking
    const request = requestOf(form.fields)
    if (!request.ok) return this.#show(form, problemAnswer(request.problem))
    const { uri } = form.subject
    const answer = await this.#server.evaluate({ case: request.case, ...(uri === undefined ? {} : { uri }) }, asking.token)
    if (form.asking !== asking || asking.token.isCancellationRequested) return
    form.case = request.case
    if (!answer.ok) this.#show(form, problemAnswer(`${answer.problem.message} ${answer.problem.remedy}`))
    else if ('problem' in answer.value) this.#show(form, shownAnswer(answer.value))
    else this.#show(form, shownAnswer(answer.value), answer.value)
  }

  #show(form: Form, answer: ShownAnswer, evaluation?: Evaluation): void {
    if (evaluation) {
      form.evaluation = evaluation
      form.decorations.show(evaluation)
    } else {
      delete form.evaluation
      form.decorations.clear()
    }
    post(form, { type: 'answer', answer })
  }
}

function post({ panel }: Form, message: ToForm): void {
  void panel.webview.postMessage(message)
}

function titleOf({ policy }: EvaluationSubject): string {
  return policy ? visible(`Evaluate: ${policy.name}`) : 'Evaluate a Request'
}

async function reveal(step: Evaluation['steps'][number] | undefined): Promise<void> {
  if (!step?.uri || !step.range) return
  const { line, character } = step.range.start
  const uri = Uri.parse(step.uri)
  const open = window.visibleTextEditors.find(({ document }) => document.uri.fsPath === uri.fsPath)
  await window.showTextDocument(open?.document ?? (await workspace.openTextDocument(uri)), {
    viewColumn: open?.viewColumn ?? ViewColumn.One,
    selection: new Range(line, character, line, character),
  })
}

async function copyCommand(evaluation: Evaluation | undefined): Promise<void> {
  if (!evaluation) return
  await env.clipboard.writeText(evaluation.command)
  window.setStatusBarMessage('Command copied.', 3_000)
}
