// Where clients that no DestinationRule tells anything certainly send plaintext to a server that a policy makes STRICT.
import type { PeerAuthentication } from '../../istio/resources.ts'
import { groupBy } from '../../mesh/groupBy.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { perMesh } from '../perMesh.ts'
import type { AutoMtls } from './clientTls.ts'
import { type Instance, instances } from './instances.ts'
import { type Connection, connections, readsRules, statusOf } from './paths.ts'
import { isSamePolicy, modeAt, selectedBy } from './server.ts'

/** One connection that the mode of this policy refuses, and that auto mTLS made plaintext for this reason. */
export function refusedPlaintext(
  policy: PeerAuthentication,
  mesh: Mesh,
  because: Extract<AutoMtls, { offers: false }>['because'],
): Connection | undefined {
  const covered = new Set(selectedBy(policy, mesh))
  const workloads = instances(mesh).filter(({ workload, proxy }) => proxy === 'sidecar' && workload && covered.has(workload))
  for (const connection of connections(mesh, { from: oneOfEach(mesh), to: { workloads } })) {
    const { cluster, to, outcome } = connection
    if (outcome.status !== 'conflict' || outcome.because !== 'plaintext-to-strict') continue
    if (!to || !cluster.decided || cluster.decided.offers || cluster.decided.because !== because) continue
    const decided = modeAt(mesh, to.endpoint.backend, to.endpoint.port).policy
    if (decided && isSamePolicy(decided, policy) && statusOf(connection) === 'conflict') return connection
  }
  return undefined
}

/** A client of each namespace is enough to find one. */
const oneOfEach = perMesh((mesh): readonly Instance[] => {
  const clients = instances(mesh).filter(readsRules)
  return [...groupBy(clients, ({ namespace, proxy }) => `${namespace} ${proxy}`).values()].flatMap(([first]) => first ?? [])
})
