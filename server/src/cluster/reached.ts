// What is reached once the kubeconfig is read: shared by everything that asks one cluster.
import type { Access } from './access.ts'
import type { Target } from './kubeconfig.ts'
import type { Pace } from './pace.ts'
import type { ServerTransport, Transport } from './transport.ts'

export interface Reached {
  readonly target: Target
  readonly access: Access
  readonly transport: Transport
  /** Whether the server answers at all. */
  readonly reaches: ServerTransport['reaches']
  /** The same transport for the lists, which share their attempts. */
  readonly pace: Pace
  /** Aborted when the connection is left. */
  readonly closing: AbortSignal
}
