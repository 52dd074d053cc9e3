// From a pod to what its certificate says.

import type { DistributedRoots } from '../core/certificate/authorities.ts'
import type { CertificateReport } from '../core/certificate/report.ts'
import type { Pod } from '../core/istio/resources.ts'
import { formatPrincipal } from '../core/istio/values/principal.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import type { World } from '../core/mesh/mesh.ts'
import type { DumpReader } from '../core/proxy/readCertificates.ts'
import { certificateText } from '../core/report/certificate.ts'
import { certificateFacts } from '../core/report/certificateFacts.ts'
import type { Presented } from '../core/report/certificateTree/certificateNode.ts'
import { comparedWithDistributed } from '../core/report/distributedRoot.ts'
import type { Answer, CertificateInspection, PodRef, ProxyKind } from '../protocol.ts'
import type { ClusterConnection } from './connection.ts'
import { readDistributedRootsOf } from './distributedRoots.ts'
import { type ProxyDump, readProxy, type SharedDumps } from './proxies.ts'

/** What a reader of many pods asks and parses once: the dump of a ztunnel serves all workloads of its node. */
export interface SharedReading {
  readonly dumps: SharedDumps
  /** By the text of the dump. */
  readonly readers: Map<string, DumpReader>
  /** The world of the connection, indexed once until it changes. */
  readonly layers: WeakMap<World, ClusterLayer>
}

export interface PresentedByPod {
  readonly pod: Pod
  readonly proxy: ProxyKind
  readonly presented: Extract<Presented, { ok: true }>
}

/** What the proxy of a pod presents, judged at `now` (RFC 3339; absent: when the proxy answered). */
export async function presentedBy(
  connection: ClusterConnection,
  ref: PodRef,
  signal: AbortSignal,
  shared?: SharedReading,
  now?: string,
): Promise<Answer<PresentedByPod>> {
  const { layer: world } = layerOf(connection.world(), shared)
  const dump = await readProxy(connection, ref, signal, { world, ...(shared ? { shared: shared.dumps } : {}) })
  if (!dump.ok) return dump
  const { pod, proxy } = dump.value
  const readAt = now ?? new Date().toISOString()
  const reader = await readerOf(dump.value, shared)
  // Without the mesh's settings only the certificate tells the trust domain; whose account it is can be judged all the same.
  const trustDomain = trustDomainOf(layerOf(connection.world(), shared)) ?? trustDomainIn(reader.all(readAt)) ?? 'cluster.local'
  const expectedIdentity = identityOf(pod, trustDomain)
  return { ok: true, value: { pod, proxy, presented: { ok: true, readAt, expectedIdentity, report: reader.of(expectedIdentity, readAt) } } }
}

/** Everything the certificate page shows of one pod, judged at `now` (RFC 3339; absent: when the proxy answered). */
export async function inspectPod(
  connection: ClusterConnection,
  ref: PodRef,
  signal: AbortSignal,
  now?: string,
): Promise<Answer<CertificateInspection>> {
  const answer = await presentedBy(connection, ref, signal, undefined, now)
  if (!answer.ok) return answer
  const given = await readDistributedRootsOf(connection, ref.namespace, signal)
  return { ok: true, value: inspectionOf(ref, answer.value, given) }
}

/** `given`: the roots that the pod's namespace is given, where they are known. */
export function inspectionOf(ref: PodRef, { proxy, presented }: PresentedByPod, given?: DistributedRoots): CertificateInspection {
  const { readAt, expectedIdentity } = presented
  const compared = comparedWithDistributed(presented.report, given)
  const report = { ...presented.report, problems: [...presented.report.problems, ...compared.problems] }
  return {
    pod: { namespace: ref.namespace, name: ref.name },
    proxy,
    readAt,
    expectedIdentity,
    facts: [...certificateFacts(report, expectedIdentity, readAt), ...compared.facts],
    report,
    text: certificateText(report, readAt),
  }
}

/** Parsed once where the dump serves many pods. */
async function readerOf({ text, proxy }: ProxyDump, shared: SharedReading | undefined): Promise<DumpReader> {
  // The decoder is a chunk of its own, loaded with the first certificate.
  const { dumpReader } = await import('../core/proxy/readCertificates.ts')
  const known = shared?.readers.get(text)
  if (known) return known
  const reader = dumpReader(text)
  if (proxy === 'ztunnel') shared?.readers.set(text, reader)
  return reader
}

function layerOf(world: World, shared: SharedReading | undefined): ClusterLayer {
  const layer = shared?.layers.get(world) ?? new ClusterLayer(world)
  shared?.layers.set(world, layer)
  return layer
}

function trustDomainOf(cluster: ClusterLayer): string | undefined {
  const { settings } = buildMesh({ files: [], cluster, closedWorld: false })
  return settings.known ? settings.trustDomain : undefined
}

function trustDomainIn({ entries }: CertificateReport): string | undefined {
  const identity = entries.find(({ role }) => role === 'workload')?.chain[0]?.identity
  return identity === undefined ? undefined : /^spiffe:\/\/([^/]+)\//.exec(identity)?.[1]
}

function identityOf({ namespace, serviceAccount }: Pod, trustDomain: string): string {
  return `spiffe://${formatPrincipal({ trustDomain, namespace, serviceAccount })}`
}
