// Evaluate through the built language server, as an editor without a form of ours gets it: lenses, hints, and the command behind them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type CodeLens,
  CodeLensRequest,
  CodeLensResolveRequest,
  ExecuteCommandRequest,
  InlayHintRequest,
  ShowMessageNotification,
} from 'vscode-languageserver-protocol/node'
import {
  type EvaluateResult,
  type Evaluation,
  evaluateCommand,
  GetEvaluationChoices,
  type WhoCanCallResult,
  WriteTest,
  whoCanCallCommand,
} from '../../server/src/protocol.ts'
import { LanguageServer, type LanguageServerOptions } from '../support/languageServer.ts'
import { run } from './commandLine.ts'

const mesh = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: frontend, namespace: shop }
spec: { template: { metadata: { labels: { app: frontend } }, spec: { serviceAccountName: frontend, containers: [{ name: app, ports: [{ containerPort: 8080 }] }] } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec: { template: { metadata: { labels: { app: checkout } }, spec: { serviceAccountName: checkout, containers: [{ name: app, ports: [{ containerPort: 8080 }] }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-admin, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  action: DENY
  rules:
    - to: [{ operation: { paths: [/admin/*] } }]
`

const policy = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: checkout-callers, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/frontend] } }]
      to: [{ operation: { methods: [GET], paths: [/cart*], ports: ["80", "8080"] } }]
`

const asked = {
  from: { workload: 'shop/frontend' },
  to: { workload: 'shop/checkout', port: 8080 },
  request: { method: 'GET', path: '/cart?x=1' },
}

let folder: string
const running: LanguageServer[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'istio-security-evaluate-'))
  writeFileSync(join(folder, 'mesh.yaml'), mesh)
  writeFileSync(join(folder, 'policy.yaml'), policy)
})
afterEach(async () => {
  const stopped = running.splice(0)
  await Promise.all(stopped.map(server => server.stop()))
  rmSync(folder, { recursive: true, force: true })
  for (const server of stopped) {
    expect(server.streamErrors).toEqual([])
    expect(server.standardError).toBe('')
    expect(server.log.filter(line => /\n\s+at /.test(line))).toEqual([])
  }
})

const capabilities = { textDocument: { codeLens: {}, inlayHint: {} } }

async function start(options: LanguageServerOptions = {}): Promise<LanguageServer> {
  const settings = { closedWorld: true, ...options.settings }
  const server = await LanguageServer.start({ folders: [folder], capabilities, ...options, settings })
  running.push(server)
  return server
}

function openPolicy(server: LanguageServer, text = policy): string {
  return server.open(text, pathToFileURL(join(folder, 'policy.yaml')).href)
}

async function evaluate(server: LanguageServer, argument: unknown): Promise<EvaluateResult> {
  return server.connection.sendRequest(ExecuteCommandRequest.type, { command: evaluateCommand, arguments: [argument] })
}

async function decided(server: LanguageServer, argument: unknown): Promise<Evaluation> {
  const answer = await evaluate(server, argument)
  if ('problem' in answer) throw new Error(answer.problem)
  return answer
}

async function titles(server: LanguageServer, uri: string): Promise<readonly string[]> {
  const lenses = (await server.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } })) ?? []
  const whole = await Promise.all(
    lenses.map(lens => (lens.command ? lens : server.connection.sendRequest(CodeLensResolveRequest.type, lens))),
  )
  return whole.map((lens: CodeLens) => `${lens.range.start.line}: ${lens.command?.title}`)
}

const everything = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } }

describe('the command', () => {
  test('answers as `authorize --format json` does, with the words and the command line', async () => {
    const server = await start()
    expect(server.initialized.capabilities.executeCommandProvider?.commands).toContain(evaluateCommand)
    const { text, command, case: echoed, steps, ...report } = await decided(server, { case: asked })
    expect(echoed).toEqual(asked)
    expect(command).toBe(
      "istio-security authorize . --from shop/frontend --to shop/checkout:8080 --method GET --path '/cart?x=1' --closed-world",
    )
    const args = ['authorize', '.', '--from', 'shop/frontend', '--to', 'shop/checkout:8080', '--method', 'GET', '--path', '/cart?x=1']
    const told = await run([...args, '--closed-world', '--format', 'json'], { cwd: folder })
    const { steps: sameSteps, ...same } = JSON.parse(told.out)
    expect(report).toEqual(same)
    expect(steps).toMatchObject(sameSteps)
    const words = await run([...args, '--closed-world'], { cwd: folder })
    expect(text).toBe(words.out)
    expect(text).toMatch(/^Allowed \(200\) by shop\/checkout-callers rule 0 · policy\.yaml:7\n/)
  })

  test('judges the text that is being typed, and says where each rule stands', async () => {
    const server = await start()
    const uri = openPolicy(server)
    expect(await decided(server, { case: asked, uri })).toMatchObject({ decision: 'allow' })
    server.change(uri, `# moved\n${policy.replace('[GET]', '[POST]')}`)
    const { decision, status, steps } = await decided(server, { case: asked, uri })
    expect([decision, status]).toEqual(['deny', 403])
    expect(steps).toContainEqual(
      expect.objectContaining({
        policy: 'shop/checkout-callers',
        rule: 0,
        because: 'method GET is not in [POST]',
        uri,
        range: expect.objectContaining({ start: { line: 7, character: 6 } }),
      }),
    )
  })

  test('without a case asks what the rule describes, and shows the answer where it is asked to', async () => {
    const server = await start()
    const shown: string[] = []
    server.connection.onNotification(ShowMessageNotification.type, ({ message }) => void shown.push(message))
    const answer = await decided(server, { policy: { namespace: 'shop', name: 'checkout-callers' }, rule: 0, show: true })
    expect(answer.case).toEqual({ ...asked, request: { method: 'GET', path: '/cart' } })
    expect(answer.decision).toBe('allow')
    expect(shown).toEqual([answer.text])
  })

  test.each([
    ['nothing', undefined, 'Name a case'],
    ['an empty case', { case: {} }, 'from'],
    ['a workload that is not there', { case: { ...asked, to: { workload: 'shop/chekout', port: 8080 } } }, 'Did you mean "shop/checkout"?'],
    ['a wrong address', { case: { ...asked, ip: 'home' } }, '"home" is no IP address.'],
    ['another policy', { policy: { namespace: 'shop', name: 'other' } }, 'No workload of policy "shop/other" is known'],
  ])('asked about %s says what is wrong', async (_, argument, words) => {
    const server = await start()
    expect(await evaluate(server, argument)).toEqual({ version: 1, problem: expect.stringContaining(words) })
  })

  test('what an option cannot say travels as a case', async () => {
    const server = await start()
    const token = { ...asked, jwt: { iss: "it's", claims: { admin: true } } }
    const { command } = await decided(server, { case: token })
    expect(command).toBe(
      String.raw`printf %s '{"from":{"workload":"shop/frontend"},"to":{"workload":"shop/checkout","port":8080},"request":{"method":"GET","path":"/cart?x=1"},"jwt":{"iss":"it'\''s","claims":{"admin":true}}}' | istio-security authorize . --request - --closed-world`,
    )
  })

  test('another command is refused', async () => {
    const server = await start()
    const unknown = server.connection.sendRequest(ExecuteCommandRequest.type, { command: 'istioSecurity.nothing' })
    await expect(unknown).rejects.toThrow('There is no command "istioSecurity.nothing".')
  })
})

describe('lenses and hints', () => {
  test('stand above a policy and its rules, and beside a port', async () => {
    const server = await start()
    const uri = openPolicy(server)
    expect(await titles(server, uri)).toEqual(
      expect.arrayContaining(['0: ▷ Evaluate', '0: 1 workload', '0: Who can call', '6: ▷ Evaluate']),
    )
    const hints = await server.connection.sendRequest(InlayHintRequest.type, { textDocument: { uri }, range: everything })
    expect(hints).toMatchObject([{ label: '‹ checkout listens on 8080', position: { line: 7 } }])
  })

  test('are run by the server for a client without commands of its own', async () => {
    const server = await start()
    const uri = openPolicy(server)
    const [first] = (await server.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } })) ?? []
    expect(first?.command).toMatchObject({ command: evaluateCommand, arguments: [{ show: true }] })
    expect(await decided(server, first?.command?.arguments?.[0])).toMatchObject({ decision: 'allow' })
  })

  test('are not offered twice to a client that has the commands', async () => {
    const server = await start({ initializationOptions: { ownCommands: true } })
    expect(server.initialized.capabilities.executeCommandProvider).toBeUndefined()
    expect(await decided(server, { case: asked })).toMatchObject({ decision: 'allow' })
  })

  test('are not announced to a client that shows none', async () => {
    const { initialized } = await start({ capabilities: {} })
    expect(initialized.capabilities.codeLensProvider).toBeUndefined()
    expect(initialized.capabilities.inlayHintProvider).toBeUndefined()
  })

  test('are gone where the settings say so', async () => {
    const server = await start({ settings: { codeLens: false, inlayHints: false } })
    const uri = openPolicy(server)
    expect(await titles(server, uri)).toEqual([])
    expect(await server.connection.sendRequest(InlayHintRequest.type, { textDocument: { uri }, range: everything })).toEqual([])
  })
})

describe('who can call', () => {
  const ask = (server: LanguageServer, argument: unknown): Promise<WhoCanCallResult> =>
    server.connection.sendRequest(ExecuteCommandRequest.type, { command: whoCanCallCommand, arguments: [argument] })

  test.each([
    ['a workload', { to: 'shop/checkout:8080' }, ['--to', 'shop/checkout:8080']],
    ['what a workload calls', { from: 'shop/frontend' }, ['--from', 'shop/frontend']],
    ['the workload of a policy', { policy: { namespace: 'shop', name: 'checkout-callers' } }, ['--to', 'shop/checkout']],
    ['the workload of a Service', { service: { namespace: 'shop', name: 'checkout' } }, ['--to', 'shop/checkout']],
  ])('%s is answered as `access` does', async (_, argument, options) => {
    const server = await start()
    const answer = await ask(server, argument)
    const told = await run(['access', '.', ...options, '--closed-world', '--format', 'json'], { cwd: folder })
    expect(answer).toMatchObject(JSON.parse(told.out))
    const words = await run(['access', '.', ...options, '--closed-world'], { cwd: folder })
    expect(answer).toMatchObject({ text: words.out })
  })

  test('what stands at the cursor is meant where nothing else is said', async () => {
    const server = await start()
    const uri = openPolicy(server)
    expect(await ask(server, { uri, position: { line: 1, character: 0 } })).toMatchObject({ title: 'Who can call checkout' })
  })

  test('of a policy for several workloads each is answered', async () => {
    const server = await start()
    const uri = openPolicy(server, policy.replace('  selector: { matchLabels: { app: checkout } }\n', ''))
    const answer = await ask(server, { uri, policy: { namespace: 'shop', name: 'checkout-callers' } })
    expect(answer).toMatchObject({
      title: 'Who can call the workloads of checkout-callers',
      accesses: [{ to: { workload: 'shop/checkout' } }, { to: { workload: 'shop/frontend' } }],
    })
  })

  test.each([
    [undefined, 'Name a workload'],
    [{ to: 'checkout' }, 'names no namespace'],
    [{ from: 'shop/frontnd' }, 'Did you mean "shop/frontend"?'],
    [{ serviceAccount: { namespace: 'shop', name: 'a' } }, 'Name a workload'],
  ])('%j is answered with what is wrong', async (argument, words) => {
    const server = await start()
    expect(await ask(server, argument)).toEqual({ version: 1, problem: expect.stringContaining(words) })
  })
})

test('who can call whom is offered to a form', async () => {
  const server = await start()
  const named = { policy: { namespace: 'shop', name: 'checkout-callers' } }
  const choices = await server.connection.sendRequest(GetEvaluationChoices, named)
  expect(choices.targets).toEqual([{ workload: 'shop/checkout', port: 8080 }])
  expect(choices.callers).toContainEqual({ workload: 'shop/frontend', identity: 'cluster.local/ns/shop/sa/frontend' })
  expect(choices.example).toEqual({ ...asked, request: { method: 'GET', path: '/cart' } })
})

test.each([
  ['a rule', { line: 7, character: 3 }, { policy: { namespace: 'shop', name: 'checkout-callers' }, rule: 0 }],
  ['elsewhere in a policy', { line: 1, character: 0 }, { policy: { namespace: 'shop', name: 'checkout-callers' } }],
])('from the cursor in %s follows what is meant', async (_, position, meant) => {
  const server = await start()
  const uri = openPolicy(server)
  const { callers, targets, example, ...found } = await server.connection.sendRequest(GetEvaluationChoices, { uri, position })
  expect(found).toEqual(meant)
  expect(targets).toHaveLength(1)
})

test('a case that is kept as a test passes', async () => {
  const server = await start()
  const insertion = await server.connection.sendRequest(WriteTest, { case: asked, text: '' })
  if ('problem' in insertion) throw new Error(insertion.problem)
  const second = await server.connection.sendRequest(WriteTest, { case: { ...asked, request: { method: 'DELETE' } }, text: insertion.text })
  if ('problem' in second) throw new Error(second.problem)
  writeFileSync(join(folder, 'shop.istio-test.yaml'), `${insertion.text}${second.text}`)
  const told = await run(['test', 'shop.istio-test.yaml', '--closed-world', '--format', 'json'], { cwd: folder })
  expect(JSON.parse(told.out)).toMatchObject({ summary: { passed: 2, failed: 0, skipped: 0 } })
})
