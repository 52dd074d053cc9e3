import { expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { isKustomization, isNamedPatch, type Role, rolesIn } from '../../../../server/src/core/istio/kustomize.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'

const uri = 'file:///shop/overlays/prod/kustomization.yaml'

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ['patchesStrategicMerge: [gateway.yaml, ../mtls.yaml]', { 'overlays/prod/gateway.yaml': 'patch', 'overlays/mtls.yaml': 'patch' }],
  ['patches:\n- path: a.yaml\n  target: {kind: Gateway}\n- patch: "- op: remove"', { 'overlays/prod/a.yaml': 'patch' }],
  ['patchesJson6902: [{path: b.json}]', { 'overlays/prod/b.json': 'patch' }],
  ['patchesStrategicMerge:\n- |-\n  kind: Gateway', {}],
  [
    'resources: [patch-gateway.yaml, ../../base, github.com/shop/base?ref=1, "https://shop.example/a.yaml"]',
    { 'overlays/prod/patch-gateway.yaml': 'resource' },
  ],
  ['kind: Component\npatches: [{path: ./a b#1.yaml}]', { 'overlays/prod/a%20b%231.yaml': 'patch' }],
  ['resources: [a.yaml]\npatches: [{path: a.yaml}]', { 'overlays/prod/a.yaml': 'patch' }],
  ['resources: a.yaml\npatches: {path: b.yaml}', {}],
])('%j lists', (text, roles) => {
  const listed = [...rolesIn(uri, parseYaml(text)[0]?.root)].map(([file, role]) => [file.replace('file:///shop/', ''), role])
  expect(Object.fromEntries(listed)).toEqual(roles)
})

test.each([
  ['patches/gateway.yaml', true],
  ['gateway-patch.yaml', true],
  ['gateway.patch.yaml', true],
  ['patch-gateway.yaml', true],
  ['patch.yml', true],
  ['dispatch.yaml', false],
  ['gateway.yaml', false],
  ['patches/base/gateway.yaml', false],
  ['patch-service/policy.yaml', false],
  ['allow-patch-requests.yaml', false],
])('%s is called a patch: %s', (name, expected) => {
  expect(isNamedPatch(`file:///shop/${name}`)).toBe(expected)
})

test('names of kustomizations', () => {
  expect([uri, 'file:///Kustomization', 'file:///my-kustomization.yaml'].map(isKustomization)).toEqual([true, true, false])
})

const peer = 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a}\nspec: {mtls: {mode: STRCT}}\n'

test.each<readonly [string, Role | undefined, string]>([
  ['shop/policy.yaml', undefined, 'whole'],
  ['shop/policy.yaml', 'patch', 'never'],
  ['shop/policy.yaml', 'resource', 'whole'],
  ['shop/patch-policy.yaml', undefined, 'part'],
  ['shop/patch-policy.yaml', 'resource', 'whole'],
  ['patches/policy.yaml', 'resource', 'whole'],
  ['shop/kustomization.yaml', undefined, 'never'],
  ['shop/values.yaml', undefined, 'never'],
  ['shop/values-prod.yaml', undefined, 'never'],
  ['shop/values.prod.yml', undefined, 'never'],
  ['shop/Chart.yaml', undefined, 'never'],
  ['values/policy.yaml', undefined, 'whole'],
  ['shop/chart.yaml', undefined, 'whole'],
  ['shop/valuesets.yaml', undefined, 'whole'],
])('%s listed as %s is judged: %s', (path, role, judged) => {
  const file = readFile(`file:///${path}`, peer, role ? { role } : {})
  expect(file.documents.map(each => each.judged)).toEqual([judged])
  expect(file.resources).toHaveLength(judged === 'whole' ? 1 : 0)
})

test('a document with a directive of Kustomize is partial, its neighbour is not', () => {
  const object = (more: string) => `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a}\n${more}`
  const { documents } = readFile('file:///a.yaml', `${object('$patch: delete')}\n---\n${object('spec: {}')}`)
  expect(documents.map(({ judged }) => judged)).toEqual(['never', 'whole'])
})
