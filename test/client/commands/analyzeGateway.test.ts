// Whose gateway is analyzed: of a row, of a workload's pod, of a choice. And that a command is only ever copied.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { App } from '../../../client/src/app.ts'
import type { GatewayPod, MeshRow, PodRef } from '../../../server/src/protocol.ts'

const editor = vi.hoisted(() => ({
  offers: [] as readonly { readonly label: string }[],
  pick: 0,
  copied: [] as string[],
  told: [] as string[],
}))
vi.mock('vscode', () => ({
  extensions: { getExtension: () => undefined },
  CancellationTokenSource: class {
    readonly token = {}
  },
  env: { clipboard: { writeText: async (text: string) => void editor.copied.push(text) } },
  window: {
    showQuickPick: async (offers: readonly { readonly label: string }[]) => {
      editor.offers = offers
      return offers[editor.pick]
    },
    showWarningMessage: async (text: string) => void editor.told.push(text),
    setStatusBarMessage: (text: string) => editor.told.push(text),
  },
}))
const { analyzeGateway, copyGatewayCommand } = await import('../../../client/src/commands/analyzeGateway.ts')

const at = { namespace: 'istio-ingress', context: 'prod', proxy: 'gateway' } as const
const pod = (name: string): MeshRow => ({
  ...at,
  kind: 'pod',
  id: `pod/istio-ingress/${name}`,
  name,
  phase: 'Running',
  serviceAccount: 'ingress',
  workload: 'workload/istio-ingress/Deployment.ingress',
  findings: [],
  description: '$(check) fine',
})
const workload: MeshRow = {
  ...at,
  kind: 'workload',
  id: 'workload/istio-ingress/Deployment.ingress',
  name: 'ingress',
  owner: 'Deployment',
  mode: 'PERMISSIVE',
  ports: [],
  pods: { ready: 1, all: 1 },
  serviceAccount: 'ingress',
  findings: [],
  policyProblems: [],
  description: '',
}

beforeEach(() => Object.assign(editor, { offers: [], pick: 0, copied: [], told: [] }))

async function analyze(
  target: unknown,
  answers: { readonly rows?: readonly MeshRow[]; readonly gateways?: readonly GatewayPod[] },
): Promise<PodRef[]> {
  const opened: PodRef[] = []
  const client = {
    sendRequest: async ({ method }: { method: string }) =>
      method === 'istioSecurity/getGateways' ? (answers.gateways ?? []) : { ok: true, value: answers.rows ?? [] },
  }
  const app = {
    server: { ask: (send: (to: typeof client) => unknown) => send(client) },
    gatewayPages: { open: async (ref: PodRef) => void opened.push(ref) },
  }
  await analyzeGateway(app as unknown as App, target)
  return opened
}

const first = { namespace: 'istio-ingress', name: 'ingress-1', context: 'prod' }

describe('on a row', () => {
  test('of a pod', async () => {
    expect(await analyze(pod('ingress-1'), {})).toEqual([first])
  })

  test('of a workload with one pod', async () => {
    expect(await analyze(workload, { rows: [pod('ingress-1')] })).toEqual([first])
    expect(editor.offers).toEqual([])
  })

  test('of a workload with several', async () => {
    editor.pick = 1
    expect(await analyze(workload, { rows: [pod('ingress-1'), pod('ingress-2')] })).toEqual([{ ...first, name: 'ingress-2' }])
    expect(editor.offers).toMatchObject([{ label: 'ingress-1', description: '$ (check) fine' }, { label: 'ingress-2' }])
  })

  test('of a workload without pods', async () => {
    expect(await analyze(workload, { rows: [] })).toEqual([])
    expect(editor.told).toEqual(['"ingress" has no pod.'])
  })
})

describe('from the palette', () => {
  const gateways = [
    { ...first, workload: 'ingress' },
    { ...first, name: 'ingress-1', context: 'test', workload: 'ingress' },
  ]
  test('a gateway of several clusters is told with its cluster', async () => {
    expect(await analyze(undefined, { gateways })).toEqual([first])
    expect(editor.offers).toMatchObject([
      { label: 'ingress-1', description: 'istio-ingress · prod' },
      { label: 'ingress-1', description: 'istio-ingress · test' },
      { label: 'Another pod…' },
    ])
  })

  test('any other pod can be chosen', async () => {
    expect(await analyze(undefined, { rows: [pod('checkout-1')] })).toEqual([{ ...first, name: 'checkout-1' }])
  })
})

test.each([
  [1, ['second']],
  [7, []],
  ['rm -rf', []],
  [undefined, []],
])('the command with number %j is copied', async (at, copied) => {
  const gatewayPages = { shown: { commands: [{ command: 'first' }, { command: 'second' }] } }
  await copyGatewayCommand({ gatewayPages } as unknown as App, at)
  expect(editor.copied).toEqual(copied)
})
