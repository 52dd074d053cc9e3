// What the Kubernetes extension shows and answers, as far as another extension meets it: its tree, and the broker of its API.
// Sources: vscode-kubernetes-tools:src/components/clusterexplorer/node.resource.ts, src/api/implementation/cluster-explorer/common.ts.
import { commands, type ExtensionContext, type TreeDataProvider, TreeItem, TreeItemCollapsibleState, window } from 'vscode'
import type { APIBroker, ClusterExplorerV1_1 } from 'vscode-kubernetes-tools-api'

interface Row {
  readonly node: ClusterExplorerV1_1.ClusterExplorerNode
  readonly label: string
  readonly contextValue: string
  readonly children: readonly Row[]
}

const kinds = {
  Pod: { manifestKind: 'Pod', abbreviation: 'pod' },
  Service: { manifestKind: 'Service', abbreviation: 'service' },
} as const satisfies Readonly<Record<string, ClusterExplorerV1_1.ResourceKind>>

const cluster: Row = {
  node: { nodeType: 'context', name: 'demo' },
  label: 'demo',
  contextValue: 'vsKubernetes.cluster',
  children: [folder('Pod', resource('Pod', 'db-0')), folder('Service', resource('Service', 'db'))],
}

function folder(kind: keyof typeof kinds, ...children: readonly Row[]): Row {
  const resourceKind = kinds[kind]
  return {
    node: { nodeType: 'folder.resource', resourceKind },
    label: `${kind}s`,
    contextValue: 'vsKubernetes.kind',
    children,
  }
}

function resource(kind: keyof typeof kinds, name: string): Row {
  const resourceKind = kinds[kind]
  const namespace = 'shop'
  return {
    node: { nodeType: 'resource', resourceKind, namespace, name, metadata: { name, namespace } },
    label: name,
    contextValue: `vsKubernetes.resource.${resourceKind.abbreviation}`,
    children: [],
  }
}

const tree: TreeDataProvider<Row> = {
  getChildren: row => [...(row?.children ?? [cluster])],
  getTreeItem({ label, contextValue, children }) {
    const item = new TreeItem(label, children.length > 0 ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.None)
    item.contextValue = contextValue
    return item
  },
}

const isRow = (target: unknown): target is Row => target !== null && typeof target === 'object' && 'node' in target

const explorer: Pick<ClusterExplorerV1_1, 'resolveCommandTarget'> = {
  resolveCommandTarget: target => (isRow(target) ? target.node : undefined),
}

export function activate({ subscriptions }: ExtensionContext): APIBroker {
  subscriptions.push(
    window.registerTreeDataProvider('extension.vsKubernetesExplorer', tree),
    commands.registerCommand('extension.vsKubernetesGet', () => {}),
  )
  return {
    get: (component, version) =>
      component === 'clusterexplorer' && version === 'v1_1'
        ? { available: true, api: explorer }
        : { available: false, reason: 'version-unknown' },
  }
}
