// Everything about a gateway that its proxy tells, in one report; with a mesh, held against what is meant.
import type { Certificate, CertificateReport } from '../../certificate/report.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { EnvoyConfig } from '../../proxy/envoy/config.ts'
import type { Endpoint } from '../../proxy/envoy/endpoints.ts'
import { backendsOf } from './backends.ts'
import type { GatewayBackend, GatewayListener, GatewayReport, GatewaySecret, GatewayServer } from './gatewayReport.ts'
import { certificateLines } from './log.ts'
import { meantFor } from './meant.ts'
import { pendingOf } from './pending.ts'
import { gatewayProblems, serverName } from './problems.ts'
import { atOf, serversOf } from './servers.ts'

export interface GatewaySaid {
  readonly config: EnvoyConfig
  readonly certificates: CertificateReport
  /** Of `/clusters?format=json`. */
  readonly statuses?: ReadonlyMap<string, readonly Endpoint[]>
  /** The end of its log, as it is. */
  readonly log?: string
}

export interface Around {
  /** Absent: as the dump says. */
  readonly pod?: { readonly namespace: string; readonly name: string }
  /** What is meant; absent: nothing is known of it. */
  readonly mesh?: Mesh
  readonly notes?: readonly string[]
}

export function gatewayReport({ config, certificates, statuses, log }: GatewaySaid, { pod, mesh, notes = [] }: Around = {}): GatewayReport {
  const { node, routes } = config
  const { entries } = certificates
  const all = serversOf(config.listeners)
  const servers = node?.role === 'sidecar' || node?.role === 'waypoint' ? [] : all
  const backends = backendsOf(config, usedClusters(config, all), statuses)
  const listeners = config.listeners.map(
    ({ name, address, port, state, lastUpdated, refused, warming }): GatewayListener => ({
      name,
      at: atOf({ address, ...(port === undefined ? {} : { port }) }),
      state,
      lastUpdated: lastUpdated ?? null,
      refused: refused?.details ?? null,
      warming,
    }),
  )
  const clusters = config.has.has('clusters') ? { clusters: new Set(config.clusters.map(({ name }) => name)) } : {}
  const namespace = pod?.namespace ?? node?.namespace ?? null
  const name = pod?.name ?? node?.name ?? null
  const meant = mesh && namespace !== null && name !== null ? meantFor(mesh, { namespace, name, config, servers, backends }) : null
  const lines = log === undefined ? null : certificateLines(log)
  return {
    version: 1,
    gateway: { namespace, name, role: node?.role ?? null, istioVersion: node?.istioVersion ?? null, addresses: node?.addresses ?? [] },
    problems: gatewayProblems({
      certificates,
      servers,
      backends,
      listeners,
      routes,
      meant,
      log: lines ?? [],
      isSidecar: node?.role === 'sidecar',
      ...clusters,
    }),
    pending: pendingOf({ entries, listeners, backends, meant }),
    secrets: secretsOf(certificates, servers, backends),
    servers,
    backends,
    routes,
    listeners,
    meant,
    log: lines,
    notes: [...notes, ...roleNotes(config)],
  }
}

const roles = { sidecar: 'a sidecar', waypoint: 'a waypoint' } as const

/** Whoever asks about a gateway should know that this is none. */
function roleNotes({ node }: EnvoyConfig): readonly string[] {
  const role = node?.role
  if (role !== 'sidecar' && role !== 'waypoint') return []
  return [`This proxy is ${roles[role]}, no gateway: its ports are the mesh's own, so it has no servers of a Gateway.`]
}

function usedClusters({ routes }: EnvoyConfig, servers: readonly GatewayServer[]): ReadonlySet<string> {
  const routed = routes.flatMap(({ hosts }) => hosts.flatMap(host => host.routes.flatMap(route => route.clusters.map(({ name }) => name))))
  return new Set([...routed, ...servers.flatMap(({ leadsTo }) => leadsTo ?? [])])
}

function secretsOf(
  { entries }: CertificateReport,
  servers: readonly GatewayServer[],
  backends: readonly GatewayBackend[],
): readonly GatewaySecret[] {
  return entries.map(({ name, role, state, lastUpdated, file, chain }) => ({
    name,
    role,
    state,
    lastUpdated: lastUpdated ?? null,
    chain: chain.map(withoutPem),
    file: file ?? null,
    usedBy: [
      ...servers.filter(({ credentials, roots }) => credentials.includes(name) || roots === name).map(serverName),
      ...backends
        .filter(({ certificates, roots, used }) => used && (certificates.includes(name) || roots === name))
        .map(({ cluster }) => cluster),
    ],
  }))
}

function withoutPem({ pem: _pem, ...facts }: Certificate): Omit<Certificate, 'pem'> {
  return facts
}
