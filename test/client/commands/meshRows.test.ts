// Commands on rows of the mesh: with a row at once, from the palette by a choice that passes over what is the only one.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { App } from '../../../client/src/app.ts'
import type { MeshRow, ObjectRef, PodRow, WorkloadRow } from '../../../server/src/protocol.ts'
import { cluster, context, namespace } from '../meshRows.ts'

interface Offer {
  readonly label: string
}

const editor = vi.hoisted(() => ({
  copied: [] as string[],
  told: [] as string[],
  offered: [] as string[][],
  picks: [] as (string | undefined)[],
}))
vi.mock('vscode', () => ({
  env: { clipboard: { writeText: async (text: string) => void editor.copied.push(text) } },
  window: {
    setStatusBarMessage: () => {},
    showInformationMessage: (text: string) => void editor.told.push(text),
    showWarningMessage: (text: string) => void editor.told.push(text),
    showQuickPick: async (offers: readonly Offer[]) => {
      editor.offered.push(offers.map(({ label }) => label))
      const wanted = editor.picks.shift()
      return offers.find(({ label }) => label === wanted)
    },
  },
}))
const { copyWorkloadIdentity } = await import('../../../client/src/commands/copyWorkloadIdentity.ts')
const { openObject } = await import('../../../client/src/commands/openObject.ts')

const workload = (name: string): WorkloadRow => ({
  context,
  kind: 'workload',
  id: `workload/shop/Deployment.${name}`,
  namespace: 'shop',
  name,
  owner: 'Deployment',
  proxy: 'sidecar',
  mode: 'STRICT',
  ports: [],
  pods: { ready: 1, all: 1 },
  serviceAccount: name,
  identity: `cluster.local/ns/shop/sa/${name}`,
  findings: [],
  policyProblems: [],
  description: '$(lock)',
})
const pod: PodRow = {
  context,
  kind: 'pod',
  id: 'pod/shop/checkout-1',
  namespace: 'shop',
  name: 'checkout-1',
  workload: 'workload/shop/Deployment.checkout',
  proxy: 'none',
  phase: 'Running',
  serviceAccount: 'checkout',
  findings: [],
  description: '',
}

let rows: Record<string, readonly MeshRow[]>
let opened: ObjectRef[]

beforeEach(() => {
  Object.assign(editor, { copied: [], told: [], offered: [], picks: [] })
  opened = []
  rows = {
    '': [cluster],
    'cluster/prod': [namespace('bank'), namespace('shop')],
    'namespace/shop': [workload('checkout'), workload('frontend')],
    'namespace/bank': [],
  }
})

const client = { sendRequest: async (_: unknown, { parent = '' }: { parent?: string }) => ({ ok: true, value: rows[parent] ?? [] }) }
const app = {
  server: { ask: (send: (to: typeof client) => unknown) => send(client) },
  objectTexts: { open: async (object: ObjectRef) => void opened.push(object) },
} as unknown as App

describe('Copy SPIFFE Identity', () => {
  test('of a row', async () => {
    await copyWorkloadIdentity(app, workload('checkout'))
    expect([editor.copied, editor.offered]).toEqual([['spiffe://cluster.local/ns/shop/sa/checkout'], []])
  })

  test('of one that presents none says why', async () => {
    await copyWorkloadIdentity(app, pod)
    expect([editor.copied, editor.told]).toEqual([[], ['"checkout-1" presents no identity that could be copied. It has no proxy.']])
  })

  test('from the palette asks for what there is a choice of', async () => {
    editor.picks = ['shop', 'frontend']
    await copyWorkloadIdentity(app)
    expect(editor.offered).toEqual([
      ['bank', 'shop'],
      ['checkout', 'frontend'],
    ])
    expect(editor.copied).toEqual(['spiffe://cluster.local/ns/shop/sa/frontend'])
  })

  test.each([
    ['nobody picks', [undefined], []],
    ['there is none', ['bank'], ['No workload is known here.']],
  ])('copies nothing where %s', async (_, picks, told) => {
    editor.picks = picks
    await copyWorkloadIdentity(app)
    expect([editor.copied, editor.told]).toEqual([[], told])
  })
})

describe('Open as YAML', () => {
  test.each([
    [namespace('shop'), { context, kind: 'Namespace', name: 'shop' }],
    [workload('checkout'), { context, kind: 'Deployment', namespace: 'shop', name: 'checkout' }],
    [pod, { context, kind: 'Pod', namespace: 'shop', name: 'checkout-1' }],
  ])('of row %#', async (row, object) => {
    await openObject(app, row)
    expect(opened).toEqual([object])
  })

  test('of an object that another view names', async () => {
    const object = { context, kind: 'AuthorizationPolicy', namespace: 'shop', name: 'pay' }
    await openObject(app, object)
    expect(opened).toEqual([object])
  })
})
