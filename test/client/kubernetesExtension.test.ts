// The Kubernetes extension is another product: here a stand-in of the types it publishes.
import { beforeEach, expect, test, vi } from 'vitest'
import type { API, APIBroker, ClusterExplorerV1_1 } from 'vscode-kubernetes-tools-api'
import type { Server } from '../../client/src/server.ts'
import type { Answer, ContextInfo } from '../../server/src/protocol.ts'

type Node = ClusterExplorerV1_1.ClusterExplorerNode
type ResourceNode = ClusterExplorerV1_1.ClusterExplorerResourceNode

const state = vi.hoisted(() => ({ installed: new Map<string, () => unknown>() }))

vi.mock('vscode', () => ({
  extensions: {
    getExtension: (id: string) => {
      const activate = state.installed.get(id)
      return activate && { activate: async () => activate() }
    },
  },
}))

const { podOfKubernetesTree } = await import('../../client/src/kubernetesExtension.ts')

const kinds = {
  Pod: { manifestKind: 'Pod', abbreviation: 'pod' },
  Service: { manifestKind: 'Service', abbreviation: 'service' },
}
const pod: ResourceNode = { nodeType: 'resource', resourceKind: kinds.Pod, namespace: 'shop', name: 'db-0' }
const { namespace: _, ...unplaced } = pod

/** A row as the tree hands it to a command: of the extension's own making, so only it can say what the row is. */
const rowOf = (node: unknown) => ({ nodeCategory: 'kubernetes-explorer-node', node })

function explorerOf(row: unknown, node: unknown): ClusterExplorerV1_1 {
  return {
    resolveCommandTarget: target => (target === row ? (node as Node) : undefined),
    registerNodeContributor: () => {},
    registerNodeUICustomizer: () => {},
    refresh: () => {},
    nodeSources: { groupingFolder: vi.fn(), resourceFolder: vi.fn() },
  }
}

/** Knows the versions by the names that the extension knows: vscode-kubernetes-tools:src/api/implementation/cluster-explorer/versions.ts. */
function brokerOf(explorer: API<ClusterExplorerV1_1>): APIBroker {
  const unknown = { available: false, reason: 'version-unknown' } as const
  return { get: (component, version) => (component === 'clusterexplorer' && /^v1(_[12])?$/.test(version) ? explorer : unknown) }
}

const available = (api: ClusterExplorerV1_1): API<ClusterExplorerV1_1> => ({ available: true, api })
const install = (activate: () => unknown) => state.installed.set('ms-kubernetes-tools.vscode-kubernetes-tools', activate)

function context(name: string, part: Partial<ContextInfo> = {}): ContextInfo {
  return { name, cluster: name, server: `https://${name}`, user: 'me', current: false, ...part }
}

const noKubeconfig: Answer<never> = {
  ok: false,
  problem: { kind: 'no-kubeconfig', path: '/home/me/.kube/config', message: 'No kubeconfig.', remedy: 'Write one.' },
}

const serverWith = (contexts: Answer<readonly ContextInfo[]>) => ({ ask: async () => contexts }) as unknown as Server
const oneContext = serverWith({ ok: true, value: [context('prod', { current: true })] })

beforeEach(() => state.installed.clear())

test('a pod, in the current context', async () => {
  const row = rowOf(pod)
  install(() => brokerOf(available(explorerOf(row, pod))))
  expect(await podOfKubernetesTree(row, oneContext)).toEqual({ namespace: 'shop', name: 'db-0', context: 'prod' })
})

test.each<readonly [string, unknown]>([
  ['another kind', { ...pod, resourceKind: kinds.Service } satisfies Node],
  ['the folder of all pods', { nodeType: 'folder.resource', resourceKind: kinds.Pod } satisfies Node],
  ['a folder', { nodeType: 'folder.grouping' } satisfies Node],
  ['a context', { nodeType: 'context', name: 'prod' } satisfies Node],
  ['a context that is not the current one', { nodeType: 'context.inactive', name: 'test' } satisfies Node],
  ['a key of a ConfigMap', { nodeType: 'configitem', name: 'key' } satisfies Node],
  ['a Helm release', { nodeType: 'helm.release', name: 'istiod' } satisfies Node],
  ['a row of another extension', { nodeType: 'extension' } satisfies Node],
  ['an error', { nodeType: 'error' } satisfies Node],
  ['a pod whose namespace is not told', unplaced],
  ['a pod whose namespace is null, as the first version of the API has it', { ...pod, namespace: null }],
  ['a pod of no namespace', { ...pod, namespace: '' }],
])('%s stands for no pod', async (_what, node) => {
  const row = rowOf(node)
  install(() => brokerOf(available(explorerOf(row, node))))
  expect(await podOfKubernetesTree(row, oneContext)).toBeUndefined()
})

test.each<readonly [string, unknown]>([
  ['a row of another tree', rowOf(pod)],
  ['nothing', undefined],
])('%s is not asked for its pod', async (_what, target) => {
  install(() => brokerOf(available(explorerOf(rowOf(pod), pod))))
  expect(await podOfKubernetesTree(target, oneContext)).toBeUndefined()
})

test.each<readonly [string, () => unknown]>([
  ['knows no such version', () => brokerOf({ available: false, reason: 'version-unknown' })],
  ['has removed this version', () => brokerOf({ available: false, reason: 'version-removed' })],
  ['exports nothing', () => undefined],
  ['exports something else', () => ({ apiVersion: '0.1' })],
])('an extension that %s is not used', async (_what, activate) => {
  install(activate)
  expect(await podOfKubernetesTree(rowOf(pod), oneContext)).toBeUndefined()
})

test('without the extension there is no pod', async () => {
  expect(await podOfKubernetesTree(rowOf(pod), oneContext)).toBeUndefined()
})

test.each<readonly [string, Answer<readonly ContextInfo[]>, string | undefined]>([
  ['the current one of several', { ok: true, value: [context('test'), context('prod', { current: true }), context('dev')] }, 'prod'],
  ['none of those that are not current', { ok: true, value: [context('test'), context('demo', { kubeconfig: '/tmp/demo' })] }, undefined],
  ['none of a kubeconfig that cannot be read', noKubeconfig, undefined],
])('its context is %s', async (_what, contexts, expected) => {
  const row = rowOf(pod)
  install(() => brokerOf(available(explorerOf(row, pod))))
  const found = await podOfKubernetesTree(row, serverWith(contexts))
  expect(found).toStrictEqual({ namespace: 'shop', name: 'db-0', ...(expected && { context: expected }) })
})
