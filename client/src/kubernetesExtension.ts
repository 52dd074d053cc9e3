// The Kubernetes extension, if it is installed: which pod a row of its tree stands for. No dependency on it, so the shapes are checked.
import { extensions } from 'vscode'
import { GetContexts, type PodRef } from '../../server/src/protocol.ts'
import type { Server } from './server.ts'

/** What `activate` of ms-kubernetes-tools.vscode-kubernetes-tools answers: vscode-kubernetes-tools:src/api/contract/api.ts. */
interface ApiBroker {
  get(component: string, version: string): { readonly available: boolean; readonly api?: ClusterExplorer }
}

/** vscode-kubernetes-tools:src/api/contract/cluster-explorer/v1_1.ts. */
interface ClusterExplorer {
  resolveCommandTarget(target?: unknown): ResourceNode | undefined
}

interface ResourceNode {
  readonly nodeType: string
  readonly namespace?: string | null
  readonly name?: string
  readonly resourceKind?: { readonly manifestKind: string }
}

/** The pod behind a row of the Kubernetes extension's tree; `undefined` for everything else. */
export async function podOfKubernetesTree(target: unknown, server: Server): Promise<PodRef | undefined> {
  const node = await resolveTarget(target)
  if (node?.nodeType !== 'resource' || node.resourceKind?.manifestKind !== 'Pod' || !node.name) return undefined
  const context = await currentContext(server)
  return { namespace: node.namespace || 'default', name: node.name, ...(context && { context }) }
}

async function resolveTarget(target: unknown): Promise<ResourceNode | undefined> {
  const extension = extensions.getExtension<ApiBroker>('ms-kubernetes-tools.vscode-kubernetes-tools')
  if (!extension || !target) return undefined
  const broker = await extension.activate()
  const explorer = broker?.get?.('clusterexplorer', 'v1.1')
  return explorer?.available ? explorer.api?.resolveCommandTarget(target) : undefined
}

// That tree lists resources under the kubeconfig's current context only, whichever context we are connected to.
async function currentContext(server: Server): Promise<string | undefined> {
  const contexts = await server.ask(client => client.sendRequest(GetContexts))
  return contexts.ok ? contexts.value.find(({ current }) => current)?.name : undefined
}
