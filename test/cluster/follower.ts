// A process of its own that does nothing but follow a cluster, as the language server does: what it holds, and what it keeps open, can be measured.
// Ends by itself when its connection is disposed of, if that leaves nothing open.
import { connect } from '../../server/src/cluster/index.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import type { Resource } from '../../server/src/core/istio/resources.ts'

/** What it is asked for. */
export type Question = 'objects' | 'weight' | 'seen' | 'dispose'

export interface Weight {
  /** Bytes in use after a garbage collection. */
  readonly heap: number
  /** What keeps the process alive: sockets, timers, ... */
  readonly resources: readonly string[]
}

/** When an object was first there as its change was told: milliseconds since the epoch, by `namespace/name`. */
export type Seen = Readonly<Record<string, number>>

export interface Told {
  readonly question: Question | 'ready'
  readonly objects?: readonly Resource[]
  readonly weight?: Weight
  readonly seen?: Seen
}

const [kubeconfig = ''] = process.argv.slice(2)
const seen = new Map<string, number>()

const answer = await connect({
  kubeconfig,
  namespaces: [],
  read: readObject,
  log: () => {},
  onState: () => {},
  onChange: kinds => {
    if (kinds.includes('ServiceAccount')) look()
  },
})
if (!answer.ok) throw new Error(answer.problem.message)
const connection = answer.value
await connection.ready()

function look(): void {
  const now = Date.now()
  for (const { kind, namespace, name } of connection.world().objects) {
    const key = `${namespace}/${name}`
    if (kind === 'ServiceAccount' && !seen.has(key)) seen.set(key, now)
  }
}

function weigh(): Weight {
  globalThis.gc?.()
  return { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo() }
}

process.on('message', (question: Question) => {
  switch (question) {
    case 'objects':
      return tell({ question, objects: connection.world().objects })
    case 'weight':
      return tell({ question, weight: weigh() })
    case 'seen': {
      const told = Object.fromEntries(seen)
      seen.clear()
      return tell({ question, seen: told })
    }
    case 'dispose':
      connection.dispose()
      return process.disconnect()
  }
})

function tell(told: Told): void {
  process.send?.(told)
}

tell({ question: 'ready' })
