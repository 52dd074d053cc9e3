// The Policies view as an editor gets it from the built language server, and what the command line says of a cluster's own objects and of drift.
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CodeLensRequest } from 'vscode-languageserver-protocol/node'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { CompareWithCluster, FindPlace, FindPolicyRows, GetPolicyNodes, type PolicyRow } from '../../server/src/protocol.ts'
import { eventually } from '../support/eventually.ts'
import { LanguageServer } from '../support/languageServer.ts'
import { run as commandLine, repository } from './commandLine.ts'

let folder: string
let demo: Demo
let server: LanguageServer

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'istio-security-policies-')))
  cpSync(join(repository, 'demo', 'workspace'), join(folder, 'workspace'), { recursive: true })
  demo = await startDemo()
  writeFileSync(join(folder, 'kubeconfig'), demo.kubeconfig())
  server = await LanguageServer.start({
    kubeconfig: join(folder, 'kubeconfig'),
    folders: [join(folder, 'workspace')],
    initializationOptions: { ownCommands: true },
    capabilities: { textDocument: { codeLens: {} } },
  })
  await eventually(
    'the policies are there',
    () => children({ kind: 'cluster', id: 'cluster/demo' }),
    rows => rows.length > 3,
  )
})

afterAll(async () => {
  await server?.stop()
  await demo?.close()
  rmSync(folder, { recursive: true, force: true })
})

const uri = (path: string) => pathToFileURL(join(folder, 'workspace', path)).href

async function children(parent: { readonly kind: string; readonly id: string } | undefined, text = ''): Promise<readonly PolicyRow[]> {
  const below = parent ? { parent: parent.id, context: 'demo' } : {}
  const answer = await server.connection.sendRequest(GetPolicyNodes, { ...below, ...(text ? { text } : {}) })
  return answer.ok ? answer.value : []
}

const words = (rows: readonly PolicyRow[]) => rows.map(row => ('name' in row ? `${row.name}: ${row.description}` : row.kind))

describe('rows', () => {
  test('by scope, with findings and what files say', async () => {
    const top = await children({ kind: 'cluster', id: 'cluster/demo' })
    expect(words(top)).toContainEqual(expect.stringMatching(/^Namespace billing: 3 policies · 3 findings/))
    expect(words(await children({ kind: 'scope', id: 'namespace/shop' }))).toContainEqual(
      expect.stringMatching(/^Workload backend: 1 policy · 1 ≠ files/),
    )
  })

  test('a policy differs from its file, and the comparison shows just that', async () => {
    const [scope] = (await children({ kind: 'scope', id: 'namespace/shop' }, 'differs')).filter(row => row.kind === 'scope')
    const rows = await children(scope)
    expect(words(rows)).toEqual([expect.stringMatching(/^backend-callers: ≠ ALLOW → 1 workload.*differs from shop\/backend\.yaml$/)])
    const subject = { context: 'demo', kind: 'AuthorizationPolicy', namespace: 'shop', name: 'backend-callers' }
    const answer = await server.connection.sendRequest(CompareWithCluster, subject)
    const text = readFileSync(join(folder, 'workspace', 'shop', 'backend.yaml'), 'utf8')
    expect(answer).toMatchObject({ ok: true, value: { file: 'shop/backend.yaml', cluster: text.replace('[GET]', '[GET, DELETE]') } })
    expect(answer.ok && answer.value.document).toBeUndefined()
  })

  test('of a file with several documents the own one is compared', async () => {
    const subject = { context: 'demo', kind: 'PeerAuthentication', namespace: 'billing', name: 'invoicer-metrics' }
    const answer = await server.connection.sendRequest(CompareWithCluster, subject)
    expect(answer.ok && answer.value.document).toContain('name: invoicer-metrics')
    expect(answer.ok && answer.value.document).not.toContain('name: default')
    expect(answer.ok && answer.value.cluster).toBe(answer.ok && answer.value.document)
  })

  test('the rows that lead to the policy at the cursor', async () => {
    server.open(readFileSync(join(folder, 'workspace', 'shop', 'backend.yaml'), 'utf8'), uri('shop/backend.yaml'))
    const answer = await server.connection.sendRequest(FindPolicyRows, {
      uri: uri('shop/backend.yaml'),
      position: { line: 4, character: 9 },
    })
    expect(answer.ok && answer.value.map(({ rows }) => rows.map(({ id }) => id))).toEqual([
      ['cluster/demo', 'namespace/shop', expect.stringContaining('backend'), 'policy/AuthorizationPolicy/shop/backend-callers'],
    ])
  })

  test('the lens says that the document differs, as long as it does', async () => {
    const titles = async () => {
      const lenses = await server.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: uri('shop/backend.yaml') } })
      return (lenses ?? []).map(({ command }) => command?.title)
    }
    await eventually('the lens is there', titles, found => found.includes('≠ differs from demo'))
    const text = readFileSync(join(folder, 'workspace', 'shop', 'backend.yaml'), 'utf8')
    server.change(uri('shop/backend.yaml'), text.replace('[GET]', '[GET, DELETE]'))
    expect(await titles()).not.toContain('≠ differs from demo')
  })

  test('a place is found in any text, as far as its path leads', async () => {
    const text = 'spec:\n  rules:\n    - to: [a]\n'
    const place = (path: readonly (string | number)[]) => server.connection.sendRequest(FindPlace, { text, path })
    expect(await place(['spec', 'rules', 0, 'to', 0])).toEqual({ start: { line: 2, character: 11 }, end: { line: 2, character: 12 } })
    expect(await place(['spec', 'rules', 0, 'to', 0, 'gone'])).toEqual(await place(['spec', 'rules', 0, 'to', 0]))
    expect(await place([])).toEqual({ start: { line: 0, character: 0 }, end: { line: 0, character: 0 } })
  })
})

describe('check', () => {
  const check = async (...args: readonly string[]) => {
    const { code, out, err } = await commandLine(['check', ...args, '--format', 'json'], { cwd: join(folder, 'workspace') })
    return { code, err, report: out ? JSON.parse(out) : undefined }
  }
  const cluster = () => ['--kubeconfig', join(folder, 'kubeconfig')]

  test('--cluster-objects judges what the cluster has, without a file', async () => {
    const { code, report } = await check('--cluster-objects', ...cluster())
    const found = report.findings.map((each: { rule: string; file: string }) => [each.rule, each.file])
    expect(found).toContainEqual(['unknown-service-account', 'cluster:demo/AuthorizationPolicy/billing/ledger-callers'])
    expect(
      report.findings.every(
        (each: { file: string; fixes: readonly unknown[] }) => each.file.startsWith('cluster:') && each.fixes.length === 0,
      ),
    ).toBe(true)
    expect([0, 1]).toContain(code)
  })

  test('--drift says where a file differs, as info', async () => {
    const { report } = await check('shop', '--drift', ...cluster())
    const drift = report.findings.filter((each: { rule: string }) => each.rule === 'differs-from-cluster')
    expect(drift).toMatchObject([
      {
        severity: 'info',
        istio: 'accepts',
        file: 'shop/backend.yaml',
        range: { start: { line: 4 } },
        object: { kind: 'AuthorizationPolicy', namespace: 'shop', name: 'backend-callers' },
        message: expect.stringContaining('spec.rules[0].to[0].operation.methods'),
      },
    ])
  })

  test('nothing of it is said unless it is asked for, and its severity can be chosen', async () => {
    const { report } = await check('shop/backend.yaml', ...cluster())
    expect(report.findings).toEqual([])
    const { code } = await check('shop/backend.yaml', '--drift', '--rule', 'differs-from-cluster=error', ...cluster())
    expect(code).toBe(1)
  })

  test.each(['--drift', '--cluster-objects'])('%s without a cluster says what is missing', async option => {
    const { code, err } = await commandLine(['check', option, '--format', 'json'], { env: { KUBECONFIG: join(folder, 'nowhere') } })
    expect([code, err]).toEqual([
      2,
      `istio-security: ${option} needs a cluster: name one with --kubeconfig or --context, or a snapshot of one with --mesh\n`,
    ])
  })
})
