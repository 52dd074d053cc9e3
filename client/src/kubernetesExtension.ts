// The Kubernetes extension, if it is installed: which pod a row of its tree stands for. No dependency on it: only its types are imported.
import { extensions } from 'vscode'
import type { API, APIBroker, ClusterExplorerV1_1 } from 'vscode-kubernetes-tools-api'
import { GetContexts, type PodRef } from '../../server/src/protocol.ts'
import type { Server } from './server.ts'

/** The pod behind a row of the Kubernetes extension's tree; `undefined` for everything else. */
export async function podOfKubernetesTree(target: unknown, server: Server): Promise<PodRef | undefined> {
  const node = await nodeBehind(target)
  // Its types promise a namespace; a row without metadata has none (vscode-kubernetes-tools:src/components/clusterexplorer/node.resource.ts).
  if (node?.nodeType !== 'resource' || node.resourceKind.manifestKind !== 'Pod' || !node.namespace) return undefined
  const context = await currentContext(server)
  return { namespace: node.namespace, name: node.name, ...(context && { context }) }
}

async function nodeBehind(target: unknown): Promise<ClusterExplorerV1_1.ClusterExplorerNode | undefined> {
  const extension = extensions.getExtension<Partial<APIBroker> | undefined>('ms-kubernetes-tools.vscode-kubernetes-tools')
  if (!extension || !target) return undefined
  const broker = await extension.activate()
  // The version as the extension spells it: vscode-kubernetes-tools:src/api/implementation/cluster-explorer/versions.ts.
  const explorer: API<ClusterExplorerV1_1> | undefined = broker?.get?.('clusterexplorer', 'v1_1')
  return explorer?.available ? explorer.api.resolveCommandTarget(target) : undefined
}

// That tree lists resources under the kubeconfig's current context only, whichever context we are connected to.
async function currentContext(server: Server): Promise<string | undefined> {
  const contexts = await server.ask(client => client.sendRequest(GetContexts))
  return contexts.ok ? contexts.value.find(({ current }) => current)?.name : undefined
}
