// The worlds of policy tests: what a file names, else the workspace.
import { describe, expect, test } from 'vitest'
import { type Files, mostFiles } from '../../../server/src/workspace/files.ts'
import { defaults } from '../../../server/src/workspace/settings.ts'
import { Workspace } from '../../../server/src/workspace/workspace.ts'
import { clusterObjects } from '../../support/mesh.ts'

const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}, namespace: shop }\n`
const uri = 'file:///a/tests/cart.istio-test.yaml'

async function workspaceOf(texts: Readonly<Record<string, string>>, more: Partial<Files> = {}): Promise<Workspace> {
  const at = (root: string) => Object.keys(texts).filter(path => path === root || path.startsWith(`${root}/`))
  const workspace = new Workspace({
    read: async path => texts[path] ?? Promise.reject(new Error('EACCES: permission denied')),
    list: async root => at(root),
    exists: async root => at(root).length > 0 || root === '/a/empty',
    ...more,
  })
  await workspace.load(['/a'], defaults)
  return workspace
}

async function accountsIn(workspace: Workspace, paths: readonly string[], trusted = true): Promise<readonly string[] | string> {
  const world = await workspace.meshNamedBy(uri, paths, trusted)
  return world.ok ? world.mesh.all('ServiceAccount').map(({ name }) => name) : world.reason
}

describe('a world that a test names', () => {
  test('holds each file once, of the workspace or not, and nothing else', async () => {
    const workspace = await workspaceOf({
      '/a/mesh/one.yaml': account('one'),
      '/a/two.yaml': account('two'),
      '/far/three.yaml': account('three'),
    })
    expect(await accountsIn(workspace, ['../mesh', '../mesh/one.yaml', '/far/three.yaml'])).toEqual(['one', 'three'])
    expect(await accountsIn(workspace, [])).toEqual([])
    expect(await accountsIn(workspace, ['../empty'])).toEqual([])
    const world = await workspace.meshNamedBy(uri, ['../mesh'], true)
    expect(world.ok && world.mesh.presence('ServiceAccount', 'shop', 'two')).toBe('absent')
  })

  test('is read from the editor even where the disk has no such file', async () => {
    const workspace = await workspaceOf({})
    workspace.setText('file:///a/new.yaml', account('new'))
    expect(await accountsIn(workspace, ['../new.yaml'])).toEqual(['new'])
  })

  test.each<readonly [what: string, more: Partial<Files>, reason: RegExp]>([
    ['lacks a file', {}, /^The mesh of this test cannot be read: "\.\.\/mesh": there is no such file or folder\.$/],
    ['has too many files', { list: async () => Array(mostFiles).fill('/a/mesh/one.yaml') }, /5000 files or more/],
    ['has a file that cannot be read', { list: async () => ['/a/mesh/one.yaml'] }, /permission denied/],
  ])('that %s is none', async (_, more, reason) => {
    expect(await accountsIn(await workspaceOf({}, more), ['../mesh'])).toMatch(reason)
  })

  test('stays inside the workspace where it is not trusted', async () => {
    const workspace = await workspaceOf({ '/a/mesh/one.yaml': account('one'), '/ab/two.yaml': account('two') })
    expect(await accountsIn(workspace, ['../mesh'], false)).toEqual(['one'])
    expect(await accountsIn(workspace, ['../mesh', '../../ab/two.yaml'], false)).toMatch(
      /^This workspace is not trusted, so "\.\.\/\.\.\/ab\/two\.yaml"/,
    )
  })
})

test('where a test names none, the files are everything there is until a cluster is read', async () => {
  const workspace = await workspaceOf({ '/a/one.yaml': account('one') })
  const file = workspace.setText(uri, 'kind: AuthorizationTest\ncases: []\n')
  const presence = () => workspace.meshOfTests(file).presence('ServiceAccount', 'shop', 'nobody')
  expect([presence(), workspace.meshFor(file).presence('ServiceAccount', 'shop', 'nobody')]).toEqual(['absent', 'unknown'])
  workspace.setCluster({ objects: clusterObjects(account('live')), complete: () => false })
  expect(presence()).toBe('unknown')
  expect(workspace.meshOfTests(file)).toBe(workspace.meshFor(file))
  workspace.setText('file:///a/one.yaml', account('two'))
  expect(workspace.meshOfTests(file).find('ServiceAccount', 'shop', 'two')).toBeDefined()
})
