// Policy tests as an editor gets them from the built language server: their cases, what comes out, and against which world.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  DidChangeWatchedFilesNotification,
  ExecuteCommandRequest,
  FileChangeType,
  ShowMessageNotification,
} from 'vscode-languageserver-protocol/node'
import { startDemo } from '../../demo/demo.ts'
import {
  GetPolicyTests,
  type PolicyTestRun,
  RunPolicyTests,
  type RunPolicyTestsArguments,
  runPolicyTestsCommand,
  WorldChanged,
} from '../../server/src/protocol.ts'
import { shop } from '../server/core/policytest/shop.ts'
import { eventually } from '../support/eventually.ts'
import { LanguageServer, type LanguageServerOptions } from '../support/languageServer.ts'
import { run as commandLine, repository } from './commandLine.ts'

let folder: string
const running: LanguageServer[] = []

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'istio-security-tests-')))
  write('objects/mesh.yaml', shop)
})
afterEach(async () => {
  const stopped = running.splice(0)
  await Promise.all(stopped.map(server => server.stop()))
  rmSync(folder, { recursive: true, force: true })
  for (const server of stopped) expect([server.streamErrors, server.standardError]).toEqual([[], ''])
})

async function start(options: LanguageServerOptions = {}): Promise<LanguageServer> {
  const server = await LanguageServer.start({ folders: [folder], ...options })
  running.push(server)
  return server
}

function write(name: string, text: string): string {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), text)
  return uriOf(name)
}

function uriOf(name: string): string {
  return pathToFileURL(join(folder, name)).href
}

async function run(server: LanguageServer, asked: RunPolicyTestsArguments): Promise<PolicyTestRun> {
  const result = await server.connection.sendRequest(RunPolicyTests, asked)
  if ('problem' in result) expect.fail(result.problem)
  return result
}

const outcomes = ({ cases }: PolicyTestRun) => Object.fromEntries(cases.map(({ id, outcome }) => [id, outcome]))

const get = (name: string, path: string, expected: string) => `
  - name: ${name}
    from: { workload: shop/frontend }
    to: { workload: shop/checkout, port: 8080 }
    request: { method: GET, path: ${path} }
    expect: ${expected}
`
const tests = `${get('reads', '/cart', 'allow')}${get('administers', '/admin', 'deny')}${get('reads', '/admin', 'allow')}
  - name: later
    skip: waits for the gateway
  - name: half
    from: { workload: shop/frontend }
    expect: allow
`
const named = `kind: AuthorizationTest\nmesh: [../objects]\ncases:${tests}`
const unnamed = `kind: AuthorizationTest\ncases:${get('reads', '/cart', 'allow')}`

test('the cases of a file have ids of their own, open or not, and say what is wrong with them', async () => {
  const uri = write('tests/cart.istio-test.yaml', named)
  const server = await start()
  const list = await server.connection.sendRequest(GetPolicyTests, { uri })
  expect(list.map(({ id, name }) => [id, name])).toEqual([
    ['reads', 'reads'],
    ['administers', 'administers'],
    ['reads (2)', 'reads'],
    ['later', 'later'],
    ['half', 'half'],
  ])
  expect(list[0]?.range.start).toEqual({ line: 3, character: 4 })
  expect(list.map(({ problems }) => problems.length)).toEqual([0, 0, 0, 0, 1])
  server.open('kind: AuthorizationTest\ncases: []\n', uri)
  expect(await server.connection.sendRequest(GetPolicyTests, { uri })).toEqual([])
  expect(await server.connection.sendRequest(GetPolicyTests, { uri: uriOf('objects/mesh.yaml') })).toEqual([])
  expect(await server.connection.sendRequest(GetPolicyTests, { uri: uriOf('nowhere.istio-test.yaml') })).toEqual([])
})

test('what comes out is what the command line says, with the place of each rule', async () => {
  const uri = write('tests/cart.istio-test.yaml', named)
  const server = await start()
  const result = await run(server, { uri, coverage: true })
  const { out } = await commandLine(['test', 'tests', '--format', 'json'], { cwd: folder })
  const { worlds, cases, coverage, ...rest } = result
  const report = {
    ...rest,
    cases: cases.map(({ id: _, place: __, ...each }) => each),
    coverage: coverage.map(({ place: _, ...each }) => each),
  }
  expect(report).toEqual(JSON.parse(out))
  expect(worlds).toEqual(['../objects'])
  expect(cases.map(({ place }) => place?.uri ?? null)).toEqual([
    uriOf('objects/mesh.yaml'),
    ...Array(2).fill(uriOf('objects/mesh.yaml')),
    null,
    null,
  ])
  const line = shop.split('\n').findIndex(each => each.includes('sa/frontend]'))
  expect(coverage[0]).toMatchObject({ policy: 'shop/callers', rule: 0, decided: 1, place: { uri: uriOf('objects/mesh.yaml') } })
  expect(coverage[0]?.place?.range.start).toEqual({ line, character: 6 })
})

test('only the cases that are asked for are run', async () => {
  const uri = write('tests/cart.istio-test.yaml', named)
  const server = await start()
  const result = await run(server, { uri, cases: ['reads (2)', 'gone'] })
  expect(outcomes(result)).toEqual({ 'reads (2)': 'failed' })
  expect(result.summary).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

describe('the world of a test', () => {
  test('is what it names, as it stands in open editors', async () => {
    const uri = write('tests/cart.istio-test.yaml', named)
    const server = await start()
    expect((await run(server, { uri })).cases[0]).toMatchObject({ outcome: 'passed' })
    const mesh = server.open(shop.replace('methods: [GET]', 'methods: [PUT]'), uriOf('objects/mesh.yaml'))
    expect((await run(server, { uri })).cases[0]).toMatchObject({ outcome: 'failed', actual: 'deny', by: null, place: null })
    server.close(mesh)
    expect((await run(server, { uri })).cases[0]).toMatchObject({ outcome: 'passed' })
    server.open(named.replace('path: /cart', 'path: /admin'), uri)
    expect((await run(server, { uri })).cases[0]).toMatchObject({ outcome: 'failed', place: { uri: mesh } })
  })

  test('is the workspace where it names none, and then its files are everything there is', async () => {
    const uri = write('cart.istio-test.yaml', unnamed)
    const server = await start()
    const result = await run(server, { uri })
    expect(outcomes(result)).toEqual({ reads: 'passed' })
    expect(result.worlds[0]).toMatch(/^the files of the workspace alone\./)
    server.open(shop.replace('methods: [GET]', 'methods: [PUT]'), uriOf('objects/mesh.yaml'))
    expect(outcomes(await run(server, { uri }))).toEqual({ reads: 'failed' })
  })

  test('that is not there, or whose place is not known, fails the cases and says so', async () => {
    const uri = write('cart.istio-test.yaml', named)
    const server = await start()
    const [lost, , , later] = (await run(server, { uri })).cases
    expect(lost).toMatchObject({ outcome: 'failed', expected: 'allow', actual: null })
    expect(lost?.reason).toBe('The mesh of this test cannot be read: "../objects": there is no such file or folder.')
    expect(later).toMatchObject({ outcome: 'skipped', reason: 'waits for the gateway' })
    const [unsaved] = (await run(server, { uri: server.open(named) })).cases
    expect(unsaved).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('Save it first.') })
    const gone = await server.connection.sendRequest(RunPolicyTests, { uri: uriOf('gone.istio-test.yaml') })
    expect(gone).toMatchObject({ version: 1, problem: expect.stringContaining('cannot be read') })
  })

  test('is not read outside of a workspace that is not trusted', async () => {
    const uri = write('inside/tests/cart.istio-test.yaml', named.replace('../objects', '../../objects'))
    const server = await start({ folders: [join(folder, 'inside')], initializationOptions: { trusted: false } })
    expect((await run(server, { uri })).cases[0]).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('not trusted') })
    cpSync(join(folder, 'objects'), join(folder, 'inside', 'objects'), { recursive: true })
    server.open(named, uri)
    expect((await run(server, { uri })).cases[0]).toMatchObject({ outcome: 'passed' })
  })

  test('is the workspace over the cluster, which a run connects to and waits for', async () => {
    const demo = await startDemo()
    try {
      const kubeconfig = join(folder, 'kubeconfig')
      writeFileSync(kubeconfig, demo.kubeconfig())
      cpSync(join(repository, 'demo', 'workspace'), join(folder, 'demo'), { recursive: true })
      rmSync(join(folder, 'objects'), { recursive: true })
      const server = await start({ folders: [join(folder, 'demo')], kubeconfig })
      const result = await run(server, { uri: uriOf('demo/shop/checkout.istio-test.yaml') })
      expect(result.summary).toEqual({ passed: 4, failed: 0, skipped: 0 })
      expect(result.worlds).toEqual(['the files of the workspace over the cluster "demo"'])
    } finally {
      await demo.close()
    }
  })
})

test('any editor runs them by a command, and is told what came out if it wants', async () => {
  const uri = write('tests/cart.istio-test.yaml', named)
  const server = await start()
  expect(server.initialized.capabilities.executeCommandProvider?.commands).toContain(runPolicyTestsCommand)
  const shown: string[] = []
  server.connection.onNotification(ShowMessageNotification.type, ({ message }) => void shown.push(message))
  const command = (argument?: unknown) =>
    server.connection.sendRequest(ExecuteCommandRequest.type, { command: runPolicyTestsCommand, arguments: [argument] })
  expect(await command({ uri, cases: ['reads', 7], show: true })).toMatchObject({ version: 1, summary: { passed: 1 } })
  await command({ uri, show: true })
  await eventually(
    'both are shown',
    () => shown,
    messages => messages.length === 2,
  )
  expect(shown[0]).toBe('1 passed.')
  expect(shown[1]).toMatch(
    /^2 passed, 2 failed, 1 skipped\.\nreads: Expected allow, and it is denied\. .*\nhalf: This case cannot be run\. /,
  )
  expect(await command('nonsense')).toMatchObject({ version: 1, problem: expect.any(String) })
})

test('a client that runs tests continuously is told when what they stand on changes on the disk', async () => {
  const uri = write('tests/cart.istio-test.yaml', named)
  const server = await start({ capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } } })
  expect((await run(server, { uri })).cases[0]).toMatchObject({ outcome: 'passed' })
  let told = 0
  server.connection.onNotification(WorldChanged, () => {
    told += 1
  })
  const mesh = write('objects/mesh.yaml', shop.replace('methods: [GET]', 'methods: [PUT]'))
  await server.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
    changes: [{ uri: mesh, type: FileChangeType.Changed }],
  })
  await eventually(
    'it is told',
    () => told,
    times => times > 0,
  )
  expect((await run(server, { uri })).cases[0]).toMatchObject({ outcome: 'failed' })
})
