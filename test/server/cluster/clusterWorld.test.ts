import { expect, test } from 'vitest'
import { createClusterWorld, type HoldingList } from '../../../server/src/cluster/clusterWorld.ts'
import type { Groups } from '../../../server/src/cluster/watched.ts'
import type { Kind } from '../../../server/src/core/istio/resources.ts'
import { clusterObjects } from '../../support/mesh.ts'
import { everyGroup, failed, listed, stale, status, synced, syncing } from './support/standing.ts'

const account = (namespace: string, name: string) =>
  clusterObjects(`{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: ${namespace}, name: ${name}}}`)
const settings = clusterObjects('{apiVersion: v1, kind: ConfigMap, metadata: {namespace: istio-system, name: istio}, data: {mesh: ""}}')

const worldOf = (lists: readonly HoldingList[], { groups = everyGroup, isLost = false }: { groups?: Groups; isLost?: boolean } = {}) =>
  createClusterWorld(() => ({ lists, groups, isLost })).current()

const workloadOwners = ['deployments', 'statefulsets', 'daemonsets', 'cronjobs']
const istio = { namespace: 'istio-system', name: 'istio' }
const older = { namespace: 'istio-system', name: 'istio-1-29' }

test.for<[string, Kind, string | undefined, readonly HoldingList[], boolean]>([
  ['a list of the whole cluster', 'Pod', undefined, [listed('pods', synced)], true],
  ['and so of each namespace', 'Pod', 'shop', [listed('pods', synced)], true],
  ['a list that is being read', 'Pod', 'shop', [listed('pods', syncing)], false],
  ['one from before', 'Pod', 'shop', [listed('pods', stale(status(503)))], false],
  ['no list at all', 'Pod', 'shop', [], false],
  ['that of the namespace', 'Pod', 'shop', [listed('pods', failed(status(403))), listed('pods', synced, { namespace: 'shop' })], true],
  ['that of another namespace', 'Pod', 'bank', [listed('pods', synced, { namespace: 'shop' })], false],
  ['one object by its name', 'Namespace', undefined, [listed('namespaces', synced, { name: 'shop' })], false],
  ['a kind in one resource of many', 'WorkloadOwner', undefined, [listed('deployments', synced)], false],
  ['a kind in all its resources', 'WorkloadOwner', undefined, workloadOwners.map(each => listed(each, synced)), true],
  [
    'a kind that the server does not have',
    'WasmPlugin',
    undefined,
    [listed('pods', synced), listed('wasmplugins', failed(status(404)))],
    true,
  ],
  ['a server that has nothing is none', 'WasmPlugin', undefined, [listed('wasmplugins', failed(status(404)))], false],
  ['settings that were found', 'MeshConfig', undefined, [listed('configmaps', synced, { ...istio, all: settings })], true],
  ['settings that are nowhere', 'MeshConfig', undefined, [listed('configmaps', synced, istio)], false],
  [
    'settings of one revision of two',
    'MeshConfig',
    undefined,
    [listed('configmaps', synced, { ...istio, all: settings }), listed('configmaps', syncing, older)],
    false,
  ],
  ['a kind that nobody reads', 'Secret', 'shop', [listed('pods', synced)], false],
])('complete or not: %s', ([, kind, namespace, lists, expected]) => {
  expect(worldOf(lists).complete(kind, namespace)).toBe(expected)
})

test('nothing is complete out of reach, or before the server was asked what it has', () => {
  const lists = [listed('pods', synced)]
  expect(worldOf(lists, { isLost: true }).complete('Pod', 'shop')).toBe(false)
  expect(worldOf(lists, { groups: new Map() }).complete('Pod', 'shop')).toBe(false)
})

test('what the server has no group for is not there, and that is certain', () => {
  expect(worldOf([], { groups: new Map([['apps', ['v1']]]) }).complete('WasmPlugin', undefined)).toBe(true)
})

test('objects are told of lists that are complete or were; each once, where lists meet in a namespace', () => {
  const [shop, bank] = [account('shop', 'cart'), account('bank', 'ledger')]
  const told = ({ objects }: { objects: readonly { name: string }[] }) => objects.map(({ name }) => name)
  expect(told(worldOf([listed('serviceaccounts', syncing, { all: shop })]))).toEqual([])
  expect(told(worldOf([listed('serviceaccounts', stale(status(503)), { all: shop })]))).toEqual(['cart'])
  const meeting = [
    listed('serviceaccounts', synced, { all: [...shop, ...bank] }),
    listed('serviceaccounts', synced, { namespace: 'shop', all: account('shop', 'cart') }),
  ]
  expect(told(worldOf(meeting))).toEqual(['cart', 'ledger'])
})

test('a world is the same until something changes, and then shares what did not', () => {
  const accounts = listed('serviceaccounts', synced, { all: [...account('shop', 'cart'), ...account('bank', 'ledger')] })
  const pods = listed('pods', synced)
  const held = createClusterWorld(() => ({ lists: [accounts, pods], groups: everyGroup, isLost: false }))
  const before = held.current()
  expect(held.current()).toBe(before)

  accounts.reflector.all = [...accounts.reflector.all, ...account('bank', 'audit')]
  held.changed('ServiceAccount')
  const after = held.current()
  expect(after).not.toBe(before)
  expect(before.objects).toHaveLength(2)
  expect(after.objects).toHaveLength(3)
  expect(after.lists?.get('Pod')).toBe(before.lists?.get('Pod'))
  const inShop = ({ lists }: typeof before) => lists?.get('ServiceAccount')?.byNamespace.get('shop')
  expect(inShop(after)).toBe(inShop(before))

  pods.reflector.state = failed(status(403))
  held.forget()
  expect(held.current().complete('Pod', 'shop')).toBe(false)
  expect(after.complete('Pod', 'shop')).toBe(true)
  expect(held.current().lists?.get('ServiceAccount')).toBe(after.lists?.get('ServiceAccount'))
})
