// The certificates of a mesh for a terminal and for scripts: workloads by urgency, then the roots that they chain to.
import { type Authority, authoritiesOf, membersBelow, pathOf, withBelow } from '../../certificate/authorities.ts'
import { authorityProblems, givenTo, short } from '../../certificate/authorityProblems.ts'
import { harmless } from '../../certificate/harmless.ts'
import { timeLeft } from '../../certificate/lifetime.ts'
import type { Certificate } from '../../certificate/report.ts'
import { groupBy } from '../../mesh/groupBy.ts'
import { certificateName } from '../certificate.ts'
import { columns } from '../table.ts'
import { count, list, wrap } from '../words.ts'
import type { CertificateNode } from './nodes.ts'
import { byUrgency, type CertificateWorld, membersOf, type WorkloadReading, workloadNodes } from './tree.ts'

/** `certificate --all --format json`, an addition to the contract's version 1. */
export function certificatesReport(world: CertificateWorld): object {
  const { roots, circumstances } = authoritiesIn(world)
  return {
    version: 1,
    certificates: sorted(world).map(({ node, workload }) => {
      const presented = workload.pods.find(({ pod }) => pod.name === node.pod.name)?.presented
      const leaf = presented?.ok ? pathOf(presented.report)?.certificates[0] : undefined
      return {
        workload: node.workload,
        kind: workload.ownerKind,
        pod: `${node.pod.namespace}/${node.pod.name}`,
        pods: { read: workload.pods.length, known: workload.known },
        state: node.state,
        identity: presented?.ok ? (leaf?.identity ?? null) : null,
        notBefore: leaf?.notBefore ?? null,
        notAfter: node.notAfter ?? null,
        readAt: node.readAt ?? null,
        root: node.issuers?.at(-1) ?? null,
        issuers: node.issuers ?? [],
        problems: presented?.ok
          ? presented.report.problems
          : presented
            ? [
                {
                  entry: '',
                  severity: 'warning',
                  id: `unreadable-${presented.problem.kind}`,
                  message: `${presented.problem.message} ${presented.problem.remedy}`,
                },
              ]
            : [],
      }
    }),
    roots: roots.map(root => ({
      ...authorityFacts(root, world),
      distributedTo: givenTo(root.certificate, world.distributed),
      intermediates: root.below.flatMap(withBelow).map(each => authorityFacts(each, world)),
      problems: withBelow(root).flatMap(each =>
        authorityProblems(each, circumstances).map(problem => ({ authority: each.certificate.sha256, ...problem })),
      ),
    })),
  }
}

/** `warning  `, with which scripts tell the severity. */
const besideSeverity = 9

/** Columns for a terminal of `width`, then each problem as a sentence. Ends with a line break. */
export function certificatesText(world: CertificateWorld, width?: number): string {
  const rows = sorted(world)
  if (rows.length === 0) return 'No workload with a proxy was found.\n'
  const { roots, circumstances } = authoritiesIn(world)
  const namesakes = (certificate: Certificate) =>
    roots.filter(root => certificateName(root.certificate) === certificateName(certificate)).length > 1
  const nameOf = (certificate: Certificate) =>
    namesakes(certificate) ? `${certificateName(certificate)} (${short(certificate)})` : certificateName(certificate)
  const rootOf = ({ issuers }: CertificateNode) => roots.find(({ certificate }) => certificate.sha256 === issuers?.at(-1))?.certificate
  const table = rows.map(({ node }) => {
    const root = rootOf(node)
    return [harmless(node.workload), harmless(node.description), root ? nameOf(root) : '']
  })
  const rootLines = roots.map(root => {
    const given = givenTo(root.certificate, world.distributed)
    const below = root.below.flatMap(withBelow).map(({ certificate }) => certificateName(certificate))
    return [
      nameOf(root.certificate),
      timeLeft(root.certificate.notAfter, world.now),
      count(membersBelow(root).length, 'workload'),
      [
        ...(below.length > 0 ? [`through ${list(below)}`] : []),
        ...(given.length > 0 ? [`given to ${count(given.length, 'namespace')}`] : []),
      ].join(', '),
    ]
  })
  const problems = [
    ...roots
      .flatMap(withBelow)
      .flatMap(each => authorityProblems(each, circumstances).map(({ severity, id, message }) => ({ severity, id, message }))),
    ...notesOf(rows),
  ]
  const sections = [
    columns([['WORKLOAD', 'CERTIFICATE', 'ROOT'], ...table], width),
    columns([['ROOT', 'VALID', 'WORKLOADS', ''], ...rootLines], width),
    problems.flatMap(({ severity, id, message }) => {
      const lines = wrap(`${harmless(message)}${id ? ` [${id}]` : ''}`, (width ?? Number.POSITIVE_INFINITY) - besideSeverity)
      return lines.map((line, index) => `${(index === 0 ? severity : '').padEnd(besideSeverity)}${line}`)
    }),
  ]
  return `${sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

interface SortedRow {
  readonly node: CertificateNode
  readonly workload: WorkloadReading
}

function sorted(world: CertificateWorld): readonly SortedRow[] {
  const rows = world.workloads.flatMap(workload => workloadNodes([workload], world.now).map(node => ({ node, workload })))
  return rows.toSorted((a, b) => byUrgency(a.node, b.node))
}

/** Each once, with all workloads that it is about. */
function notesOf(rows: readonly SortedRow[]): readonly { readonly severity: string; readonly id: string; readonly message: string }[] {
  const notes = rows.flatMap(({ node }) =>
    (node.note?.split('\n') ?? []).map(note => ({ severity: severityOf(node), note, workload: node.workload })),
  )
  const alike = groupBy(notes, ({ severity, note }) => `${severity} ${note}`)
  return [...alike.values()].flatMap(group => {
    const [first] = group
    const workloads = [...new Set(group.map(({ workload }) => workload))]
    return first ? [{ severity: first.severity, id: '', message: `${list(workloads)}: ${first.note}` }] : []
  })
}

function severityOf({ state }: CertificateNode): 'error' | 'warning' {
  return state === 'expired' || state === 'not-yet-valid' || state === 'warming' ? 'error' : 'warning'
}

function authoritiesIn(world: CertificateWorld) {
  const { distributed, now, trustDomain } = world
  const members = world.workloads.flatMap(membersOf)
  const { roots } = authoritiesOf(members, distributed)
  return { roots, circumstances: { now, members, distributed, trustDomain } }
}

function authorityFacts(authority: Authority, { now }: CertificateWorld): object {
  const { sha256, subject, issuer, serial, notBefore, notAfter, pathLength, key, selfSigned } = authority.certificate
  const valid = Date.parse(notBefore) <= Date.parse(now) && Date.parse(now) <= Date.parse(notAfter)
  return {
    sha256,
    subject,
    issuer,
    serial,
    notBefore,
    notAfter,
    valid,
    pathLength,
    key,
    selfSigned,
    workloads: membersBelow(authority).length,
  }
}
