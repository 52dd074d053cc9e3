// Inspect Certificate: on a row of our trees, on a pod of the Kubernetes extension's tree, on a file, or from the palette with a choice.
import { commands, Uri, window } from 'vscode'
import {
  type CertificateNode,
  GetMeshNodes,
  type MeshRow,
  type PodRef,
  type PodRow,
  type WorkloadRow,
} from '../../../server/src/protocol.ts'
import type { App, Handler } from '../app.ts'
import { podOfKubernetesTree } from '../kubernetesExtension.ts'
import type { Server } from '../server.ts'
import { visible, withoutIcons } from '../text.ts'
import { pickPod } from './pickPod.ts'

export const inspectCertificate: Handler = async ({ server, certificatePages, workloads }, target) => {
  if (target instanceof Uri) return certificatePages.open(target)
  const pod = await podBehind(target, server, workloads)
  if (pod) await certificatePages.open(pod)
}

async function podBehind(target: unknown, server: Server, workloads: App['workloads']): Promise<PodRef | undefined> {
  if (isRow(target)) return podOfRow(target, server)
  if (isPods(target)) return onePod(target.pods)
  return (
    (await podOfKubernetesTree(target, server)) ??
    pickPod(server, { title: 'Inspect Certificate', placeHolder: 'Pod', selected: workloads.selected })
  )
}

type Row = PodRow | WorkloadRow | CertificateNode

function isRow(target: unknown): target is Row {
  const kind = target !== null && typeof target === 'object' && 'kind' in target ? target.kind : undefined
  return kind === 'pod' || kind === 'workload' || kind === 'certificate'
}

/** What a lens above a ServiceAccount or a Deployment stands for. */
interface Pods {
  readonly kind: 'pods'
  readonly pods: readonly PodRef[]
}

function isPods(target: unknown): target is Pods {
  return (
    target !== null &&
    typeof target === 'object' &&
    'kind' in target &&
    target.kind === 'pods' &&
    'pods' in target &&
    Array.isArray(target.pods)
  )
}

async function onePod(pods: readonly PodRef[]): Promise<PodRef | undefined> {
  if (pods.length < 2) return pods[0]
  const items = pods.map(pod => ({ label: visible(withoutIcons(pod.name)), description: visible(withoutIcons(pod.namespace)), pod }))
  const picked = await window.showQuickPick(items, { title: 'Inspect Certificate', placeHolder: 'Pod' })
  return picked?.pod
}

async function podOfRow(row: Row, server: Server): Promise<PodRef | undefined> {
  if (row.kind === 'certificate') return row.pod
  if (row.kind === 'pod') return refOf(row)
  return pickOne(await podsBelow([row], server), `Pod of ${row.name}`)
}

async function pickOne(pods: readonly PodRow[], placeHolder: string): Promise<PodRef | undefined> {
  const [only, ...others] = pods
  if (!only) return undefined
  if (others.length === 0) return refOf(only)
  const items = pods.map(pod => ({ ...labels(pod), pod }))
  const picked = await window.showQuickPick(items, { title: 'Inspect Certificate', placeHolder })
  return picked && refOf(picked.pod)
}

function labels({ name, description }: MeshRow): { readonly label: string; readonly description: string } {
  return { label: visible(withoutIcons(name)), description: visible(withoutIcons(description)) }
}

async function podsBelow(workloads: readonly MeshRow[], server: Server): Promise<readonly PodRow[]> {
  const rows = await rowsBelow(workloads, server)
  return rows.filter(row => row.kind === 'pod')
}

/** The children of all parents that can be read; what cannot be read, or that nothing is there, is said once. */
async function rowsBelow(parents: readonly (MeshRow | undefined)[], server: Server): Promise<readonly MeshRow[]> {
  const answers = await Promise.all(parents.map(parent => server.ask(client => client.sendRequest(GetMeshNodes, below(parent)))))
  const rows = answers.flatMap(answer => (answer.ok ? answer.value : []))
  const failed = answers.find(answer => !answer.ok)
  if (failed) tell(`${failed.problem.message} ${failed.problem.remedy}`)
  else if (rows.length === 0) tell('No pod is known here.')
  return rows
}

function below(parent: MeshRow | undefined): { readonly parent?: string; readonly context?: string } {
  return parent ? { parent: parent.id, context: parent.context } : {}
}

function tell(sentence: string): void {
  void window
    .showWarningMessage(visible(sentence), 'Select Context')
    .then(choice => choice && commands.executeCommand('istioSecurity.selectContext'))
}

function refOf({ namespace, name, context }: PodRow): PodRef {
  return { namespace, name, context }
}
