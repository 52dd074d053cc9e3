// From a pod to what its certificate says, and from a mesh to all its certificates by expiry.
import { certificateState, timeLeft } from '../core/certificate/lifetime.ts'
import type { CertificateReport } from '../core/certificate/report.ts'
import type { Pod } from '../core/istio/resources.ts'
import { formatPrincipal } from '../core/istio/values/principal.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import type { Mesh, Workload } from '../core/mesh/mesh.ts'
import { proxyOf } from '../core/mesh/workloads.ts'
import { certificateText } from '../core/report/certificate.ts'
import { certificateFacts } from '../core/report/certificateFacts.ts'
import type { Answer, CertificateInspection, CertificateNode, CertificatesPage, PodRef } from '../protocol.ts'
import type { ClusterConnection } from './connection.ts'
import { defaultLimits, readProxy, type SharedDumps } from './proxies.ts'

/** Everything the certificate page shows of one pod, judged at `now` (RFC 3339; absent: when the proxy answered). */
export async function inspectPod(
  connection: ClusterConnection,
  ref: PodRef,
  signal: AbortSignal,
  now?: string,
  shared?: SharedDumps,
): Promise<Answer<CertificateInspection>> {
  const dump = await readProxy(connection, ref, signal, defaultLimits, shared)
  if (!dump.ok) return dump
  const readAt = now ?? new Date().toISOString()
  // The decoder is a chunk of its own, loaded with the first certificate.
  const { readCertificates, readProxyCertificates } = await import('../core/proxy/readCertificates.ts')
  // Without the mesh's settings only the certificate tells the trust domain; whose account it is can be judged all the same.
  const trustDomain = trustDomainOf(connection) ?? trustDomainIn(readCertificates(dump.value.text, readAt)) ?? 'cluster.local'
  const expectedIdentity = identityOf(dump.value.pod, trustDomain)
  const report = readProxyCertificates(dump.value.text, expectedIdentity, readAt)
  return {
    ok: true,
    value: {
      pod: { namespace: ref.namespace, name: ref.name },
      proxy: dump.value.proxy,
      readAt,
      expectedIdentity,
      facts: certificateFacts(report, expectedIdentity, readAt),
      report,
      text: certificateText(report, readAt),
    },
  }
}

function trustDomainOf(connection: ClusterConnection): string | undefined {
  const { settings } = buildMesh({ files: [], cluster: new ClusterLayer(connection.world()), closedWorld: false })
  return settings.known ? settings.trustDomain : undefined
}

function trustDomainIn({ entries }: CertificateReport): string | undefined {
  const identity = entries.find(({ role }) => role === 'workload')?.chain[0]?.identity
  return identity === undefined ? undefined : /^spiffe:\/\/([^/]+)\//.exec(identity)?.[1]
}

function identityOf({ namespace, serviceAccount }: Pod, trustDomain: string): string {
  return `spiffe://${formatPrincipal({ trustDomain, namespace, serviceAccount })}`
}

const atOnce = 4

/** One pod of each of the first `limit` workloads with a proxy, what needs attention first, then by expiry. */
export async function certificatesPage(
  connection: ClusterConnection,
  mesh: Mesh,
  limit: number,
  signal: AbortSignal,
): Promise<Answer<CertificatesPage>> {
  const workloads = mesh.workloads.flatMap(workload => {
    const pod = workload.pods.find(each => each.phase === 'Running' && !['none', 'unknown'].includes(proxyOf(each, mesh)))
    return pod ? [{ workload, pod }] : []
  })
  const wanted = workloads.slice(0, limit)
  const certificates: CertificateNode[] = []
  const shared: SharedDumps = new Map()
  const queue = wanted.values()
  const work = async () => {
    for (const { workload, pod } of queue) {
      if (signal.aborted) return
      certificates.push(await nodeOf(connection, workload, pod, signal, shared))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return { ok: true, value: { certificates: certificates.toSorted(byUrgency), remaining: workloads.length - wanted.length } }
}

async function nodeOf(
  connection: ClusterConnection,
  workload: Workload,
  pod: Pod,
  signal: AbortSignal,
  shared: SharedDumps,
): Promise<CertificateNode> {
  const common = {
    kind: 'certificate',
    id: `certificate/${pod.namespace}/${pod.name}`,
    pod: { namespace: pod.namespace, name: pod.name },
    workload: `${workload.namespace}/${workload.name}`,
  } as const
  const answer = await inspectPod(connection, common.pod, signal, undefined, shared)
  if (!answer.ok)
    return { ...common, state: 'unreadable', description: 'could not be read', note: `${answer.problem.message} ${answer.problem.remedy}` }
  const { report, readAt, expectedIdentity } = answer.value
  const { state, notAfter } = certificateState(report, readAt)
  const note = report.problems.find(each => each.severity !== 'info')?.message
  return {
    ...common,
    state,
    identity: expectedIdentity,
    description: notAfter ? timeLeft(notAfter, readAt) : state === 'warming' ? 'no certificate yet' : 'no certificate',
    ...(notAfter ? { notAfter } : {}),
    ...(note ? { note } : {}),
  }
}

const urgency: Readonly<Record<CertificateNode['state'], number>> = {
  expired: 0,
  'not-yet-valid': 0,
  warming: 1,
  unreadable: 2,
  'renewal-due': 3,
  valid: 4,
}

function byUrgency(a: CertificateNode, b: CertificateNode): number {
  return urgency[a.state] - urgency[b.state] || (a.notAfter ?? '').localeCompare(b.notAfter ?? '') || a.workload.localeCompare(b.workload)
}
