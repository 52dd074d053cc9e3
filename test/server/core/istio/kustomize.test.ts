import { expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { isKustomization, isNamedPatch, patchesOf } from '../../../../server/src/core/istio/kustomize.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'

const uri = 'file:///shop/overlays/prod/kustomization.yaml'

test.each<readonly [string, readonly string[]]>([
  ['patchesStrategicMerge: [gateway.yaml, ../mtls.yaml]', ['file:///shop/overlays/prod/gateway.yaml', 'file:///shop/overlays/mtls.yaml']],
  ['patches:\n- path: a.yaml\n  target: {kind: Gateway}\n- patch: "- op: remove"', ['file:///shop/overlays/prod/a.yaml']],
  ['patchesJson6902: [{path: b.json}]', ['file:///shop/overlays/prod/b.json']],
  ['patchesStrategicMerge:\n- |-\n  kind: Gateway', []],
  ['resources: [gateway.yaml]', []],
])('%j patches', (text, files) => {
  expect(patchesOf(uri, parseYaml(text)[0]?.root)).toEqual(files)
})

test('names', () => {
  expect([uri, 'file:///Kustomization', 'file:///my-kustomization.yaml'].map(isKustomization)).toEqual([true, true, false])
  const names = ['patches/gateway.yaml', 'gateway-patch.yaml', 'patch.yml', 'dispatch.yaml', 'gateway.yaml', 'patches/base/gateway.yaml']
  expect(names.map(name => isNamedPatch(`file:///shop/${name}`))).toEqual([true, true, true, false, false, false])
})

test('a document with a directive of Kustomize is partial, its neighbour is not', () => {
  const object = (more: string) => `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a}\n${more}`
  const { documents } = readFile('file:///a.yaml', `${object('$patch: delete')}\n---\n${object('spec: {}')}`)
  expect(documents.map(({ partial }) => partial)).toEqual([true, false])
})
