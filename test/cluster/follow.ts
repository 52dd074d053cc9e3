// The product's own connection, as the language server makes it, and what it says.
import type { ClusterConnection } from '../../server/src/cluster/connection.ts'
import { connect } from '../../server/src/cluster/index.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import type { Kind } from '../../server/src/core/istio/resources.ts'
import type { ClusterState } from '../../server/src/protocol.ts'
import { eventually } from '../support/eventually.ts'

export interface Followed {
  readonly connection: ClusterConnection
  /** Every state it told, oldest first. */
  readonly states: readonly ClusterState[]
  readonly log: readonly string[]
  /** Waits until it is in this state. */
  reached<K extends ClusterState['kind']>(kind: K, seconds?: number): Promise<Extract<ClusterState, { kind: K }>>
  /** `namespace/name` of the objects of a kind that it holds, sorted. */
  names(kind: Kind): readonly string[]
  [Symbol.dispose](): void
}

export async function follow(kubeconfig: string, namespaces: readonly string[] = []): Promise<Followed> {
  const states: ClusterState[] = []
  const log: string[] = []
  const answer = await connect({
    kubeconfig,
    namespaces,
    read: readObject,
    log: line => log.push(line),
    onState: state => states.push(state),
    onChange: () => {},
  })
  if (!answer.ok) throw new Error(answer.problem.message)
  const connection = answer.value
  return {
    connection,
    states,
    log,
    async reached(kind, seconds) {
      const state = await eventually(
        `the connection is ${kind}`,
        () => connection.state,
        now => now.kind === kind,
        seconds,
      )
      return state as Extract<ClusterState, { kind: typeof kind }>
    },
    names: kind =>
      connection
        .world()
        .objects.flatMap(each => (each.kind === kind ? [`${each.namespace}/${each.name}`] : []))
        .sort(),
    [Symbol.dispose]: () => connection.dispose(),
  }
}

/** A connection that has its first lists. */
export async function followed(kubeconfig: string, namespaces: readonly string[] = []): Promise<Followed> {
  const following = await follow(kubeconfig, namespaces)
  await following.connection.ready()
  return following
}
