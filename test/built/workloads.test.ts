// The built language server over stdio against the demo mesh: its workloads, filtered, found from a file and read as YAML.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { FindMeshRows, GetMeshNodes, GetObject, type MeshRow, type MeshView, UseContext } from '../../server/src/protocol.ts'
import { LanguageServer } from '../support/languageServer.ts'

let demo: Demo
let folder: string
let server: LanguageServer

beforeAll(async () => {
  demo = await startDemo()
  folder = mkdtempSync(join(tmpdir(), 'istio-security-lsp-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, demo.kubeconfig())
  server = await LanguageServer.start({ kubeconfig })
  expect(await server.connection.sendRequest(UseContext, { context: 'demo' })).toMatchObject({ kind: 'connected' })
})
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
  await demo?.close()
})

async function children(parent?: Pick<MeshRow, 'id' | 'context'>, view: MeshView = {}): Promise<readonly MeshRow[]> {
  const answer = await server.connection.sendRequest(GetMeshNodes, parent ? { parent: parent.id, context: parent.context, view } : { view })
  if (!answer.ok) expect.fail(answer.problem.message)
  return answer.value
}

const names = (rows: readonly MeshRow[]) => rows.map(({ name }) => name)

describe('the rows of a cluster', () => {
  test('are its namespaces, or what a filter leaves of them', async () => {
    const [cluster] = await children()
    expect(cluster).toMatchObject({ kind: 'cluster', context: 'demo', facts: expect.arrayContaining(['Trust domain: cluster.local']) })
    expect(names(await children(cluster))).toEqual(expect.arrayContaining(['shop', 'bank']))
    expect(names(await children(cluster, { text: 'checkout' }))).toEqual(['shop'])
    expect(await children(cluster, { text: 'nothing is called so' })).toEqual([])
    expect((await children(cluster, { group: 'proxy' })).map(({ id }) => id)).toContain('group/proxy/ztunnel')
  })

  test('tell of each pod its identity and the version of its proxy', async () => {
    const pods = await children({ id: 'workload/shop/Deployment.checkout', context: 'demo' })
    expect(pods).toMatchObject([
      { kind: 'pod', identity: 'cluster.local/ns/shop/sa/checkout', proxyVersion: expect.stringMatching(/^1\.\d+\.\d+$/) },
      { kind: 'pod' },
    ])
  })
})

describe('the workloads behind what a file says', () => {
  const policy =
    'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: x, namespace: shop }\nspec: { selector: { matchLabels: { app: checkout } }, rules: [{}] }\n'
  const account = '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: frontend, namespace: shop }\n'
  const nobody = '---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: x, namespace: nowhere }\n'

  async function find(line: number, view: MeshView = {}) {
    const uri = server.open(policy + account + nobody)
    const answer = await server.connection.sendRequest(FindMeshRows, { uri, position: { line, character: 0 }, view })
    if (!answer.ok) expect.fail(answer.problem.message)
    return answer.value
  }

  test.each([
    [1, ['demo', 'shop', 'checkout']],
    [6, ['demo', 'shop', 'frontend']],
  ])('of the document at line %i', async (line, path) => {
    const found = await find(line)
    expect(found.map(({ steps, shown }) => [names(steps.map(({ row }) => row)), shown])).toEqual([[path, true]])
  })

  test('are found where a filter hides them, and that is said', async () => {
    expect(await find(1, { text: 'frontend' })).toMatchObject([
      { shown: false, steps: [{}, { row: { name: 'shop' } }, { row: { name: 'checkout' } }] },
    ])
  })

  test('may be none', async () => {
    expect(await find(10)).toEqual([])
  })
})

describe('an object as YAML', () => {
  const read = (object: { kind: string; namespace?: string; name: string }) =>
    server.connection.sendRequest(GetObject, { ...object, context: 'demo' })

  test.each([
    { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
    { kind: 'Namespace', name: 'shop' },
    { kind: 'AuthorizationPolicy', namespace: 'shop', name: 'checkout-callers' },
  ])('$kind $name', async object => {
    const answer = await read(object)
    if (!answer.ok) expect.fail(answer.problem.message)
    expect(answer.value.yaml).toContain(`kind: ${object.kind}\n`)
    expect(answer.value.yaml).not.toContain('managedFields')
  })

  test('a Secret is none that is read, and what is not there is told', async () => {
    expect(await read({ kind: 'Secret', namespace: 'shop', name: 'x' })).toMatchObject({ ok: false, problem: { kind: 'not-shown' } })
    expect(await read({ kind: 'Pod', namespace: 'shop', name: 'gone' })).toMatchObject({ ok: false, problem: { kind: 'not-found' } })
  })
})
