// Namespace, workload and pod as rows of the Workloads view. Pure.
import type { MeshNode, MtlsMode, NamespaceNode, PodNode, WorkloadNode } from '../../../../server/src/protocol.ts'
import { never } from '../../never.ts'
import { type Item, type ProblemNode, problemItem } from '../item.ts'

const modeIcons: Readonly<Record<MtlsMode, string>> = { STRICT: 'lock', PERMISSIVE: 'unlock', DISABLE: 'circle-slash' }

/** What a mode means to a caller, in words. */
const modeMeanings: Readonly<Record<MtlsMode, string>> = {
  STRICT: 'STRICT: only mutual TLS is accepted.',
  PERMISSIVE: 'PERMISSIVE: mutual TLS and plaintext are accepted.',
  DISABLE: 'DISABLE: mutual TLS is turned off.',
}

export function workloadsItem(node: MeshNode | ProblemNode): Item {
  switch (node.kind) {
    case 'namespace':
      return namespaceItem(node)
    case 'workload':
      return workloadItem(node)
    case 'pod':
      return podItem(node)
    case 'problem':
      return problemItem(node)
    default:
      return never(node)
  }
}

function namespaceItem(node: NamespaceNode): Item {
  return {
    id: node.id,
    label: node.name,
    description: node.description,
    icon: node.mode ? modeIcons[node.mode] : 'symbol-namespace',
    tooltip: [`Namespace ${node.name}`, node.mode ? modeMeanings[node.mode] : 'No workload here has a proxy.'],
    spoken: `namespace ${node.name}, ${node.description}`,
    kind: node.kind,
    children: 'closed',
  }
}

function workloadItem(node: WorkloadNode): Item {
  return {
    id: node.id,
    label: node.name,
    description: node.description,
    ...workloadIcon(node),
    tooltip: [`${node.owner} ${node.namespace}/${node.name}`, ...modeLines(node), ...noteLines(node)],
    spoken: `workload ${node.name}, ${[node.description, ...noteLines(node)].join(', ')}`,
    kind: node.kind,
    children: 'closed',
  }
}

function workloadIcon(node: WorkloadNode): Pick<Item, 'icon' | 'tone'> {
  if (needsAttention(node)) return { icon: 'warning', tone: 'warning' }
  return { icon: node.proxy === 'unknown' ? 'question' : modeIcons[node.mode] }
}

function modeLines(node: WorkloadNode): readonly string[] {
  if (node.proxy === 'none') return []
  if (node.proxy === 'unknown') return ['Whether it has a proxy is not known, so nothing is said about what it accepts.']
  const decides = (policy: string | undefined) => (policy ? `from ${policy}` : 'the built-in default')
  return [
    `${modeMeanings[node.mode]} (${decides(node.policy)})`,
    ...node.ports.map(({ port, mode, policy }) => `Port ${port}: ${mode} (${decides(policy)})`),
  ]
}

function podItem(node: PodNode): Item {
  return {
    id: node.id,
    label: node.name,
    description: node.description,
    ...podIcon(node),
    tooltip: [
      `Pod ${node.namespace}/${node.name}, ${node.phase}`,
      identityLine(node),
      `Service account ${node.serviceAccount}`,
      ...noteLines(node),
    ],
    spoken: `pod ${node.name}, ${[node.description, ...noteLines(node)].join(', ')}`,
    kind: node.kind,
    children: 'none',
  }
}

function identityLine(node: PodNode): string {
  if (node.identity) return `Presents spiffe://${node.identity}`
  return node.proxy === 'unknown' ? 'Whether it presents an identity is not known.' : 'Presents no identity.'
}

function podIcon(node: PodNode): Pick<Item, 'icon' | 'tone'> {
  if (needsAttention(node)) return { icon: 'warning', tone: 'warning' }
  return { icon: node.phase === 'Running' ? 'circle-filled' : 'circle-outline' }
}

function needsAttention(node: WorkloadNode | PodNode): boolean {
  return node.note !== undefined || node.proxy === 'none'
}

function noteLines(node: WorkloadNode | PodNode): readonly string[] {
  return node.note ? [node.note] : []
}
