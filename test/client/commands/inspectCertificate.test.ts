// Which pod a row stands for: always the one of the cluster that the row came from.
import { expect, test, vi } from 'vitest'
import type { App } from '../../../client/src/app.ts'
import type { MeshRow, PodRef } from '../../../server/src/protocol.ts'

const editor = vi.hoisted(() => ({ offers: [] as readonly object[] }))
vi.mock('vscode', () => ({
  Uri: class {},
  window: {
    showQuickPick: async (offers: readonly object[]) => {
      editor.offers = offers
      return offers[0]
    },
  },
}))
const { inspectCertificate } = await import('../../../client/src/commands/inspectCertificate.ts')

const at = { namespace: 'shop', context: 'prod', proxy: 'sidecar' } as const
const pod = (name: string): MeshRow => ({
  ...at,
  kind: 'pod',
  id: `pod/shop/${name}`,
  name,
  phase: 'Running',
  serviceAccount: 'checkout',
  workload: 'workload/shop/Deployment.checkout',
  findings: [],
  description: '$(check) fine',
})
const workload: MeshRow = {
  ...at,
  kind: 'workload',
  id: 'workload/shop/Deployment.checkout',
  name: 'checkout',
  owner: 'Deployment',
  mode: 'STRICT',
  ports: [],
  pods: { ready: 1, all: 1 },
  serviceAccount: 'checkout',
  findings: [],
  policyProblems: [],
  description: 'STRICT',
}

async function inspect(row: MeshRow, pods: readonly MeshRow[]): Promise<{ readonly opened: PodRef[]; readonly asked: unknown[] }> {
  const opened: PodRef[] = []
  const asked: unknown[] = []
  const client = { sendRequest: async (_: unknown, params: unknown) => void asked.push(params) }
  const ask = async (send: (to: typeof client) => Promise<void>) => {
    await send(client)
    return { ok: true, value: pods }
  }
  const app = { server: { ask }, certificatePages: { open: async (ref: PodRef) => void opened.push(ref) } }
  await inspectCertificate(app as unknown as App, row)
  return { opened, asked }
}

test('the row of a pod names its context', async () => {
  const { opened } = await inspect(pod('checkout-1'), [])
  expect(opened).toEqual([{ namespace: 'shop', name: 'checkout-1', context: 'prod' }])
})

test('the pods of a workload are asked of its context, and offered without icons of their own', async () => {
  const { opened, asked } = await inspect(workload, [pod('checkout-1'), pod('checkout-2')])
  expect(asked).toEqual([{ parent: workload.id, context: 'prod' }])
  expect(opened).toEqual([{ namespace: 'shop', name: 'checkout-1', context: 'prod' }])
  expect(editor.offers[0]).toMatchObject({ label: 'checkout-1', description: '$ (check) fine' })
})
