// What can be done with an open cluster, on its row or from the palette: use it for files, disconnect it, choose its namespaces.
import { window } from 'vscode'
import { GetNamespaces, type OpenCluster } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import type { Server } from '../server.ts'
import { visible, withoutIcons } from '../text.ts'
import { pickNamespaces } from './pickNamespaces.ts'

export const useCluster: Handler = async ({ server }, target) => {
  const cluster = await clusterOf(target, server, 'Use for Files')
  if (cluster) await server.useContext(cluster.choice)
}

export const disconnect: Handler = async ({ server }, target) => {
  const cluster = await clusterOf(target, server, 'Disconnect')
  if (cluster) await server.closeContext(cluster.context)
}

export const selectNamespaces: Handler = async ({ server }, target) => {
  const cluster = await clusterOf(target, server, 'Select Namespaces')
  if (!cluster) return
  const { context } = cluster
  const known = await server.ask(client => client.sendRequest(GetNamespaces, { context }))
  // What keeps the names away is often the reason to type them.
  const picked = await pickNamespaces(context, known.ok ? known.value : [], cluster.namespaces)
  if (picked) await server.selectNamespaces(context, picked)
}

/** The cluster of a row; else the only one, else one to choose. */
async function clusterOf(target: unknown, server: Server, title: string): Promise<OpenCluster | undefined> {
  const open = server.clusters?.open ?? []
  const context = contextIn(target)
  if (context !== undefined) return open.find(each => each.context === context)
  const [only, ...others] = open
  if (!only) void window.showInformationMessage('No cluster is open.')
  if (!only || others.length === 0) return only
  const items = open.map(cluster => ({ label: visible(withoutIcons(cluster.context)), cluster }))
  return (await window.showQuickPick(items, { title, placeHolder: 'Cluster' }))?.cluster
}

/** The handle that a row carries. */
export function contextIn(target: unknown): string | undefined {
  if (target === null || typeof target !== 'object' || !('context' in target)) return undefined
  return typeof target.context === 'string' ? target.context : undefined
}
