// A cluster's mesh written down: read once, with the permissions and gaps of every other reading.
import { readObject } from '../core/istio/read.ts'
import type { Kind, Resource } from '../core/istio/resources.ts'
import type { Held } from '../core/istio/snapshot.ts'
import type { TakenSnapshot } from '../core/mesh/snapshot/write.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, ClusterState, Problem } from '../protocol.ts'
import type { ConnectionOptions } from './connection.ts'
import { connect } from './index.ts'
import { watched } from './watched.ts'

export interface SnapshotOptions extends Pick<ConnectionOptions, 'kubeconfig' | 'context' | 'namespaces'> {
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

export interface ClusterSnapshot extends Omit<TakenSnapshot, 'taken' | 'version'> {
  /** Why each part of it is missing, in words. */
  readonly gaps: readonly Problem[]
}

export async function readSnapshot({ signal, ...options }: SnapshotOptions): Promise<Answer<ClusterSnapshot>> {
  // The objects as they were read, of which only the trimmed form is kept otherwise.
  const originals = new WeakMap<Resource, unknown>()
  const connected = await connect({
    ...options,
    read(json, source) {
      const resource = readObject(json, source)
      if (resource) originals.set(resource, json)
      return resource
    },
    onState: () => {},
    onChange: () => {},
  })
  if (!connected.ok) return connected
  const connection = connected.value
  const stop = () => connection.dispose()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await connection.ready()
    const { state } = connection
    if (signal.aborted) return { ok: false, problem: explainProblem({ kind: 'cancelled' }) }
    if (state.kind !== 'connected' && state.kind !== 'stale') return { ok: false, problem: whyNot(state) }
    const world = connection.world()
    const objects = world.objects.map(object => originals.get(object))
    const kinds = [...new Set(watched.map(({ kind }) => kind))]
    const namespaces = [...new Set([...options.namespaces, ...world.objects.map(({ namespace }) => namespace)])].filter(each => each !== '')
    const parts = kinds.map(kind => partsOf(kind, namespaces, world.complete))
    return {
      ok: true,
      value: {
        objects,
        complete: parts.flatMap(({ complete }) => complete),
        missing: parts.flatMap(({ missing }) => missing),
        gaps: state.gaps.map(({ problem }) => problem),
        ...(world.istioVersion === undefined ? {} : { istioVersion: world.istioVersion }),
      },
    }
  } finally {
    signal.removeEventListener('abort', stop)
    connection.dispose()
  }
}

/** Of one kind what is held, everywhere or in some namespaces, and what is not. */
function partsOf(kind: Kind, namespaces: readonly string[], complete: (kind: Kind, namespace: string | undefined) => boolean) {
  const everywhere: Held = { kind }
  if (complete(kind, undefined)) return { complete: [everywhere], missing: [] }
  return {
    complete: namespaces.filter(each => complete(kind, each)).map((namespace): Held => ({ kind, namespace })),
    missing: [everywhere],
  }
}

function whyNot(state: ClusterState): Problem {
  return 'problem' in state ? state.problem : explainProblem({ kind: 'not-connected' })
}
