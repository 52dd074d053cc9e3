// `istio-security mesh`: the settings, control planes and namespaces of a mesh, and what of it may not be read.
import type { Snapshot } from '../core/istio/resources.ts'
import { ClusterLayer } from '../core/mesh/build.ts'
import { gapSentences } from '../core/report/gaps.ts'
import { meshFacts } from '../core/report/meshFacts.ts'
import { meshFactsLines } from '../core/report/meshFactsText.ts'
import { workloadLines, workloadRows } from '../core/report/meshTree/text.ts'
import { columns } from '../core/report/table.ts'
import { list, wrap } from '../core/report/words.ts'
import type { ConnectedCluster } from '../protocol.ts'
import { namespacesOf, requireNamespaces } from './namespaces.ts'
import {
  buildWorld,
  type InputFile,
  namesCluster,
  readInputs,
  readSurroundings,
  type Surroundings,
  shown,
  type WorldOptions,
} from './world.ts'

export interface MeshOptions extends WorldOptions {
  readonly format: 'text' | 'json'
  /** Columns of the terminal; lines are not broken where there is none. */
  readonly width?: number
}

/** How a resource of the cluster is read. `partly`: in some namespaces. */
interface Read {
  readonly resource: string
  /** What it is read for. */
  readonly pays: string
  readonly read: 'yes' | 'partly' | 'no'
  /** Why not all of it, and what that costs. */
  readonly gaps: readonly string[]
}

/** The text to print. */
export async function mesh(paths: readonly string[], options: MeshOptions): Promise<string> {
  const { namespace } = options
  const isGiven = paths.length > 0 || options.mesh.length > 0 || namesCluster(options)
  const named = isGiven ? paths : ['.']
  const inputs = await readInputs(named, namespace[0])
  const { kubeconfig: _, context: __, ...filesOnly } = options
  const files = await readSurroundings(inputs, filesOnly)
  const cluster = namesCluster(options) ? await readCluster(options) : undefined
  const world = buildWorld(inputs, { ...files, ...cluster?.surroundings }, options)
  const snapshots = cluster ? [] : snapshotsIn(inputs, files)
  // Files may well give objects of a namespace that they do not hold.
  if (cluster || snapshots.length > 0 || options.closedWorld) requireNamespaces(namespace, namespacesOf(world))
  const facts = meshFacts(world)
  const workloads = workloadRows(world, namespace)
  const reads = cluster?.reads ?? (snapshots.length > 0 ? await snapshotReads(snapshots) : [])
  const gaps = cluster ? gapSentences(cluster.state.gaps) : []
  if (options.format === 'json') {
    const { state } = cluster ?? {}
    const from = state ? { context: state.context, server: state.server } : null
    return `${JSON.stringify({ version: 1, cluster: from, ...facts, ...(namespace.length > 0 ? { workloads } : {}), reads }, undefined, 2)}\n`
  }
  const below = namespace.length > 0 ? ['', ...workloadLines(workloads, options.width)] : []
  const source = sourceText(cluster?.state.context, [...named, ...options.mesh].map(shown))
  const lines = [
    source,
    '',
    ...meshFactsLines(facts, options.width),
    ...below,
    ...readLines({ reads, gaps, isNarrowed: cluster !== undefined && namespace.length > 0 }, options),
  ]
  return `${lines.join('\n')}\n`
}

interface ReadCluster {
  readonly surroundings: Pick<Surroundings, 'cluster'>
  readonly state: ConnectedCluster
  readonly reads: readonly Read[]
}

async function readCluster(options: MeshOptions): Promise<ReadCluster | undefined> {
  const [{ connectOnce }, { resourceOf, watched }, { permissionCosts }] = await Promise.all([
    import('./clusterOnce.ts'),
    import('../cluster/watched.ts'),
    import('../core/report/permissionCosts.ts'),
  ])
  const connection = await connectOnce(options, { tellsGaps: false })
  try {
    const { state } = connection
    if (state.kind !== 'connected' && state.kind !== 'stale') return undefined
    const world = connection.world()
    const kinds = new Set(world.objects.map(({ kind }) => kind))
    const reads = watched.map((each): Read => {
      const resource = resourceOf(each)
      const gaps = state.gaps.filter(gap => gap.resource === resource)
      const isWhole = options.namespace.length === 0 || !each.namespaced || each.byName
      return {
        resource,
        pays: permissionCosts[resource]?.pays ?? '',
        read: gaps.length === 0 ? (isWhole ? 'yes' : 'partly') : kinds.has(each.kind) ? 'partly' : 'no',
        gaps: gaps.map(({ problem }) => problem.message),
      }
    })
    return { surroundings: { cluster: new ClusterLayer(world) }, state, reads }
  } finally {
    connection.dispose()
  }
}

/** What a snapshot says that it lacks; why, it does not know. */
async function snapshotReads(snapshots: readonly Snapshot[]): Promise<readonly Read[]> {
  const [{ resourceOf, watched }, { permissionCosts }] = await Promise.all([
    import('../cluster/watched.ts'),
    import('../core/report/permissionCosts.ts'),
  ])
  const held = snapshots.flatMap(({ complete }) => complete)
  return watched.map((each): Read => {
    const resource = resourceOf(each)
    const parts = held.filter(({ kind }) => kind === each.kind)
    const read = parts.some(part => part.namespace === undefined) ? 'yes' : parts.length > 0 ? 'partly' : 'no'
    return { resource, pays: permissionCosts[resource]?.pays ?? '', read, gaps: [] }
  })
}

function snapshotsIn(inputs: readonly InputFile[], { files }: Surroundings): readonly Snapshot[] {
  const resources = [...inputs.map(each => each.resources), ...files.values()].flat()
  return resources.filter(each => each.kind === 'Snapshot')
}

/** `Cluster "prod", under the files of policies` */
function sourceText(context: string | undefined, files: readonly string[]): string {
  if (context === undefined) return `Files of ${list(files)}`
  return files.length === 0 ? `Cluster "${context}"` : `Cluster "${context}", under the files of ${list(files)}`
}

/** `isNarrowed`: only some namespaces were asked for, which is no gap and is said once. */
function readLines(
  { reads, gaps, isNarrowed }: { readonly reads: readonly Read[]; readonly gaps: readonly string[]; readonly isNarrowed: boolean },
  { namespace, width }: MeshOptions,
): readonly string[] {
  if (reads.length === 0) return []
  const words = { yes: 'all of it', partly: 'in part', no: 'no' } as const
  const asAsked = (each: Read) => isNarrowed && each.read === 'partly' && each.gaps.length === 0
  const missing = reads.filter(each => each.read !== 'yes' && !asAsked(each))
  const narrowed = reads.some(asAsked) ? ['', `As asked for, only ${list(namespace)} was looked at.`] : []
  const table = [['NOT READ COMPLETELY', 'READ', 'FOR'], ...missing.map(({ resource, read, pays }) => [resource, words[read], pays])]
  if (missing.length === 0 && narrowed.length === 0) return ['', `All ${reads.length} kinds of objects that are asked for may be read.`]
  return [
    ...narrowed,
    ...(missing.length > 0 ? ['', ...columns(table, width)] : []),
    ...(gaps.length > 0 ? ['', ...gaps.flatMap(gap => wrap(gap, width ?? Number.POSITIVE_INFINITY))] : []),
  ]
}
