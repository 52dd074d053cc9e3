import { describe, expect, test } from 'vitest'
import type { Files } from '../../../server/src/workspace/files.ts'
import { isYaml } from '../../../server/src/workspace/files.ts'
import { Kustomizations, kustomizationsAbove } from '../../../server/src/workspace/kustomizations.ts'
import { defaults } from '../../../server/src/workspace/settings.ts'
import { Workspace } from '../../../server/src/workspace/workspace.ts'

const peer = 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\n'

function diskOf(texts: Map<string, string>): Files {
  return {
    read: async path => texts.get(path) ?? Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
    list: async root => [...texts.keys()].filter(path => path.startsWith(`${root}/`)),
    exists: async path => texts.has(path),
  }
}

const uri = (path: string) => `file://${path}`

test('a patch of one kustomization is no whole object to another', () => {
  const kustomizations = new Kustomizations()
  kustomizations.set(uri('/a/kustomization.yaml'), 'resources: [x.yaml, y.yaml]')
  kustomizations.set(uri('/b/kustomization.yaml'), 'patches: [{ path: ../a/x.yaml }]')
  expect(['/a/x.yaml', '/a/y.yaml', '/a/z.yaml'].map(path => kustomizations.roleOf(uri(path)))).toEqual(['patch', 'resource', undefined])
  expect(kustomizations.set(uri('/b/kustomization.yaml'), undefined)).toEqual([uri('/a/x.yaml')])
  expect(kustomizations.roleOf(uri('/a/x.yaml'))).toBe('resource')
})

test('the kustomizations beside a file and above it are found, whatever they are called', async () => {
  const texts = new Map([
    ['/a/Kustomization', 'patchesStrategicMerge: [deep/er/x.yaml]'],
    ['/a/deep/kustomization.yml', 'resources: [y.yaml]'],
    ['/a/broken/kustomization.yaml', 'resources: [}'],
    ['/other/kustomization.yaml', 'patches: [{ path: ../a/deep/y.yaml }]'],
  ])
  const found = await kustomizationsAbove(['/a/deep/er/x.yaml', '/a/deep/y.yaml', '/a/broken/z.yaml'], diskOf(texts))
  expect(['/a/deep/er/x.yaml', '/a/deep/y.yaml', '/a/broken/z.yaml'].map(path => found.roleOf(uri(path)))).toEqual([
    'patch',
    'resource',
    undefined,
  ])
})

test.each([
  ['/a/Kustomization', true],
  ['Kustomization', true],
  ['/a/x.YAML', true],
  ['/a/NoKustomization', false],
])('%s is read: %s', (path, expected) => {
  expect(isYaml(path)).toBe(expected)
})

describe('in an editor', () => {
  async function open(files: Readonly<Record<string, string>>) {
    const texts = new Map(Object.entries(files))
    const workspace = new Workspace(diskOf(texts))
    await workspace.load(['/shop'], defaults)
    const judgedAs = (path: string) => workspace.file(uri(path))?.documents.map(({ judged }) => judged)
    const known = () => workspace.mesh.all('PeerAuthentication').map(({ source }) => (source.from === 'file' ? source.uri : ''))
    return { texts, workspace, judgedAs, known }
  }

  test('a file is what a kustomization of the workspace lists it as', async () => {
    const { workspace, judgedAs, known } = await open({
      '/shop/overlays/prod/kustomization.yaml': 'resources: [../../base]\npatches: [{ path: strict.yaml }]\ncomponents: [../../ambient]',
      '/shop/overlays/prod/strict.yaml': peer,
      '/shop/ambient/kustomization.yaml': 'kind: Component\npatches: [{ path: mode.yaml }]',
      '/shop/ambient/mode.yaml': peer,
      '/shop/base/kustomization.yaml': 'resources: [patch-policy.yaml]',
      '/shop/base/patch-policy.yaml': peer,
      '/shop/other/patch-policy.yaml': peer,
    })
    const paths = ['overlays/prod/strict.yaml', 'ambient/mode.yaml', 'base/patch-policy.yaml', 'other/patch-policy.yaml', 'new.yaml']
    for (const path of paths) workspace.setText(uri(`/shop/${path}`), path === 'new.yaml' ? peer.replace('default', 'new') : peer)
    expect(paths.map(path => judgedAs(`/shop/${path}`)?.[0])).toEqual(['never', 'never', 'whole', 'part', 'whole'])
    expect(known()).toEqual([uri('/shop/base/patch-policy.yaml'), uri('/shop/new.yaml')])
  })

  test('what a kustomization lists anew, or no more, is read again', async () => {
    const { texts, workspace, judgedAs, known } = await open({ '/shop/mode.yaml': peer, '/shop/open.yaml': peer })
    workspace.setText(uri('/shop/open.yaml'), peer)
    const rewritten = async (text: string | undefined) => {
      if (text === undefined) texts.delete('/shop/kustomization.yaml')
      else texts.set('/shop/kustomization.yaml', text)
      return workspace.diskChanged([uri('/shop/kustomization.yaml')])
    }
    expect(known()).toHaveLength(1)
    expect(await rewritten('resources: [mode.yaml]')).toBe(true)
    expect(await rewritten('patches: [{ path: mode.yaml }, { path: open.yaml }]')).toBe(true)
    expect([judgedAs('/shop/open.yaml'), known()]).toEqual([['never'], []])
    expect(await rewritten(undefined)).toBe(true)
    expect([judgedAs('/shop/open.yaml'), known().length]).toEqual([['whole'], 1])
  })

  test('a folder that is removed takes its kustomization with it', async () => {
    const { texts, workspace, judgedAs } = await open({
      '/shop/mode.yaml': peer,
      '/shop/prod/kustomization.yaml': 'patches: [{ path: ../mode.yaml }]',
    })
    workspace.setText(uri('/shop/mode.yaml'), peer)
    expect(judgedAs('/shop/mode.yaml')).toEqual(['never'])
    texts.delete('/shop/prod/kustomization.yaml')
    expect(await workspace.diskChanged([uri('/shop/prod')])).toBe(true)
    expect(judgedAs('/shop/mode.yaml')).toEqual(['whole'])
  })
})
