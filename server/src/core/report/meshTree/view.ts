// What somebody wants to see of the mesh: which workloads, and gathered by what.
import { effectiveOf } from '../../decide/mtls/server.ts'
import { perMesh } from '../../decide/perMesh.ts'
import { groupBy } from '../../mesh/groupBy.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { findingsOf } from './findings.ts'
import type { FindingKind } from './nodes.ts'

export interface MeshView {
  /** Each of these words is in the name of the namespace, workload, one of its pods or its service account, or in a label (`app=checkout`). */
  readonly text?: string
  /** Each holds. */
  readonly only?: readonly Trait[]
  /** Absent: by namespace. */
  readonly group?: Grouping
}

export type Trait = 'with-findings' | 'not-strict' | 'no-proxy'

export type Grouping = 'mode' | 'proxy' | 'finding'

export interface Shown {
  readonly workloads: readonly Workload[]
  readonly byNamespace: ReadonlyMap<string, readonly Workload[]>
  /** By the name of the group; without workloads there is none. */
  readonly groups: ReadonlyMap<string, readonly Workload[]>
}

/** Worked out once for a mesh as long as the same is asked for. */
export function shownOf(mesh: Mesh, view: MeshView): Shown {
  const key = JSON.stringify([view.text, view.only, view.group])
  const last = lastShown(mesh)
  if (last.shown && last.key === key) return last.shown
  const shown = show(mesh, view)
  Object.assign(last, { key, shown })
  return shown
}

const lastShown = perMesh((): { key?: string; shown?: Shown } => ({}))

function show(mesh: Mesh, view: MeshView): Shown {
  const words = (view.text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const traits = view.only ?? []
  const workloads =
    words.length + traits.length === 0
      ? mesh.workloads
      : mesh.workloads.filter(each => traits.every(trait => hasTrait[trait](each, mesh)) && words.every(word => mentions(each, word)))
  return {
    workloads,
    byNamespace: groupBy(workloads, ({ namespace }) => namespace),
    groups: groupBy(workloads, workload => groupOf(workload, view.group, mesh)),
  }
}

const hasTrait: Readonly<Record<Trait, (workload: Workload, mesh: Mesh) => boolean>> = {
  'with-findings': (workload, mesh) => findingsOf(workload, mesh).length > 0,
  'not-strict': (workload, mesh) => {
    const { mode, ports } = effectiveOf(mesh, workload)
    return workload.proxy === 'none' || mode !== 'STRICT' || ports.some(port => port.mode !== 'STRICT')
  },
  'no-proxy': ({ proxy }) => proxy === 'none',
}

function mentions({ namespace, name, serviceAccount, labels, pods }: Workload, word: string): boolean {
  const has = (text: string) => text.toLowerCase().includes(word)
  return (
    [namespace, name, serviceAccount].some(has) ||
    Object.entries(labels).some(([key, value]) => has(`${key}=${value}`)) ||
    pods.some(pod => has(pod.name))
  )
}

/** The key of its group. */
export function groupOf(workload: Workload, grouping: Grouping | undefined, mesh: Mesh): string {
  switch (grouping) {
    case undefined:
      return ''
    case 'mode':
      return workload.proxy === 'none' ? 'none' : workload.proxy === 'unknown' ? 'unknown' : effectiveOf(mesh, workload).mode
    case 'proxy':
      return workload.proxy
    case 'finding':
      return findingsOf(workload, mesh)[0]?.kind ?? 'none'
    default:
      return grouping satisfies never
  }
}

const findingNames: Readonly<Record<FindingKind, string>> = {
  'no-proxy': 'Without a proxy',
  'partly-injected': 'Some pods without a proxy',
  'account-gone': 'Service account is gone',
  'clients-conflict': 'Clients that fail',
  'old-proxy': 'Proxy is too old',
}

/** The groups of a grouping with their names, in the order in which they are shown. */
export const groupNames: Readonly<Record<Grouping, Readonly<Record<string, string>>>> = {
  mode: { DISABLE: 'DISABLE', PERMISSIVE: 'PERMISSIVE', STRICT: 'STRICT', none: 'No proxy', unknown: 'Not known' },
  proxy: { sidecar: 'Sidecar', ztunnel: 'ztunnel', waypoint: 'Waypoint', gateway: 'Gateway', none: 'No proxy', unknown: 'Not known' },
  finding: { ...findingNames, none: 'Without findings' },
}
