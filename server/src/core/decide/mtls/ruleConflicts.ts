// Where the TLS that a DestinationRule asks for certainly does not fit what the server takes.
import type { ClientTls, DestinationRule } from '../../istio/resources.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { ownerOf } from './alike.ts'
import { type Followers, followersOf } from './followers.ts'
import type { Instance } from './instances.ts'
import type { Conflict } from './meeting.ts'
import { type Connection, connections, statusOf } from './paths.ts'
import { settingsAt } from './trafficPolicy.ts'

export interface RuleConflict {
  /** One of the connections that fail. */
  readonly connection: Connection
  readonly because: Conflict
  /** The block of the rule that asks for it. */
  readonly tls: ClientTls
  /** Each speaks for all that are like it. */
  readonly clients: readonly Instance[]
}

/** For each block the first conflict that is certain, for a client that is not the server itself where there is one. */
export function conflictsOf(rule: DestinationRule, mesh: Mesh): readonly RuleConflict[] {
  const blocks = blocksOf(rule)
  if (blocks.length === 0) return []
  const found = new Map<ClientTls, RuleConflict>()
  const clear: Followers[] = []
  for (const followers of followersOf(rule, mesh)) {
    // One answer for all namespaces: where nothing is missing and nothing fails, it fails for nobody who follows the same.
    if (followers.fate.is === 'hidden' || clear.some(each => sendsTheSame(each, followers))) continue
    const opened = [...connections(mesh, { from: [followers.first], to: { host: followers.host.host } })]
    const failing = opened.flatMap(connection => failureOf(connection, blocks, followers.clients))
    for (const conflict of failing) {
      const known = found.get(conflict.tls)
      if (!known || (known.clients.length === 0 && conflict.clients.length > 0)) found.set(conflict.tls, conflict)
    }
    if (failing.length === 0 && opened.every(({ missing }) => missing.length === 0)) clear.push(followers)
  }
  return [...found.values()]
}

function failureOf(connection: Connection, blocks: readonly ClientTls[], clients: readonly Instance[]): readonly RuleConflict[] {
  const { outcome, sent } = connection
  const tls = blockOf(connection)
  if (!tls || !blocks.includes(tls) || sent.by !== 'proxy') return []
  if (outcome.status !== 'conflict' || statusOf(connection) !== 'conflict') return []
  return [{ connection, because: outcome.because, tls, clients: clients.filter(client => !isServer(client, connection)) }]
}

function sendsTheSame(one: Followers, other: Followers): boolean {
  return one.chosen === other.chosen && one.host === other.host && one.first.proxy === other.first.proxy
}

/** All blocks that a rule has, for the host, its ports and its subsets. */
export function blocksOf({ trafficPolicy, subsets }: DestinationRule): readonly ClientTls[] {
  const policies = [trafficPolicy, ...subsets.map(subset => subset.trafficPolicy)]
  return policies.flatMap(policy => [policy, ...(policy?.ports ?? [])].flatMap(each => each?.tls ?? []))
}

/** The block that decides what is sent; undefined where none does. */
export function blockOf({ cluster: { rule, subset, port } }: Pick<Connection, 'cluster'>): ClientTls | undefined {
  const own = rule?.subsets.find(({ name }) => name.value === subset)
  return settingsAt(rule?.trafficPolicy, own?.trafficPolicy, port.port).tls
}

function isServer(client: Instance, { to }: Connection): boolean {
  const server = to?.endpoint.instance
  return server !== undefined && ownerOf(server) === ownerOf(client)
}
