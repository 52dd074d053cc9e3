// Analyze Gateway: on a pod or workload of our tree, on a pod of the Kubernetes extension's tree, or from the palette with a choice.
// The links of its page carry no argument but the number of a command to copy: the page in front is meant.
import { CancellationTokenSource, env, window } from 'vscode'
import {
  type GatewayPod,
  GetGateways,
  GetMeshNodes,
  type MeshRow,
  type PodRef,
  type PodRow,
  type WorkloadRow,
} from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { podOfKubernetesTree } from '../kubernetesExtension.ts'
import { showLateProgress } from '../lateProgress.ts'
import type { Server } from '../server.ts'
import { visible, withoutIcons } from '../text.ts'
import { pickMeshRow } from './pickMeshRow.ts'

const title = 'Analyze Gateway'

export const analyzeGateway: Handler = async ({ server, gatewayPages }, target) => {
  const pod = await podBehind(target, server)
  if (pod) await gatewayPages.open(pod)
}

export const refreshGateway: Handler = ({ gatewayPages }) => gatewayPages.refresh()

export const openGatewayText: Handler = ({ gatewayPages }) => gatewayPages.openText()

export const copyGatewayText: Handler = ({ gatewayPages }) => copy(gatewayPages.shown?.text, 'Analysis of the gateway')

export const copyGatewayCommand: Handler = ({ gatewayPages }, target) =>
  copy(typeof target === 'number' ? gatewayPages.shown?.commands[target]?.command : undefined, 'Command')

async function copy(text: string | undefined, what: string): Promise<void> {
  if (text !== undefined) await env.clipboard.writeText(text)
  window.setStatusBarMessage(text === undefined ? `${what}: there is none to copy.` : `${what} copied.`, 3_000)
}

async function podBehind(target: unknown, server: Server): Promise<PodRef | undefined> {
  if (isRow(target)) return target.kind === 'pod' ? refOf(target) : podOfWorkload(target, server)
  return (await podOfKubernetesTree(target, server)) ?? pickGateway(server)
}

function isRow(target: unknown): target is PodRow | WorkloadRow {
  const kind = target !== null && typeof target === 'object' && 'kind' in target ? target.kind : undefined
  return kind === 'pod' || kind === 'workload'
}

/** All pods of a gateway have the same configuration, until one of them has not. */
async function podOfWorkload(workload: WorkloadRow, server: Server): Promise<PodRef | undefined> {
  const answer = await server.ask(client => client.sendRequest(GetMeshNodes, { parent: workload.id, context: workload.context }))
  if (!answer.ok) return tell(`${answer.problem.message} ${answer.problem.remedy}`)
  const pods = answer.value.filter(row => row.kind === 'pod')
  const [only, ...others] = pods
  if (!only) return tell(`"${workload.name}" has no pod.`)
  if (others.length === 0) return refOf(only)
  const items = pods.map(row => ({ label: shown(row.name), description: shown(row.description), row }))
  const picked = await window.showQuickPick(items, { title, placeHolder: `Pod of ${visible(workload.name)}` })
  return picked && refOf(picked.row)
}

async function pickGateway(server: Server): Promise<PodRef | undefined> {
  const gateways = await askForGateways(server)
  const contexts = new Set(gateways.map(({ context }) => context))
  const items = gateways.map(pod => ({
    label: shown(pod.name),
    description: shown([pod.namespace, ...(contexts.size > 1 && pod.context ? [pod.context] : [])].join(' · ')),
    pod,
  }))
  const other = { label: 'Another pod…', description: 'whose proxy is an Envoy', pod: undefined }
  const placeHolder = gateways.length === 0 ? 'No gateway is known' : 'Gateway'
  const picked = await window.showQuickPick([...items, other], { title, placeHolder, matchOnDescription: true })
  if (!picked) return undefined
  if (picked.pod) return refOf(picked.pod)
  const row = await pickMeshRow(server, title, (row): row is PodRow & MeshRow => row.kind === 'pod')
  return row && refOf(row.row)
}

/** Nothing where there is no server to ask; the choice then says that none is known. */
async function askForGateways(server: Server): Promise<readonly GatewayPod[]> {
  const waiting = new CancellationTokenSource()
  const asked = server.ask(async client => ({ ok: true as const, value: await client.sendRequest(GetGateways, waiting.token) }))
  showLateProgress('Looking for gateways', asked, waiting)
  const answer = await asked
  return answer.ok ? answer.value : []
}

function refOf({ namespace, name, context }: PodRef): PodRef {
  return { namespace, name, ...(context === undefined ? {} : { context }) }
}

function shown(text: string): string {
  return visible(withoutIcons(text))
}

function tell(sentence: string): undefined {
  void window.showWarningMessage(visible(sentence))
}
