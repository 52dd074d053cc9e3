// The built language server over stdio against the demo mesh: what any editor gets from it.
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type CompletionItem,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  InsertTextFormat,
} from 'vscode-languageserver-protocol/node'
import { type Demo, startDemo } from '../../demo/demo.ts'
import {
  AllowProgram,
  CloseContext,
  type ContextInfo,
  GetAuthority,
  GetCertificates,
  GetClusters,
  GetContexts,
  GetMeshNodes,
  GetNamespaces,
  GetPodCertificates,
  InspectCertificate,
  type MeshRow,
  OpenContext,
  ReadCertificates,
  Refresh,
  SelectNamespaces,
  UseContext,
} from '../../server/src/protocol.ts'
import { eventually } from '../support/eventually.ts'
import { LanguageServer, type LanguageServerOptions } from '../support/languageServer.ts'

let demo: Demo
let folder: string
let kubeconfig: string
const running: LanguageServer[] = []

beforeAll(async () => {
  demo = await startDemo()
})
beforeEach(async () => {
  await demo.world.reset()
  folder = mkdtempSync(join(tmpdir(), 'istio-security-lsp-'))
  kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, demo.kubeconfig())
})
afterEach(async () => {
  const stopped = running.splice(0)
  await Promise.all(stopped.map(server => server.stop()))
  rmSync(folder, { recursive: true, force: true })
  // Whatever a test did: nothing but messages on standard output, nothing on standard error, no handler that threw.
  for (const server of stopped) {
    expect(server.streamErrors).toEqual([])
    expect(server.standardError).toBe('')
    expect(server.log.filter(line => /\n\s+at /.test(line))).toEqual([])
  }
})
afterAll(() => demo?.close())

async function start(options: LanguageServerOptions = {}): Promise<LanguageServer> {
  const server = await LanguageServer.start(options)
  running.push(server)
  return server
}

async function connected(options: LanguageServerOptions = {}): Promise<LanguageServer> {
  const server = await start({ kubeconfig, ...options })
  await server.reached('connected')
  return server
}

const policy = (principal: string) => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: checkout-callers
  namespace: shop
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
    - from:
        - source:
            principals: ["${principal}"]
`
const behind = (typed: string) => ({ line: 10, character: `            principals: ["${typed}`.length })
const permissive =
  'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec:\n  mtls:\n    mode: PERMISSIVE\n'
const labels = (items: readonly CompletionItem[]) => items.map(({ label }) => label)
const spiffe = policy('spiffe://cluster.local/ns/shop/sa/frontend')
const chekout = policy('cluster.local/ns/shop/sa/chekout')
/** The namespace of the policy and the workload it selects. */
const shop = `apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
`

/** Children of a row of the judging cluster; its namespaces for none. */
async function nodes(server: LanguageServer, parent = 'cluster/'): Promise<readonly MeshRow[]> {
  const answer = await server.connection.sendRequest(GetMeshNodes, { parent })
  if (!answer.ok) expect.fail(answer.problem.message)
  return answer.value
}

const podNames = async (server: LanguageServer, workload: string) => {
  const shop = (await nodes(server)).find(node => node.kind === 'namespace' && node.name === 'shop')
  const found = (await nodes(server, shop?.id)).find(node => node.kind === 'workload' && node.name === workload)
  return found ? (await nodes(server, found.id)).map(node => (node.kind === 'pod' ? node.name : '')) : []
}

test('no cluster is contacted for files that are none of ours; a policy, or somebody who looks, connects', async () => {
  const before = demo.requests.length
  const server = await start({ kubeconfig })
  const compose = server.open('services:\n  web: { image: nginx }\n')
  expect(await server.diagnose(compose)).toEqual([])
  expect(demo.requests.length).toBe(before)
  server.open(policy('cluster.local/ns/shop/sa/frontend'))
  await eventually(
    'the policy has connected it',
    () => server.states.at(-1),
    state => state?.kind === 'connected',
  )
})

test('principals complete from the live service accounts', async () => {
  const server = await connected()
  const uri = server.open(policy('cluster.local/ns/shop/'))
  expect(labels(await server.complete(uri, behind('cluster.local/ns/shop/')))).toEqual(
    expect.arrayContaining(['cluster.local/ns/shop/sa/checkout', 'cluster.local/ns/shop/sa/nightly-report']),
  )
})

test('a principal of no account is a warning whose fix names the nearest account', async () => {
  const server = await connected()
  const uri = server.open(chekout)
  const [finding] = await server.diagnose(uri)
  expect(finding).toMatchObject({ source: 'istio-security', code: 'unknown-service-account', severity: 2 })
  const page = fileURLToPath(finding?.codeDescription?.href.replace(/#.*/, '') ?? '')
  expect(page).toBe(fileURLToPath(new URL('../../RULES.md', import.meta.url)))
  const [action] = await server.codeActions(uri, finding?.range ?? { start: behind(''), end: behind('') }, finding ? [finding] : [])
  expect(action?.title).toContain('"checkout"')
  const [edit] = action?.edit?.changes?.[uri] ?? []
  const line = chekout.split('\n')[10] ?? ''
  expect(line.slice(0, edit?.range.start.character) + edit?.newText + line.slice(edit?.range.end.character)).toBe(
    line.replace('chekout', 'checkout'),
  )
})

test('hover says whom a policy admits, what a mode means and who presents an identity', async () => {
  const server = await connected()
  const uri = server.open(policy('cluster.local/ns/shop/sa/frontend'))
  expect(await server.hover(uri, { line: 3, character: 10 })).toMatch(/frontend/)
  expect(await server.hover(uri, behind('cluster.local'))).toMatch(/frontend-/)
  expect(await server.hover(server.open(permissive), { line: 5, character: 12 })).toMatch(/PERMISSIVE/)
  expect(await server.hover(uri, { line: 0, character: 0 })).not.toContain('undefined')
})

test('a PERMISSIVE mode has a way to STRICT', async () => {
  const server = await connected()
  const at = { line: 5, character: 12 }
  const actions = await server.codeActions(server.open(permissive), { start: at, end: at })
  expect(actions.map(({ title }) => title).join('\n')).toContain('STRICT')
  expect(actions.every(({ edit }) => edit?.changes !== undefined)).toBe(true)
})

test('the tree leads from namespaces to pods with mode and identity', async () => {
  const server = await connected()
  const shop = (await nodes(server)).find(node => node.kind === 'namespace' && node.name === 'shop')
  expect(shop).toMatchObject({ mode: 'STRICT', dataplane: 'sidecar' })
  const checkout = (await nodes(server, shop?.id)).find(node => node.kind === 'workload' && node.name === 'checkout')
  expect(checkout).toMatchObject({ mode: 'STRICT', policy: 'shop/default', owner: 'Deployment' })
  expect(await nodes(server, checkout?.id)).toMatchObject([{ kind: 'pod', identity: 'cluster.local/ns/shop/sa/checkout' }, { kind: 'pod' }])
  expect(await nodes(server, 'no such node')).toEqual([])
})

test('certificates come by urgency, a page at a time, and one pod in full', async () => {
  const server = await connected()
  const two = { grouping: 'expiry', limits: { demo: 2 } } as const
  const nothing = await server.connection.sendRequest(GetCertificates, two)
  expect(nothing).toMatchObject({ ok: true, value: [{ context: 'demo', read: 0, wanted: 2, rows: [] }] })
  await server.connection.sendRequest(ReadCertificates, two)
  const some = await server.connection.sendRequest(GetCertificates, { grouping: 'expiry' })
  if (!some.ok) expect.fail(some.problem.message)
  expect(some.value).toMatchObject([{ read: 2 }])
  const { workloads } = some.value[0] ?? {}
  await server.connection.sendRequest(ReadCertificates, { grouping: 'expiry' })
  const all = await server.connection.sendRequest(GetCertificates, { grouping: 'expiry' })
  expect(all).toMatchObject({ ok: true, value: [{ read: workloads, wanted: workloads }] })
  const [attention] = all.ok ? (all.value[0]?.rows ?? []) : []
  const rows = attention?.kind === 'certificates' ? attention.rows : []
  expect(rows.flatMap(row => (row.kind === 'certificate' ? [row.state] : [row.kind]))).toEqual([
    'authority',
    'expired',
    'warming',
    'renewal-due',
    'valid',
    'unreadable',
  ])

  const ofCheckout = { workload: 'certificate/shop/Deployment.checkout', context: 'demo' }
  const pods = await server.connection.sendRequest(GetPodCertificates, ofCheckout)
  expect(pods).toMatchObject({ ok: true, value: [{ state: 'valid' }, { state: 'valid' }] })
  const [authority] = rows
  if (authority?.kind !== 'authority') expect.fail('no CA needs attention')
  const text = await server.connection.sendRequest(GetAuthority, { sha256: authority.sha256, context: 'demo' })
  expect(text).toMatchObject({ ok: true, value: expect.stringContaining('-----BEGIN CERTIFICATE-----') })

  const [name = ''] = await podNames(server, 'checkout')
  const inspected = await server.connection.sendRequest(InspectCertificate, { namespace: 'shop', name })
  if (!inspected.ok) expect.fail(inspected.problem.message)
  expect(inspected.value).toMatchObject({ proxy: 'sidecar', expectedIdentity: 'spiffe://cluster.local/ns/shop/sa/checkout' })
  expect(inspected.value.text).toContain('spiffe://cluster.local/ns/shop/sa/checkout')
})

test('a context can be chosen, left and read anew', async () => {
  const server = await connected()
  expect(await server.connection.sendRequest(GetContexts)).toMatchObject({
    ok: true,
    value: [
      { name: 'demo', current: true },
      { name: 'demo-narrow', current: false },
    ],
  })
  const narrow = await server.connection.sendRequest(UseContext, { context: 'demo-narrow' })
  expect(narrow).toMatchObject({ kind: 'connected', context: 'demo-narrow' })
  expect(narrow.kind === 'connected' && narrow.gaps.map(({ resource }) => resource)).toContain('pods')
  const uri = server.open(chekout)
  expect(await server.diagnose(uri)).toHaveLength(1)
  expect(await server.connection.sendRequest(UseContext, { context: null })).toMatchObject({ kind: 'off' })
  expect(await server.diagnose(uri)).toEqual([])
  // Files only was a choice for the window: a change of settings does not undo it.
  server.configure({ ...server.settings, rules: { 'spiffe-prefix': 'hint' } })
  expect(await server.diagnose(server.open(spiffe))).toMatchObject([{ severity: 4 }])
  expect((await server.connection.sendRequest(Refresh, {})).kind).toBe('off')
  expect(await server.connection.sendRequest(UseContext, { context: 'demo' })).toMatchObject({ kind: 'connected', gaps: [] })
})

describe('a kubeconfig besides the configured one', () => {
  const otherFile = (): string => {
    const path = join(folder, 'other')
    writeFileSync(
      path,
      demo.kubeconfig().replace('name: demo\n    context', 'name: prod\n    context').replace('-context: demo', '-context: prod'),
    )
    return path
  }
  const contexts = async (server: LanguageServer): Promise<readonly ContextInfo[]> => {
    const answer = await server.connection.sendRequest(GetContexts)
    return answer.ok ? answer.value : expect.fail(answer.problem.message)
  }

  test('adds its contexts to the list, and each of the list can be chosen, there and back', async () => {
    const server = await connected()
    const other = otherFile()
    await server.connection.sendRequest(UseContext, { context: 'prod', kubeconfig: other })
    const listed = await contexts(server)
    expect(listed).toMatchObject([
      { name: 'demo', current: true },
      { name: 'demo-narrow', current: false },
      { name: 'prod', current: false, kubeconfig: other },
      { name: 'demo-narrow', current: false, kubeconfig: other },
    ])
    expect(listed.slice(0, 2).filter(each => 'kubeconfig' in each)).toEqual([])
    for (const { name, kubeconfig: file } of [...listed, ...listed]) {
      const choice = { context: name, ...(file === undefined ? {} : { kubeconfig: file }) }
      expect(await server.connection.sendRequest(UseContext, choice)).toMatchObject({ kind: 'connected', context: name })
    }
    rmSync(other)
    expect((await contexts(server)).map(({ name }) => name)).toEqual(['demo', 'demo-narrow'])
  })

  test('is listed also where the configured one is not there', async () => {
    const server = await start({ kubeconfig: join(folder, 'nope') })
    const kubeconfig = otherFile()
    expect(await server.connection.sendRequest(UseContext, { context: 'prod', kubeconfig })).toMatchObject({ kind: 'connected' })
    expect((await contexts(server)).map(({ name }) => name)).toEqual(['prod', 'demo-narrow'])
  })

  test('is used with its own current context, whatever was chosen or configured before', async () => {
    const server = await connected({ settings: { context: 'demo-narrow' } })
    const kubeconfig = otherFile()
    await server.connection.sendRequest(UseContext, { context: null })
    expect(await server.connection.sendRequest(UseContext, { kubeconfig })).toMatchObject({ kind: 'connected', context: 'prod' })
    // Settings that arrive meanwhile, as the file is kept there, change nothing.
    server.configure({ cluster: 'auto', kubeconfig, context: 'demo-narrow' })
    await server.diagnose(server.open(spiffe))
    expect((await server.connection.sendRequest(GetClusters)).state).toMatchObject({ kind: 'connected', context: 'prod' })
  })
})

test('what was read from one context is not asked of another', async () => {
  const server = await connected()
  const shop = (await nodes(server)).find(node => node.kind === 'namespace' && node.name === 'shop')
  const [workload] = await nodes(server, shop?.id)
  const [pod] = await nodes(server, workload?.id)
  expect([shop, workload, pod]).toMatchObject([{ context: 'demo' }, { context: 'demo' }, { kind: 'pod', context: 'demo' }])
  expect(await server.connection.sendRequest(GetCertificates, { grouping: 'root' })).toMatchObject({ value: [{ context: 'demo' }] })
  if (pod?.kind !== 'pod') expect.fail('the workload has no pod')

  const ref = { namespace: pod.namespace, name: pod.name, context: pod.context }
  expect(await server.connection.sendRequest(InspectCertificate, ref)).toMatchObject({ ok: true, value: { pod: ref } })
  await server.connection.sendRequest(UseContext, { context: 'demo-narrow' })
  const refused = { ok: false, problem: { kind: 'closed-cluster', context: 'demo' } }
  expect(await server.connection.sendRequest(InspectCertificate, ref)).toMatchObject(refused)
  expect(await server.connection.sendRequest(GetMeshNodes, { parent: 'namespace/shop', context: 'demo' })).toMatchObject(refused)
})

describe('several clusters', () => {
  const roots = async (server: LanguageServer) => {
    const answer = await server.connection.sendRequest(GetMeshNodes, {})
    return answer.ok ? answer.value : expect.fail(answer.problem.message)
  }

  test('stand side by side, and files are judged against one', async () => {
    const server = await connected()
    const uri = server.open(chekout)
    expect(await server.connection.sendRequest(OpenContext, { context: 'demo-narrow' })).toMatchObject({ kind: 'connected' })
    expect(await roots(server)).toMatchObject([
      {
        kind: 'cluster',
        context: 'demo',
        judging: true,
        description: expect.stringMatching(/^for files · connected · Istio [\d.]+$/),
      },
      { kind: 'cluster', context: 'demo-narrow', judging: false, state: { kind: 'connected' } },
    ])
    expect(await server.diagnose(uri)).toHaveLength(1)
    for (const { id, context } of await roots(server)) {
      const below = await server.connection.sendRequest(GetMeshNodes, { parent: id, context })
      expect(below.ok && new Set(below.value.map(row => row.context))).toEqual(new Set([context]))
    }
    const { open, judging } = await server.connection.sendRequest(CloseContext, { context: 'demo' })
    expect([open.map(({ context }) => context), judging]).toEqual([['demo-narrow'], undefined])
    expect(await server.diagnose(uri)).toEqual([])
  })

  test('that were chosen before are there again, and contacted when somebody looks', async () => {
    const before = demo.requests.length
    const open = [{ context: 'demo' }, { context: 'demo-narrow' }]
    const namespaces = [{ context: 'demo-narrow', namespaces: ['shop'] }]
    const clusters = { open, judging: { context: 'demo-narrow' }, namespaces }
    const server = await start({ kubeconfig, initializationOptions: { clusters } })
    await server.diagnose(server.open('services: {}\n'))
    expect(demo.requests.length).toBe(before)
    expect(await server.reached('connected')).toMatchObject({ context: 'demo-narrow' })
    expect(await server.connection.sendRequest(GetClusters)).toMatchObject({
      judging: 'demo-narrow',
      choice: clusters,
      open: [{ namespaces: [] }, { namespaces: ['shop'] }],
    })
  })

  test('a choice of another shape is read as far as it goes', async () => {
    const clusters = { open: [7, { context: '' }, { context: 'demo', kubeconfig: 3 }], judging: 'demo', namespaces: 'shop' }
    const server = await start({ kubeconfig, initializationOptions: { clusters } as never })
    expect(await server.connection.sendRequest(UseContext, { context: 'demo' })).toMatchObject({ kind: 'connected' })
    expect((await server.connection.sendRequest(GetClusters)).open).toMatchObject([{ context: 'demo', choice: { context: 'demo' } }])
  })

  test('read the namespaces that are chosen for each, at once', async () => {
    const server = await connected()
    const known = await server.connection.sendRequest(GetNamespaces, { context: 'demo' })
    expect(known.ok && known.value).toEqual(expect.arrayContaining(['shop', 'billing']))
    await server.connection.sendRequest(SelectNamespaces, { context: 'demo', namespaces: ['shop'] })
    const shown = async () => (await nodes(server)).map(row => row.kind === 'namespace' && row.name)
    // The control plane is read wherever it is.
    expect((await shown()).filter(name => name !== 'istio-system')).toEqual(['shop'])
    const { choice } = await server.connection.sendRequest(GetClusters)
    expect(choice).toEqual({ namespaces: [{ context: 'demo', namespaces: ['shop'] }] })
    await server.connection.sendRequest(SelectNamespaces, { context: 'demo', namespaces: [] })
    expect(await shown()).toContain('billing')
    expect((await server.connection.sendRequest(GetClusters)).choice).toBeUndefined()
  })
})

test('a credential program is run once the editor allows it, and what is missing has a way out', async () => {
  const text = demo.kubeconfig()
  const token = /token: (\S+)/.exec(text)?.[1] ?? ''
  const program = join(folder, 'login.cjs')
  writeFileSync(program, `process.stdout.write(JSON.stringify({ status: { token: ${JSON.stringify(token)} } }))`)
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', command: process.execPath, args: [program] }
  writeFileSync(kubeconfig, text.replace(`token: ${token}`, `exec: ${JSON.stringify(exec)}`))
  const asked: unknown[] = []
  let allowed = false
  const server = await start({
    kubeconfig,
    initializationOptions: { asksForPrograms: true },
    immediately: ({ connection }) =>
      connection.onRequest(AllowProgram, question => {
        asked.push(question)
        return allowed
      }),
  })
  const before = demo.requests.length
  const refused = await server.reached('failed')
  expect(refused.problem).toMatchObject({ kind: 'program-refused', command: process.execPath })
  expect(asked).toEqual([{ context: 'demo', kubeconfig, command: process.execPath, args: [program], env: [] }])
  expect(demo.requests.length).toBe(before)
  allowed = true
  expect(await server.connection.sendRequest(Refresh, {})).toMatchObject({ kind: 'connected' })
  expect(server.states.map(state => ('step' in state ? state.step : undefined))).toEqual(expect.arrayContaining(['asking', 'signing-in']))
})

test('a context that cannot be used leaves nothing of the one before', async () => {
  const server = await connected()
  const uri = server.open(chekout)
  expect(await server.diagnose(uri)).toHaveLength(1)
  const before = server.refreshes
  expect((await server.connection.sendRequest(UseContext, { context: 'nope' })).kind).not.toBe('connected')
  expect(await server.diagnose(uri)).toEqual([])
  await eventually(
    'the client is told to ask again',
    () => server.refreshes,
    count => count > before,
  )
})

test.each([true, false])('settings arrive through workspace/configuration: %s, else through initializationOptions', async configuration => {
  const server = await start({
    configuration,
    settings: { rules: { 'spiffe-prefix': 'hint', nonsense: 7 }, mesh: 'no list', schemaValidation: 4 },
  })
  expect(await server.diagnose(server.open(spiffe))).toMatchObject([{ code: 'spiffe-prefix', severity: 4 }])
})

test('changed settings hold for the next request', async () => {
  const server = await start()
  const uri = server.open(spiffe)
  expect(await server.diagnose(uri)).toHaveLength(1)
  server.configure({ cluster: 'off', rules: { 'spiffe-prefix': 'off' } })
  expect(await server.diagnose(uri)).toEqual([])
})

test('requests behind "initialized" wait for settings and mesh', async () => {
  mkdirSync(join(folder, 'mesh'))
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: checkout, namespace: shop }\n'
  writeFileSync(join(folder, 'mesh', 'all.yaml'), `${shop}---\n${account}`)
  let found: Promise<readonly unknown[]> = Promise.resolve([])
  let contexts: Promise<unknown> = Promise.resolve()
  const server = await start({
    folders: [folder],
    settings: { mesh: ['mesh'], closedWorld: true },
    initializationOptions: { trusted: true },
    immediately(early) {
      found = early.diagnose(early.open(chekout))
      contexts = early.connection.sendRequest(GetContexts)
    },
  })
  expect(await found).toMatchObject([{ code: 'unknown-service-account' }])
  expect(await contexts).toBeDefined()
  expect(server.refreshes).toBeGreaterThanOrEqual(0)
})

test('an untrusted workspace reaches no cluster, not even by a request sent at once', async () => {
  let answers: Promise<unknown[]> = Promise.resolve([])
  const before = demo.requests.length
  const server = await start({
    kubeconfig,
    initializationOptions: { trusted: false },
    immediately({ connection }) {
      answers = Promise.all([
        connection.sendRequest(GetContexts),
        connection.sendRequest(UseContext, { context: 'demo', kubeconfig }),
        connection.sendRequest(GetMeshNodes, {}),
        connection.sendRequest(Refresh, {}),
      ])
    },
  })
  const untrusted = { problem: { kind: 'untrusted-workspace' } }
  expect(await answers).toMatchObject([untrusted, untrusted, untrusted, untrusted])
  expect(await server.diagnose(server.open(spiffe))).toHaveLength(1)
  expect(demo.requests.length).toBe(before)
})

test('a client that does not ask gets diagnostics sent, and taken back on close', async () => {
  const server = await connected({ pull: false })
  expect(server.initialized.capabilities.diagnosticProvider).toBeUndefined()
  const uri = server.open(policy('cluster.local/ns/shop/sa/nightly-report'))
  await eventually(
    'it is judged',
    () => server.pushed.get(uri),
    found => found?.length === 0,
  )
  demo.world.deleteAccount()
  await eventually(
    'the live change is told',
    () => server.pushed.get(uri),
    found => found?.length === 1,
  )
  server.change(uri, policy('cluster.local/ns/shop/sa/frontend'))
  await eventually(
    'the change is judged',
    () => server.pushed.get(uri),
    found => found?.length === 0,
  )
  server.change(uri, spiffe)
  await eventually(
    'it is found',
    () => server.pushed.get(uri),
    found => found?.length === 1,
  )
  server.close(uri)
  await eventually(
    'it is taken back',
    () => server.pushed.get(uri),
    found => found?.length === 0,
  )
})

test('a client without snippets gets plain text', async () => {
  const [plain, rich] = [await start({ snippets: false }), await start()]
  const text = 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: a }\nspec:\n  \n'
  const items = (server: LanguageServer) => server.complete(server.open(text), { line: 4, character: 2 })
  const without = await items(plain)
  expect(without.length).toBeGreaterThan(0)
  expect(without.filter(item => item.insertTextFormat === InsertTextFormat.Snippet)).toEqual([])
  expect(without.filter(item => /\$\{?\d/.test(item.textEdit?.newText ?? ''))).toEqual([])
  expect((await items(rich)).some(item => item.insertTextFormat === InsertTextFormat.Snippet)).toBe(true)
})

test('files of all workspace folders are the world, and follow the disk', async () => {
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  for (const each of [a, b]) mkdirSync(each)
  writeFileSync(join(a, 'shop.yaml'), shop)
  const accounts = join(b, 'accounts.yaml')
  writeFileSync(accounts, 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: checkout, namespace: shop }\n')
  const server = await start({
    folders: [a, b],
    settings: { closedWorld: true },
    capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, workspaceFolders: true } },
  })
  const uri = server.open(chekout, pathToFileURL(join(a, 'policy.yaml')).href)
  expect(await server.diagnose(uri)).toHaveLength(1)
  cpSync(accounts, join(b, 'more.yaml'))
  writeFileSync(join(b, 'more.yaml'), 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: chekout, namespace: shop }\n')
  const changed = (path: string, type: FileChangeType) =>
    server.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [{ uri: pathToFileURL(path).href, type }] })
  await changed(join(b, 'more.yaml'), FileChangeType.Created)
  await eventually(
    'the new file counts',
    () => server.diagnose(uri),
    found => found.length === 0,
  )
  rmSync(join(b, 'more.yaml'))
  await changed(join(b, 'more.yaml'), FileChangeType.Deleted)
  await eventually(
    'the removed file does not',
    () => server.diagnose(uri),
    found => found.length === 1,
  )
  const removed = { event: { added: [], removed: [{ uri: pathToFileURL(b).href, name: 'b' }] } }
  await server.connection.sendNotification('workspace/didChangeWorkspaceFolders', removed)
  await eventually(
    'nothing of the removed folder is offered',
    () => server.diagnose(uri),
    ([finding]) => finding !== undefined && !JSON.stringify(finding.data).includes('sa/checkout'),
  )
  // Folders and files on no disk of this machine are left alone.
  await server.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
    event: {
      added: [
        { uri: 'vscode-vfs://github/a', name: 'v' },
        { uri: 'file://server/share', name: 's' },
      ],
      removed: [],
    },
  })
  await server.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
    changes: [{ uri: 'vscode-vfs://github/a/b.yaml', type: FileChangeType.Created }],
  })
  expect(await server.diagnose(uri)).toHaveLength(1)
})

test('live changes are told, and answers follow', async () => {
  const server = await connected()
  const uri = server.open(policy('cluster.local/ns/shop/sa/nightly-report'))
  expect(await server.diagnose(uri)).toEqual([])
  let quiet = 0
  const looks = () => {
    quiet = server.takeChangedKinds().size === 0 ? quiet + 1 : 0
    return quiet
  }
  await eventually('all of the start is told', looks, times => times === 10)
  const before = server.refreshes
  demo.world.deleteAccount()
  await eventually(
    'the deletion is told',
    () => server.takeChangedKinds(),
    kinds => kinds.has('ServiceAccount'),
  )
  await eventually(
    'diagnostics are asked for again',
    () => server.refreshes,
    count => count > before,
  )
  expect(await server.diagnose(uri)).toHaveLength(1)
  expect(await podNames(server, 'cart')).toEqual([])
  const name = await demo.world.addPod()
  await eventually(
    'the pod is in the tree',
    () => podNames(server, 'cart'),
    names => names.includes(name),
  )
})

test('the server ends with its client', async () => {
  const server = await LanguageServer.start({ kubeconfig })
  await server.reached('connected')
  const gone = once(server.process, 'exit')
  server.process.stdin?.destroy()
  await gone
  server.connection.dispose()
})

test('"exit" after "shutdown" is a good end, also in the middle of connecting', async () => {
  for (const options of [{}, { kubeconfig }, { kubeconfig: join(folder, 'nope') }])
    expect(await (await LanguageServer.start(options)).stop()).toBe(0)
})
