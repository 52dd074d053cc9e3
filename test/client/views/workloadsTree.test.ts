// What the view asks, and what it tells the tree: no more than what is open, and than what changed.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { WorkloadsRow } from '../../../client/src/views/workloads/rows.ts'
import type { MeshRow, MeshView, WorkloadRow } from '../../../server/src/protocol.ts'
import { cluster, context, namespace } from '../meshRows.ts'

const vscode = vi.hoisted(() => ({ revealed: [] as unknown[], view: undefined as undefined | { message?: string; visible: boolean } }))
vi.mock('vscode', () => {
  class EventEmitter<T> {
    listeners: ((value: T) => void)[] = []
    event = (listener: (value: T) => void) => {
      this.listeners.push(listener)
      return { dispose: () => {} }
    }
    fire(value: T) {
      for (const listener of this.listeners) listener(value)
    }
    dispose() {}
  }
  const never = () => ({ dispose: () => {} })
  return {
    EventEmitter,
    commands: { executeCommand: async () => {} },
    ThemeIcon: class {},
    ThemeColor: class {},
    TreeItem: class {
      label: string
      constructor(label: string) {
        this.label = label
      }
    },
    TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
    window: {
      createTreeView: () => {
        vscode.view = Object.assign(
          { visible: true, selection: [], dispose: () => {}, reveal: async (row: unknown) => void vscode.revealed.push(row) },
          { onDidChangeVisibility: never, onDidCollapseElement: never, onDidExpandElement: never },
        )
        return vscode.view
      },
    },
  }
})
const { WorkloadsView } = await import('../../../client/src/views/workloads/tree.ts')

const workload: WorkloadRow = {
  context,
  kind: 'workload',
  id: 'workload/shop/Deployment.checkout',
  namespace: 'shop',
  name: 'checkout',
  owner: 'Deployment',
  proxy: 'sidecar',
  mode: 'STRICT',
  ports: [],
  pods: { ready: 1, all: 1 },
  serviceAccount: 'checkout',
  findings: [],
  policyProblems: [],
  description: 'STRICT',
}

interface Asked {
  readonly parent?: string
  readonly view: MeshView
  readonly limit?: number
}

let rows: Map<string, readonly MeshRow[]>
let asked: Asked[]
let told: (WorkloadsRow | WorkloadsRow[] | undefined)[]
let remembered: unknown
let changed: () => void
let view: InstanceType<typeof WorkloadsView>

beforeEach(async () => {
  vi.useFakeTimers()
  rows = new Map<string, readonly MeshRow[]>([
    ['', [cluster]],
    ['cluster/prod', [namespace('bank'), namespace('shop')]],
    ['namespace/shop', [workload]],
  ])
  asked = []
  told = []
  remembered = undefined
  vscode.revealed = []
  const client = {
    sendRequest: async (_: unknown, params: Asked) => {
      asked.push(params)
      return { ok: true, value: rows.get(params.parent ?? '') ?? [] }
    },
  }
  const server = {
    state: undefined,
    ask: (send: (to: typeof client) => unknown) => send(client),
    onMeshChange: (listener: () => void) => {
      changed = listener
    },
    onClusters: () => {},
  }
  const update = async (_: string, value: unknown) => {
    remembered = value
  }
  const memory = { get: () => undefined, update }
  view = new WorkloadsView(server as never, memory as never)
  view.onDidChangeTreeData(each => told.push(each))
  await view.getChildren()
  await view.getChildren(cluster)
  asked = []
})

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

describe('when the mesh changes', () => {
  test('only open rows are asked for, and nothing is told where they are as before', async () => {
    changed()
    await settle()
    expect([asked.map(({ parent }) => parent), told]).toEqual([[undefined, 'cluster/prod'], []])
  })

  test('the row that changed is told, by the element that the tree has, and shows what it is now', async () => {
    const [, shop] = await view.getChildren(cluster)
    rows.set('cluster/prod', [namespace('bank'), namespace('shop', 'PERMISSIVE')])
    changed()
    await settle()
    expect(told).toEqual([[shop]])
    expect(told.flat()[0]).toBe(shop)
    expect(shop && view.getTreeItem(shop)).toMatchObject({ description: 'PERMISSIVE', id: 'prod namespace/shop' })
  })

  test('a row that comes or goes tells its parent alone, which is not read again for it', async () => {
    rows.set('cluster/prod', [namespace('shop')])
    changed()
    await settle()
    expect(told).toEqual([[cluster]])
    asked = []
    expect(await view.getChildren(cluster)).toEqual([namespace('shop')])
    expect(asked).toEqual([])
  })

  test('rows are read four times a second, however often it does', async () => {
    for (let index = 0; index < 100; index++) {
      changed()
      await settle(10)
    }
    expect(asked.filter(({ parent }) => parent === undefined).length).toBeLessThanOrEqual(5)
  })

  test('a view that nobody sees reads nothing', async () => {
    if (vscode.view) vscode.view.visible = false
    changed()
    await settle()
    expect(asked).toEqual([])
  })
})

test('what is shown is remembered, asked for and said', async () => {
  view.show({ text: 'checkout', group: 'mode' })
  expect([remembered, vscode.view?.message]).toEqual([{ text: 'checkout', group: 'mode' }, 'Filter: "checkout". Grouped by mode.'])
  await view.getChildren(cluster)
  expect(asked).toMatchObject([{ parent: 'cluster/prod', view: { text: 'checkout', group: 'mode' } }])
})

test('more rows are asked for where somebody wants them', async () => {
  view.showMore({ kind: 'more', context, id: 'more/', rest: 1, limit: 1_500, name: '', description: '' })
  await settle()
  expect(asked).toMatchObject([{}, { parent: 'cluster/prod', limit: 1_500 }])
})

test('a workload is revealed in the group that it is in', async () => {
  view.show({ text: 'nothing', group: 'mode' })
  const group: MeshRow = { kind: 'group', context, id: 'group/mode/STRICT', name: 'STRICT', workloads: 1, description: '' }
  await view.reveal({ steps: [cluster, group, workload].map(row => ({ row, limit: 1_000 })), shown: false })
  expect(view.shown).toEqual({ group: 'mode' })
})

test('a workload is revealed below rows that were never opened, and a filter that hides it goes', async () => {
  view.show({ text: 'nothing' })
  const steps = [cluster, namespace('shop'), workload].map(row => ({ row, limit: 1_000 }))
  await view.reveal({ steps, shown: false })
  expect(view.shown).toEqual({})
  expect(vscode.revealed).toEqual([workload])
  expect(view.getParent(workload)).toEqual(namespace('shop'))
  expect(view.getParent(namespace('shop'))).toEqual(cluster)
})
