// Inspect Certificate: on a row of our trees, on a pod of the Kubernetes extension's tree, or from the palette with a choice.
import { commands, window } from 'vscode'
import {
  type CertificateNode,
  GetMeshNodes,
  type MeshNode,
  type PodNode,
  type PodRef,
  type WorkloadNode,
} from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { podOfKubernetesTree } from '../kubernetesExtension.ts'
import type { Server } from '../server.ts'
import { visible } from '../text.ts'

export const inspectCertificate: Handler = async ({ server, certificatePages }, target) => {
  const pod = await podBehind(target, server)
  if (pod) await certificatePages.open(pod)
}

async function podBehind(target: unknown, server: Server): Promise<PodRef | undefined> {
  if (isRow(target)) return podOfRow(target, server)
  return (await podOfKubernetesTree(target, server)) ?? pickPod(server)
}

type Row = PodNode | WorkloadNode | CertificateNode

function isRow(target: unknown): target is Row {
  const kind = target !== null && typeof target === 'object' && 'kind' in target ? target.kind : undefined
  return kind === 'pod' || kind === 'workload' || kind === 'certificate'
}

async function podOfRow(row: Row, server: Server): Promise<PodRef | undefined> {
  if (row.kind === 'certificate') return row.pod
  if (row.kind === 'pod') return refOf(row)
  return pickOne(await podsBelow([row], server), `Pod of ${row.name}`)
}

async function pickPod(server: Server): Promise<PodRef | undefined> {
  const namespaces = await nodesBelow([undefined], server)
  if (namespaces.length === 0) return undefined
  const picked = await window.showQuickPick(
    namespaces.map(node => ({ label: visible(node.name), description: visible(node.description), node })),
    { title: 'Inspect Certificate', placeHolder: 'Namespace' },
  )
  if (!picked) return undefined
  return pickOne(await podsBelow(await nodesBelow([picked.node], server), server), `Pod in ${picked.label}`)
}

async function pickOne(pods: readonly PodNode[], placeHolder: string): Promise<PodRef | undefined> {
  const [only, ...others] = pods
  if (!only) return undefined
  if (others.length === 0) return refOf(only)
  const items = pods.map(pod => ({ label: visible(pod.name), description: visible(pod.description), pod }))
  const picked = await window.showQuickPick(items, { title: 'Inspect Certificate', placeHolder })
  return picked && refOf(picked.pod)
}

async function podsBelow(workloads: readonly MeshNode[], server: Server): Promise<readonly PodNode[]> {
  const nodes = await nodesBelow(workloads, server)
  return nodes.filter(node => node.kind === 'pod')
}

/** The children of all parents that can be read; what cannot be read, or that nothing is there, is said once. */
async function nodesBelow(parents: readonly (MeshNode | undefined)[], server: Server): Promise<readonly MeshNode[]> {
  const answers = await Promise.all(parents.map(parent => server.ask(client => client.sendRequest(GetMeshNodes, below(parent)))))
  const nodes = answers.flatMap(answer => (answer.ok ? answer.value : []))
  const failed = answers.find(answer => !answer.ok)
  if (failed) tell(`${failed.problem.message} ${failed.problem.remedy}`)
  else if (nodes.length === 0) tell('No pod is known here.')
  return nodes
}

function below(parent: MeshNode | undefined): { readonly parent?: string } {
  return parent ? { parent: parent.id } : {}
}

function tell(sentence: string): void {
  void window
    .showWarningMessage(visible(sentence), 'Select Context')
    .then(choice => choice && commands.executeCommand('istioSecurity.selectContext'))
}

function refOf({ namespace, name }: PodNode): PodRef {
  return { namespace, name }
}
