// Check Connection: from one pod to a port of another. On a row the pod is the server; without one it is asked who calls, then who is called.
import { window } from 'vscode'
import { type ConnectionQuestion, GetPodPorts, type MeshRow, type PodPort, type PodRef } from '../../../server/src/protocol.ts'
import type { App, Handler } from '../app.ts'
import { podOfKubernetesTree } from '../kubernetesExtension.ts'
import type { Server } from '../server.ts'
import { visible } from '../text.ts'
import type { WorkloadsRow } from '../views/workloads/rows.ts'
import { pickPod } from './pickPod.ts'

const title = 'Check Connection'

export const checkConnection: Handler = async (app, target) => {
  const asked = await askFor(app, target)
  if (asked) await app.connectionPages.open(asked)
}

export const refreshConnection: Handler = ({ connectionPages }) => connectionPages.refresh()

export const openConnectionText: Handler = ({ connectionPages }) => connectionPages.openText()

async function askFor({ server, workloads }: App, target: unknown): Promise<ConnectionQuestion | undefined> {
  const given = isPodRow(target) ? refOf(target) : await podOfKubernetesTree(target, server)
  return given ? callersOf(server, given) : bothEnds(server, workloads.selected)
}

/** The row that was chosen is the server: there stands what refuses. */
async function callersOf(server: Server, to: PodRef): Promise<ConnectionQuestion | undefined> {
  const port = await pickPort(server, to)
  if (port === undefined) return undefined
  const from = await pickPod(server, { title, placeHolder: `Who calls ${visible(to.name)}, the pod you chose`, context: to.context })
  return from && { from, to, port }
}

async function bothEnds(server: Server, selected: WorkloadsRow | undefined): Promise<ConnectionQuestion | undefined> {
  const from = await pickPod(server, { title, placeHolder: 'Who calls', selected })
  if (!from) return undefined
  const to = await pickPod(server, { title, placeHolder: `Who is called by ${visible(from.name)}`, context: from.context })
  const port = to && (await pickPort(server, to))
  return to && port !== undefined ? { from, to, port } : undefined
}

type Row = Extract<MeshRow, { kind: 'pod' }>

function isPodRow(target: unknown): target is Row {
  return target !== null && typeof target === 'object' && 'kind' in target && target.kind === 'pod' && 'context' in target
}

function refOf({ namespace, name, context }: Row): PodRef {
  return { namespace, name, context }
}

async function pickPort(server: Server, pod: PodRef): Promise<number | undefined> {
  const answer = await server.ask(client => client.sendRequest(GetPodPorts, pod))
  const ports: readonly PodPort[] = answer.ok ? answer.value : []
  const [only, ...others] = ports
  if (only && others.length === 0) return only.port
  const picked = await window.showQuickPick(
    [
      ...ports.map(({ port, name }) => ({ label: `${port}`, description: visible(name ?? ''), port })),
      { label: 'Another port…', port: undefined },
    ],
    { title, placeHolder: `Port of ${visible(pod.name)}` },
  )
  if (!picked) return undefined
  return picked.port ?? typedPort(pod)
}

async function typedPort(pod: PodRef): Promise<number | undefined> {
  const text = await window.showInputBox({
    title,
    prompt: `Port of ${visible(pod.name)}`,
    validateInput: value =>
      /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535 ? undefined : 'A port is a number from 1 to 65535.',
  })
  return text === undefined ? undefined : Number(text)
}
