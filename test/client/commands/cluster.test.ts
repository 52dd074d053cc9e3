// What is done with an open cluster: the one of the row, the only one, or one to choose.
import { beforeEach, expect, test, vi } from 'vitest'
import type { App } from '../../../client/src/app.ts'
import type { Clusters } from '../../../server/src/protocol.ts'

const editor = vi.hoisted(() => ({ messages: [] as string[] }))
vi.mock('vscode', () => ({
  window: {
    showQuickPick: async (items: readonly unknown[]) => items.at(-1),
    showInformationMessage: async (text: string) => void editor.messages.push(text),
  },
}))
const { disconnect, useCluster } = await import('../../../client/src/commands/cluster.ts')
const { namesIn } = await import('../../../client/src/commands/pickNamespaces.ts')

const state = { kind: 'connecting', context: 'prod' } as const
const open = (context: string, kubeconfig?: string): Clusters['open'][number] => ({
  context,
  choice: { context: context.replace(/ .*/, ''), ...(kubeconfig ? { kubeconfig } : {}) },
  state,
  namespaces: [],
})
const [prod, demo] = [open('prod'), open('demo (/tmp/kube)', '/tmp/kube')]
const done: unknown[] = []
const appWith = (...clusters: Clusters['open']) =>
  ({
    server: {
      clusters: { open: clusters, state },
      useContext: async (choice: unknown) => void done.push(choice),
      closeContext: async (context: unknown) => void done.push(context),
    },
  }) as unknown as App

beforeEach(() => {
  done.splice(0)
  editor.messages.splice(0)
})

test.each<[string, readonly Clusters['open'][number][], unknown, unknown[]]>([
  ['of the row', [prod, demo], { kind: 'cluster', context: 'demo (/tmp/kube)' }, [{ context: 'demo', kubeconfig: '/tmp/kube' }]],
  ['of a row whose cluster is gone', [prod], { kind: 'cluster', context: 'gone' }, []],
  ['that is the only one', [prod], undefined, [{ context: 'prod' }]],
  ['that is picked', [prod, demo], undefined, [{ context: 'demo', kubeconfig: '/tmp/kube' }]],
])('the cluster %s is used for files', async (_, clusters, target, used) => {
  await useCluster(appWith(...clusters), target)
  expect(done).toEqual(used)
})

test('a cluster is disconnected by its handle; without one that is said', async () => {
  await disconnect(appWith(prod, demo), { kind: 'cluster', context: 'prod' })
  expect(done).toEqual(['prod'])
  await disconnect(appWith())
  expect(editor.messages).toEqual(['No cluster is open.'])
})

test.each([
  ['', []],
  ['shop', ['shop']],
  ['shop, billing  bank', ['shop', 'billing', 'bank']],
  ['shop shop', ['shop']],
  ['Shop', []],
  ['shop-', []],
  ['a.b', []],
  ['x'.repeat(64), []],
  [`${'x'.repeat(63)},`, ['x'.repeat(63)]],
])('typed %j: namespaces %j', (typed, names) => {
  expect(namesIn(typed)).toEqual(names)
})
