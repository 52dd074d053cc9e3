// The certificates of a mesh as a tree for people: what needs attention first, then by root, by expiry or by namespace.
import {
  type Authorities,
  type Authority,
  authoritiesOf,
  type DistributedRoots,
  type Member,
  membersBelow,
  withBelow,
} from '../../certificate/authorities.ts'
import {
  type AuthorityCircumstances,
  authorityProblems,
  givenTo,
  isIstiodsOwn,
  isSpires,
  short,
} from '../../certificate/authorityProblems.ts'
import { lifetimeState, timeLeft } from '../../certificate/lifetime.ts'
import { certificateName, keyInWords } from '../certificate.ts'
import { count, list } from '../words.ts'
import { certificateFacts, needsAttention, type PodReading } from './certificateNode.ts'
import type {
  AuthorityNode,
  CertificateGroup,
  CertificateGrouping,
  CertificateNode,
  CertificateNote,
  CertificateTreeNode,
} from './nodes.ts'

export interface WorkloadReading {
  readonly namespace: string
  readonly name: string
  readonly ownerKind: string
  /** Running pods that have a proxy. */
  readonly known: number
  /** At least one. */
  readonly pods: readonly PodReading[]
}

export interface CertificateWorld {
  readonly workloads: readonly WorkloadReading[]
  readonly distributed: readonly DistributedRoots[]
  /** Of the mesh, where it is known. */
  readonly trustDomain?: string | undefined
  /** Whether every workload was read: else numbers are those of so far. */
  readonly whole: boolean
  /** RFC 3339. */
  readonly now: string
}

export function certificateTree(world: CertificateWorld, grouping: CertificateGrouping): readonly CertificateTreeNode[] {
  const nodes = workloadNodes(world.workloads, world.now)
  const attention = nodes.filter(needsAttention).toSorted(byUrgency)
  const others = nodes.filter(node => !needsAttention(node))
  const authorities = authorityNodes(world)
  const worrying = authorities.all.filter(({ problems }) => problems.length > 0)
  const refused = attention.filter(({ unread }) => unread === 'forbidden')
  const first = [
    ...worrying.map(node => ({ ...node, id: `attention/${node.id}`, description: worryWords(node, world.now), rows: [] })),
    ...attention.filter(node => !refused.includes(node)),
    ...(refused.length > 0 ? [refusedGroup(refused)] : []),
  ]
  return [
    ...(first.length > 0
      ? [
          {
            ...group('attention', 'attention', 'Needs attention', first),
            label: `Needs attention (${first.length - (refused.length > 0 ? 1 : 0) + refused.length})`,
          },
        ]
      : []),
    ...groupings[grouping](others, authorities.tree, world),
  ]
}

/** What an account may not do is said once, not of each workload. */
function refusedGroup(nodes: readonly CertificateNode[]): CertificateGroup {
  return {
    ...group('refused', 'refused', 'Not allowed to ask', nodes.toSorted(byName)),
    description: 'needs get and create on pods/portforward',
    ...(nodes[0]?.note ? { note: nodes[0].note } : {}),
  }
}

/** A row for each workload, from the pod of it that is worst off. */
export function workloadNodes(workloads: readonly WorkloadReading[], now: string): readonly CertificateNode[] {
  return workloads.flatMap(workload => {
    const [worst] = podNodes(workload, now).toSorted(byUrgency)
    if (worst === undefined) return []
    const name = `${workload.namespace}/${workload.name}`
    const pods = { read: workload.pods.length, known: workload.known }
    const some = pods.read < pods.known ? ` · ${pods.read} of ${pods.known} pods read` : ''
    return [
      {
        ...worst,
        id: workloadId(workload),
        label: name,
        description: `${worst.description}${some}`,
        pods,
        ...(pods.known > 1 ? { several: workloadId(workload) } : {}),
      },
    ]
  })
}

export function podNodes(workload: WorkloadReading, now: string): readonly CertificateNode[] {
  return workload.pods.map(({ pod, presented }) => ({
    kind: 'certificate',
    id: `${workloadId(workload)}/${pod.name}`,
    pod,
    workload: `${workload.namespace}/${workload.name}`,
    label: pod.name,
    ...certificateFacts(presented, now),
  }))
}

export function workloadId({ namespace, ownerKind, name }: Pick<WorkloadReading, 'namespace' | 'ownerKind' | 'name'>): string {
  return `certificate/${namespace}/${ownerKind}.${name}`
}

const urgency: Readonly<Record<CertificateNode['state'], number>> = {
  expired: 0,
  'not-yet-valid': 0,
  warming: 1,
  unreadable: 3,
  'renewal-due': 2,
  valid: 2,
}

/** What is broken now first, then what has a problem, then by expiry; stable among equals. */
export function byUrgency(a: CertificateNode, b: CertificateNode): number {
  const [one, other] = [a, b].map(node => urgency[node.state] + (needsAttention(node) ? 0 : 10))
  return (one ?? 0) - (other ?? 0) || byExpiry(a, b)
}

export function byExpiry(a: CertificateNode, b: CertificateNode): number {
  return (a.notAfter ?? '').localeCompare(b.notAfter ?? '') || a.label.localeCompare(b.label)
}

interface AuthorityNodes {
  readonly tree: readonly AuthorityNode[]
  /** The same without their places, roots first. */
  readonly all: readonly AuthorityNode[]
}

/** The CAs of the certificates that were read and of those that are distributed, without the workloads below them. */
export function authorityNodes(world: CertificateWorld): AuthorityNodes {
  const members = world.workloads.flatMap(membersOf)
  const authorities = authoritiesOf(members, world.distributed)
  const circumstances = { now: world.now, members, distributed: world.distributed, trustDomain: world.trustDomain }
  const tree = authorities.roots.map(root => authorityNode(root, 'root', authorities, circumstances, world.whole))
  return { tree, all: tree.flatMap(flattened) }
}

/** One proxy stands for its workload: others of it have the same issuers, or their own row says so. */
export function membersOf({ namespace, name, pods }: WorkloadReading): readonly Member[] {
  const read = pods.flatMap(({ presented }) => (presented.ok ? [presented.report] : []))
  return read.slice(0, 1).map(report => ({ id: `${namespace}/${name}`, namespace, report }))
}

function authorityNode(
  authority: Authority,
  role: AuthorityNode['role'],
  all: Authorities,
  circumstances: AuthorityCircumstances,
  whole: boolean,
): AuthorityNode {
  const { certificate } = authority
  const name = certificateName(certificate)
  const namesakes = all.roots.flatMap(withBelow).filter(other => certificateName(other.certificate) === name)
  const workloads = membersBelow(authority).length
  const time = timeWords(certificate, circumstances.now)
  return {
    kind: 'authority',
    id: `authority/${certificate.sha256}`,
    role,
    sha256: certificate.sha256,
    notAfter: certificate.notAfter,
    label: namesakes.length > 1 ? `${name} (${short(certificate)})` : name,
    description: [
      ...(workloads > 0 ? [`${count(workloads, 'workload')}${whole ? '' : ' so far'}`] : []),
      role === 'root' ? `root ${time}` : time,
      ...(role === 'intermediate' && certificate.pathLength !== null ? [`path length ${certificate.pathLength}`] : []),
      ...(role === 'root' ? kindWords(authority, circumstances.trustDomain) : []),
    ].join(' · '),
    facts: [
      `${keyInWords(certificate)}, valid until ${certificate.notAfter}`,
      `SHA-256 ${certificate.sha256}`,
      ...(role === 'root' ? distributionWords(authority, circumstances) : []),
    ],
    problems: authorityProblems(authority, circumstances).filter(isNote),
    rows: authority.below.map(below => authorityNode(below, 'intermediate', all, circumstances, whole)),
  }
}

function isNote<T extends { readonly severity: string }>(finding: T): finding is T & CertificateNote {
  return finding.severity !== 'info'
}

function timeWords(certificate: Authority['certificate'], now: string): string {
  switch (lifetimeState(certificate, now)) {
    case 'valid':
      return `valid ${timeLeft(certificate.notAfter, now).replace(/ left$/, '')}`
    case 'expired':
      return timeLeft(certificate.notAfter, now)
    case 'not-yet-valid':
      return 'not yet valid'
  }
}

/** Only what the certificates themselves prove. */
function kindWords(authority: Authority, trustDomain: string | undefined): readonly string[] {
  if (isSpires(authority)) return ['SPIRE']
  if (isIstiodsOwn(authority, trustDomain)) return []
  return trustDomain !== undefined && membersBelow(authority).length > 0 ? ['custom CA'] : []
}

function distributionWords({ certificate }: Authority, { distributed }: AuthorityCircumstances): readonly string[] {
  if (distributed.length === 0) return []
  const given = givenTo(certificate, distributed)
  if (given.length === 0) return ['No namespace that was read is given it by the ConfigMap "istio-ca-root-cert".']
  if (given.length === distributed.length)
    return [`Given to all ${count(given.length, 'namespace')} by the ConfigMap "istio-ca-root-cert".`]
  return [`Given to ${given.length} of ${count(distributed.length, 'namespace')} by the ConfigMap "istio-ca-root-cert": ${list(given)}.`]
}

function worryWords({ problems, role, notAfter }: AuthorityNode, now: string): string {
  const time = `${role} ${Date.parse(notAfter) < Date.parse(now) ? '' : 'expires in '}${timeLeft(notAfter, now).replace(/ left$/, '')}`
  return problems.map(({ id }) => worries[id] ?? time).join(' · ')
}

const worries: Readonly<Record<string, string>> = {
  'root-not-yet-valid': 'this root is not yet valid',
  'root-not-trusted-everywhere': 'not trusted by every proxy',
  'root-not-distributed': 'not the root that its namespaces are given',
}

function flattened(node: AuthorityNode): readonly AuthorityNode[] {
  const below = node.rows.filter(row => row.kind === 'authority').flatMap(flattened)
  return [{ ...node, rows: [] }, ...below]
}

type Grouping = (
  nodes: readonly CertificateNode[],
  authorities: readonly AuthorityNode[],
  world: CertificateWorld,
) => readonly CertificateTreeNode[]

const hour = 3_600_000

// Each takes what expires within it and was not taken before.
const horizons = [
  { title: 'Expire within an hour', ms: hour },
  { title: 'Expire within a day', ms: 24 * hour },
  { title: 'Expire within a week', ms: 7 * 24 * hour },
  { title: 'Expire later', ms: Number.POSITIVE_INFINITY },
] as const

const groupings: Readonly<Record<CertificateGrouping, Grouping>> = {
  root: (nodes, authorities) => {
    const placed = new Set<string>()
    const filled = authorities.map(root => withWorkloads(root, nodes, placed))
    const left = nodes.filter(({ id }) => !placed.has(id))
    return [...filled, ...(left.length > 0 ? [group('no-root', 'no-root', 'Root unknown', left.toSorted(byName))] : [])]
  },
  expiry: (nodes, _, { now }) => {
    const of = ({ notAfter }: CertificateNode) => {
      const left = notAfter ? Date.parse(notAfter) - Date.parse(now) : Number.POSITIVE_INFINITY
      return horizons.findIndex(({ ms }) => left <= ms)
    }
    return horizons.flatMap(({ title }, index) => {
      const rows = nodes.filter(node => of(node) === index)
      return rows.length > 0 ? [group(`expiry/${index}`, 'expiry', title, rows.toSorted(byExpiry))] : []
    })
  },
  namespace: nodes => {
    const byNamespace = new Map<string, CertificateNode[]>()
    for (const node of nodes.toSorted(byName)) byNamespace.set(namespaceOf(node), [...(byNamespace.get(namespaceOf(node)) ?? []), node])
    return [...byNamespace].map(([name, rows]) => group(`namespace/${name}`, 'namespace', name, rows))
  },
}

function withWorkloads(authority: AuthorityNode, nodes: readonly CertificateNode[], placed: Set<string>): AuthorityNode {
  const own = nodes.filter(({ issuers }) => issuers?.[0] === authority.sha256).toSorted(byName)
  for (const { id } of own) placed.add(id)
  const below = authority.rows.filter(row => row.kind === 'authority').map(row => withWorkloads(row, nodes, placed))
  return { ...authority, rows: [...below, ...own] }
}

function group(id: string, of: CertificateGroup['of'], title: string, rows: readonly CertificateTreeNode[]): CertificateGroup {
  return { kind: 'certificates', id, of, label: `${title} (${rows.length})`, rows }
}

function byName(a: CertificateNode, b: CertificateNode): number {
  return a.label.localeCompare(b.label)
}

function namespaceOf({ workload }: CertificateNode): string {
  return workload.slice(0, workload.indexOf('/'))
}
