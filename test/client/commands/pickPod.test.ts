// A command that needs a pod and was given none: one list to type in, the selected row first, by namespace where there are too many.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { App } from '../../../client/src/app.ts'
import type { WorkloadsRow } from '../../../client/src/views/workloads/rows.ts'
import { type ConnectionQuestion, GetPods, type PodList, type PodRef, type PodsQuestion } from '../../../server/src/protocol.ts'

interface Offer {
  readonly label: string
  readonly description?: string
}

const editor = vi.hoisted(() => ({
  offered: [] as { readonly placeHolder: string; readonly rows: readonly string[] }[],
  picks: [] as (string | undefined)[],
  told: [] as string[],
}))
vi.mock('vscode', () => ({
  Uri: class {},
  commands: { executeCommand: () => {} },
  extensions: { getExtension: () => undefined },
  window: {
    showWarningMessage: async (text: string) => void editor.told.push(text),
    showQuickPick: async (offers: readonly Offer[], { placeHolder }: { placeHolder: string }) => {
      const rows = offers.map(({ label, description = '' }) => [label, description].filter(Boolean).join(' · '))
      editor.offered.push({ placeHolder, rows })
      const wanted = editor.picks.shift()
      return offers.find(({ label }) => label === wanted)
    },
  },
}))
const { checkConnection } = await import('../../../client/src/commands/checkConnection.ts')
const { inspectCertificate } = await import('../../../client/src/commands/inspectCertificate.ts')

const pod = (context: string, namespace: string, name: string) => ({ context, namespace, name, workload: name.replace(/-\d$/, '') })
const prod = [pod('prod', 'shop', 'checkout-1'), pod('prod', 'shop', 'frontend-1'), pod('prod', 'shop', 'frontend-2')]
const podRow = { kind: 'pod', id: 'pod/shop/frontend-2', ...pod('prod', 'shop', 'frontend-2') } as unknown as WorkloadsRow
const workloadRow = { kind: 'workload', id: 'w', context: 'prod', namespace: 'shop', name: 'frontend' } as unknown as WorkloadsRow

let answers: Record<string, PodList>
let asked: PodsQuestion[]
let opened: (ConnectionQuestion | PodRef)[]

beforeEach(() => {
  Object.assign(editor, { offered: [], picks: [], told: [] })
  answers = { '/': { kind: 'pods', pods: prod }, 'prod/': { kind: 'pods', pods: prod } }
  asked = []
  opened = []
})

const client = {
  sendRequest: async (type: { readonly method: string }, question: PodsQuestion) => {
    if (type.method !== GetPods.method) return { ok: true, value: [{ port: 8080 }] }
    asked.push(question)
    const { context = '', namespace = '' } = question
    return { ok: true, value: answers[`${context}/${namespace}`] ?? { kind: 'pods', pods: [] } }
  },
}
const app = (selected?: WorkloadsRow, contexts = ['prod']) =>
  ({
    server: {
      ask: (send: (to: typeof client) => unknown) => send(client),
      clusters: { open: contexts.map(context => ({ context })) },
    },
    workloads: { selected },
    connectionPages: { open: async (question: ConnectionQuestion) => void opened.push(question) },
    certificatePages: { open: async (ref: PodRef) => void opened.push(ref) },
  }) as unknown as App

const ref = (name: string) => ({ namespace: 'shop', name, context: 'prod' })

describe('Check Connection', () => {
  test('from the palette asks who calls, then who is called', async () => {
    editor.picks = ['frontend-1', 'checkout-1']
    await checkConnection(app())
    expect(editor.offered).toEqual([
      {
        placeHolder: 'Who calls',
        rows: ['checkout-1 · shop', 'frontend · shop · 2 pods', 'frontend-1 · shop', 'frontend-2 · shop'],
      },
      { placeHolder: 'Who is called by frontend-1', rows: expect.arrayContaining(['checkout-1 · shop']) },
    ])
    expect(opened).toEqual([{ from: ref('frontend-1'), to: ref('checkout-1'), port: 8080 }])
  })

  test('of a row, which is called, asks who calls it', async () => {
    editor.picks = ['checkout-1']
    await checkConnection(app(), podRow)
    expect(editor.offered.map(({ placeHolder }) => placeHolder)).toEqual(['Who calls frontend-2, the pod you chose'])
    expect(opened).toEqual([{ from: ref('checkout-1'), to: ref('frontend-2'), port: 8080 }])
  })

  test('opens nothing where nobody picks', async () => {
    await checkConnection(app())
    expect([opened, editor.offered.length]).toEqual([[], 1])
  })
})

describe('Inspect Certificate', () => {
  test.each([
    ['pod', podRow, ['frontend-2 · shop · selected in Workloads', 'checkout-1 · shop', 'frontend-1 · shop']],
    [
      'workload',
      workloadRow,
      ['frontend-1 · shop · selected in Workloads', 'frontend-2 · shop · selected in Workloads', 'checkout-1 · shop'],
    ],
  ])('has the selected %s first', async (_, selected, rows) => {
    editor.picks = ['checkout-1']
    await inspectCertificate(app(selected))
    expect(editor.offered[0]?.rows).toEqual(rows)
    expect(opened).toEqual([ref('checkout-1')])
  })

  test('of a workload asks which of its pods', async () => {
    editor.picks = ['frontend', 'frontend-2']
    await inspectCertificate(app())
    expect(editor.offered[1]).toEqual({ placeHolder: 'Pod of frontend', rows: ['frontend-1 · shop', 'frontend-2 · shop'] })
    expect(opened).toEqual([ref('frontend-2')])
  })

  test('goes by namespace where there are too many pods, that of the selected row first', async () => {
    answers['prod/'] = { kind: 'namespaces', context: 'prod', namespaces: ['bank', 'shop'] }
    answers['prod/shop'] = { kind: 'pods', pods: prod }
    editor.picks = ['shop', 'frontend-2']
    await inspectCertificate(app(podRow))
    expect(editor.offered[0]?.rows).toEqual(['shop', 'bank'])
    expect(asked).toEqual([
      { context: 'prod', limit: 1_000 },
      { context: 'prod', namespace: 'shop', limit: 1_000 },
    ])
    expect(opened).toEqual([ref('frontend-2')])
  })

  test('leads to another open cluster', async () => {
    answers['stage/'] = { kind: 'pods', pods: [pod('stage', 'shop', 'frontend-9')] }
    editor.picks = ['Another cluster…', 'stage']
    await inspectCertificate(app(undefined, ['prod', 'stage']))
    expect(opened).toEqual([{ namespace: 'shop', name: 'frontend-9', context: 'stage' }])
  })

  test('says that there is none', async () => {
    answers['/'] = { kind: 'pods', pods: [] }
    await inspectCertificate(app())
    expect([editor.told, opened]).toEqual([['No pod is known here.'], []])
  })
})
