import { describe, expect, test } from 'vitest'
import type { Files } from '../../../server/src/workspace/files.ts'
import { defaults, readSettings } from '../../../server/src/workspace/settings.ts'
import { Workspace } from '../../../server/src/workspace/workspace.ts'
import { clusterObjects } from '../../support/mesh.ts'

const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}, namespace: shop }\n`

const gone = () => Object.assign(new Error('no such file'), { code: 'ENOENT' })

/** A disk of a few files, which a test may change. */
function diskOf(texts: Map<string, string>): Files {
  return {
    read: async path => texts.get(path) ?? Promise.reject(gone()),
    list: async root => [...texts.keys()].filter(path => path === root || path.startsWith(`${root}/`)).toSorted(),
    exists: async root => [...texts.keys()].some(path => path === root || path.startsWith(`${root}/`)),
  }
}

const names = (workspace: Workspace) =>
  workspace.mesh
    .all('ServiceAccount')
    .map(({ name }) => name)
    .toSorted()

describe('the world of the files', () => {
  test('is what the folders and the mesh paths hold, relative ones in each folder', async () => {
    const workspace = new Workspace(
      diskOf(
        new Map([
          ['/a/one.yaml', account('one')],
          ['/b/mesh/two.yaml', account('two')],
          ['/far/three.yaml', account('three')],
          ['/far/other.yaml', account('other')],
        ]),
      ),
    )
    await workspace.load(['/a'], { ...defaults, mesh: ['../b/mesh', '/far/three.yaml'] })
    expect(names(workspace)).toEqual(['one', 'three', 'two'])
  })

  test('an open editor counts instead of the disk, until it is closed', async () => {
    const workspace = new Workspace(diskOf(new Map([['/a/one.yaml', account('saved')]])))
    await workspace.load(['/a'], defaults)
    workspace.setText('file:///a/one.yaml', account('typed'))
    expect(names(workspace)).toEqual(['typed'])
    workspace.close('file:///a/one.yaml')
    expect(names(workspace)).toEqual(['saved'])
  })

  test('untitled and diff documents are judged in it and are no part of it', async () => {
    const workspace = new Workspace(diskOf(new Map([['/a/one.yaml', account('one')]])))
    await workspace.load(['/a'], defaults)
    const untitled = workspace.setText('untitled:Untitled-1', account('draft'))
    const older = workspace.setText('git:/a/one.yaml?HEAD', account('before'))
    expect(names(workspace)).toEqual(['one'])
    expect(workspace.meshFor(untitled).find('ServiceAccount', 'shop', 'draft')).toBeDefined()
    expect(workspace.meshFor(older).find('ServiceAccount', 'shop', 'one')).toBeDefined()
  })

  test.each([
    ['an access log has a filter', 'kind: Telemetry\nspec: { accessLogging: [{ filter: { expression: a > 1 } }] }', true],
    ['there is none', 'kind: Telemetry\nspec: { accessLogging: [{}] }', false],
  ])('has CEL where %s', async (_, text, expected) => {
    const workspace = new Workspace(diskOf(new Map()))
    await workspace.load([], defaults)
    const file = workspace.setText('untitled:Untitled-1', `apiVersion: telemetry.istio.io/v1\nmetadata: { name: a }\n${text}\n`)
    await workspace.prepare()
    expect(workspace.meshFor(file).cel !== undefined).toBe(expected)
  })

  test('follows the disk, and says whether anything came of it', async () => {
    const texts = new Map([
      ['/a/one.yaml', account('one')],
      ['/a/values.yaml', 'replicas: 1\n'],
    ])
    const workspace = new Workspace(diskOf(texts))
    await workspace.load(['/a'], defaults)
    texts.set('/a/one.yaml', account('renamed'))
    expect(await workspace.diskChanged(['file:///a/one.yaml'])).toBe(true)
    expect(names(workspace)).toEqual(['renamed'])
    texts.delete('/a/one.yaml')
    expect(await workspace.diskChanged(['file:///a/one.yaml'])).toBe(true)
    expect(names(workspace)).toEqual([])
    expect(await workspace.diskChanged(['file:///a/values.yaml'])).toBe(false)
    expect(await workspace.diskChanged(['file:///a/readme.md'])).toBe(false)
    expect(await workspace.diskChanged(['untitled:Untitled-1'])).toBe(false)
  })

  test('files lie over the cluster, and trees show the cluster alone', async () => {
    const workspace = new Workspace(diskOf(new Map([['/a/one.yaml', account('one')]])))
    await workspace.load(['/a'], defaults)
    workspace.setCluster({ objects: clusterObjects(account('live')), complete: () => true })
    expect(names(workspace)).toEqual(['live', 'one'])
    expect(workspace.running.all('ServiceAccount').map(({ name }) => name)).toEqual(['live'])
    expect(workspace.mesh.presence('ServiceAccount', 'shop', 'nobody')).toBe('absent')
    workspace.setCluster(undefined)
    expect(names(workspace)).toEqual(['one'])
    expect(workspace.mesh.presence('ServiceAccount', 'shop', 'nobody')).toBe('unknown')
  })

  test('a file that goes away while it is read says nothing', async () => {
    const workspace = new Workspace({ list: async () => ['/a/gone.yaml'], exists: async () => true, read: () => Promise.reject(gone()) })
    await workspace.load(['/a'], defaults)
    expect(names(workspace)).toEqual([])
  })

  test('a file that cannot be read for a moment keeps what was read of it', async () => {
    let busy = false
    const files: Files = {
      list: async () => ['/a/one.yaml'],
      exists: async () => true,
      read: async () => (busy ? Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' })) : account('one')),
    }
    const workspace = new Workspace(files)
    await workspace.load(['/a'], defaults)
    busy = true
    expect(await workspace.diskChanged(['file:///a/one.yaml'])).toBe(false)
    expect(names(workspace)).toEqual(['one'])
  })

  test('a removed folder takes its files along, and what loading skips is skipped when it changes', async () => {
    const texts = new Map([
      ['/a/shop/one.yaml', account('one')],
      ['/a/shop-two/two.yaml', account('two')],
    ])
    const workspace = new Workspace(diskOf(texts))
    await workspace.load(['/a'], defaults)
    expect(await workspace.diskChanged(['file:///a/shop'])).toBe(true)
    expect(names(workspace)).toEqual(['two'])
    texts.set('/a/node_modules/some/three.yaml', account('three'))
    expect(await workspace.diskChanged(['file:///a/node_modules/some/three.yaml'])).toBe(false)
    expect(names(workspace)).toEqual(['two'])
  })

  test('an editor may escape more of a path than the disk does: it is one file', async () => {
    const workspace = new Workspace(diskOf(new Map([['/a/env@x/one.yaml', account('saved')]])))
    await workspace.load(['/a'], defaults)
    const file = workspace.setText('file:///a/env%40x/one.yaml', account('typed'))
    expect(names(workspace)).toEqual(['typed'])
    expect(workspace.file('file:///a/env%40x/one.yaml')).toBe(file)
    expect(file.uri).toBe('file:///a/env%40x/one.yaml')
  })

  test('where two environments say different things of one object, the file that is looked at counts', async () => {
    const policy = (mode: string) =>
      `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec: { mtls: { mode: ${mode} } }\n`
    const texts = new Map([
      ['/a/dev/pa.yaml', policy('PERMISSIVE')],
      ['/a/prod/pa.yaml', policy('STRICT')],
    ])
    const workspace = new Workspace(diskOf(texts))
    await workspace.load(['/a'], defaults)
    for (const [path, text] of texts) workspace.setText(`file://${path}`, text)
    const modeIn = (path: string) => {
      const file = workspace.file(`file://${path}`)
      return file && workspace.meshFor(file).find('PeerAuthentication', 'shop', 'default')?.mode?.value
    }
    expect([modeIn('/a/dev/pa.yaml'), modeIn('/a/prod/pa.yaml')]).toEqual(['PERMISSIVE', 'STRICT'])
  })

  test('what is named as the mesh is read whole, however long one document is', async () => {
    const items = Array.from(
      { length: 300 },
      (_, index) =>
        `- apiVersion: v1\n  kind: ServiceAccount\n  metadata: { name: sa-${index}, namespace: shop, annotations: { note: "${'x'.repeat(4000)}" } }\n`,
    )
    const list = `apiVersion: v1\nkind: List\nitems:\n${items.join('')}`
    expect(list.length).toBeGreaterThan(1_000_000)
    const workspace = new Workspace(diskOf(new Map([['/far/list.yaml', list]])))
    await workspace.load(['/a'], { ...defaults, mesh: ['/far'] })
    expect(names(workspace)).toHaveLength(300)
  })
})

describe('settings', () => {
  test.each<readonly [name: string, given: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a word', 'off'],
    [
      'wrong types',
      {
        mesh: 'a',
        closedWorld: 'yes',
        cluster: 1,
        namespaces: [1, ''],
        rules: { a: 'loud' },
        schemaValidation: true,
        istioVersion: 5,
        kubeconfig: '',
      },
    ],
  ])('%s keeps the defaults', (_, given) => {
    expect(readSettings(given)).toEqual(defaults)
  })

  test('what is right is taken', () => {
    const given = {
      mesh: ['m'],
      closedWorld: true,
      cluster: 'off',
      namespaces: ['shop'],
      rules: { 'spiffe-prefix': 'off' },
      schemaValidation: 'on',
      istioVersion: '1.30',
      kubeconfig: 'k',
      context: 'c',
      inlayHints: false,
      codeLens: false,
    }
    expect(readSettings(given)).toEqual(given)
    expect(readSettings({ istioVersion: 'auto' })).toEqual(defaults)
  })
})
