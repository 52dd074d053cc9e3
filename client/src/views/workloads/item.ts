// Each row of the Workloads view as an item of a tree. Pure.
import type {
  CertificateNode,
  Finding,
  GroupNode,
  MtlsMode,
  NamespaceNode,
  PodNode,
  WorkloadNode,
} from '../../../../server/src/protocol.ts'
import { never } from '../../never.ts'
import { instant } from '../../time.ts'
import { clusterItem } from '../clusterItem.ts'
import { emptyItem, type Item, problemItem, restItem } from '../item.ts'
import type { WorkloadsRow } from './rows.ts'

const modeIcons: Readonly<Record<MtlsMode, string>> = { STRICT: 'lock', PERMISSIVE: 'unlock', DISABLE: 'circle-slash' }

/** What a mode means to a caller, in words. */
const modeMeanings: Readonly<Record<MtlsMode, string>> = {
  STRICT: 'STRICT: only mutual TLS is accepted.',
  PERMISSIVE: 'PERMISSIVE: mutual TLS and plaintext are accepted.',
  DISABLE: 'DISABLE: mutual TLS is turned off.',
}

/** `certificate`: what the proxy of the pod presented, where it was asked. */
export function workloadsItem(row: WorkloadsRow, certificate?: CertificateNode): Item {
  switch (row.kind) {
    case 'cluster':
      return clusterItem(row)
    case 'namespace':
      return namespaceItem(row)
    case 'group':
      return groupItem(row)
    case 'workload':
      return workloadItem(row)
    case 'pod':
      return podItem(row, certificate)
    case 'more':
      return restItem(row, 'istioSecurity.showMoreWorkloads')
    case 'empty':
      return emptyItem(row, sentences[row.because], 'istioSecurity.clearWorkloadsFilter')
    case 'problem':
      return problemItem(row)
    default:
      return never(row)
  }
}

function namespaceItem(node: NamespaceNode): Item {
  const enrolment = node.enrolment ? [node.enrolment] : []
  return {
    id: node.id,
    label: node.name,
    description: node.description,
    ...(node.findings > 0 ? { tone: 'warning' as const } : {}),
    icon: node.mode ? modeIcons[node.mode] : 'symbol-namespace',
    tooltip: [
      `Namespace ${node.name}`,
      node.mode ? `${modeMeanings[node.mode]} ${decidedBy(node.policy)}` : 'No workload here has a proxy.',
      ...enrolment,
      ...(node.findings > 0 ? [`${node.findings} ${node.findings === 1 ? 'finding' : 'findings'} at its workloads.`] : []),
    ],
    spoken: `namespace ${node.name}, ${[node.description, ...enrolment].join(', ')}`,
    kind: node.kind,
    children: 'closed',
  }
}

function groupItem(node: GroupNode): Item {
  return {
    id: node.id,
    label: node.name,
    description: node.description,
    icon: 'layers',
    tooltip: [`${node.name}: ${node.description}`],
    spoken: `group ${node.name}, ${node.description}`,
    kind: node.kind,
    children: 'closed',
  }
}

function workloadItem(node: WorkloadNode): Item {
  const notes = [...messages(node.findings), ...node.policyProblems]
  return {
    id: node.id,
    label: node.name,
    description: node.description,
    ...workloadIcon(node),
    tooltip: [
      `${node.owner} ${node.namespace}/${node.name}`,
      ...modeLines(node),
      ...(node.enforcer ? [node.enforcer] : []),
      `Service account ${node.serviceAccount}${node.identity ? `, presented as spiffe://${node.identity}` : ''}`,
      podsLine(node),
      ...notes,
    ],
    spoken: `workload ${node.name}, ${[node.description, ...notes].join(', ')}`,
    kind: node.proxy === 'gateway' ? 'gateway' : node.kind,
    children: node.pods.all > 0 ? 'closed' : 'none',
  }
}

function podsLine({ pods: { all, ready } }: WorkloadNode): string {
  if (all === 0) return 'No pods.'
  return `${ready} of ${all} ${all === 1 ? 'pod' : 'pods'} ready`
}

function workloadIcon(node: WorkloadNode): Pick<Item, 'icon' | 'tone'> {
  if (node.findings.length + node.policyProblems.length > 0) return { icon: 'warning', tone: 'warning' }
  if (node.proxy === 'none') return { icon: 'circle-large-outline' }
  return { icon: node.proxy === 'unknown' ? 'question' : modeIcons[node.mode] }
}

function modeLines(node: WorkloadNode): readonly string[] {
  if (node.proxy === 'none') return ['No proxy: it takes no part in mTLS, and policies are not enforced here.']
  if (node.proxy === 'unknown') return ['Whether it has a proxy is not known, so nothing is said about what it accepts.']
  return [
    `${modeMeanings[node.mode]} ${decidedBy(node.policy)}`,
    ...node.ports.map(({ port, mode, policy }) => `Port ${port}: ${mode} ${decidedBy(policy)}`),
  ]
}

function decidedBy(policy: string | undefined): string {
  return policy ? `(from ${policy})` : '(the built-in default)'
}

function podItem(node: PodNode, certificate: CertificateNode | undefined): Item {
  const description = certificate ? `${certificateWords(certificate)} · ${node.description}` : node.description
  const notes = [...messages(node.findings), ...(certificate?.note ? [certificate.note] : [])]
  return {
    id: node.id,
    label: node.name,
    description,
    ...podIcon(node, certificate),
    tooltip: [
      `Pod ${node.namespace}/${node.name}, ${node.phase}`,
      identityLine(node),
      `Service account ${node.serviceAccount}`,
      ...proxyLines(node),
      ...(certificate ? certificateLines(certificate) : []),
      ...notes,
    ],
    spoken: `pod ${node.name}, ${[description, ...notes].join(', ')}`,
    kind: node.kind,
    children: 'none',
  }
}

function identityLine(node: PodNode): string {
  if (node.identity) return `Presents spiffe://${node.identity}`
  return node.proxy === 'unknown' ? 'Whether it presents an identity is not known.' : 'Presents no identity.'
}

function proxyLines({ proxy, proxyVersion }: PodNode): readonly string[] {
  if (proxy === 'none' || proxy === 'unknown') return []
  const of = proxy === 'ztunnel' ? 'Carried by the ztunnel of its node' : `Proxy: ${proxy}`
  return [proxyVersion ? `${of}, Istio ${proxyVersion}` : of]
}

function certificateWords({ state, description }: CertificateNode): string {
  return state === 'valid' || state === 'renewal-due' || state === 'unreadable' ? `certificate ${description}` : description
}

function certificateLines({ notAfter }: CertificateNode): readonly string[] {
  return notAfter ? [`Certificate valid until ${instant(notAfter)}`] : []
}

function podIcon(node: PodNode, certificate: CertificateNode | undefined): Pick<Item, 'icon' | 'tone'> {
  if (certificate?.state === 'expired') return { icon: 'error', tone: 'error' }
  if (node.findings.length > 0 || certificate?.note !== undefined) return { icon: 'warning', tone: 'warning' }
  return { icon: node.phase === 'Running' ? 'circle-filled' : 'circle-outline' }
}

function messages(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ message }) => message)
}

const sentences = {
  filter: 'No workload matches the filter.',
  'no-workload': 'No workload is running in the namespaces that are read.',
} as const
