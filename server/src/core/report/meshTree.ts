// The mesh as a tree for people: namespaces or groups, their workloads, their pods. Only the rows that are asked for are made.
import type { Mesh, Workload } from '../mesh/mesh.ts'
import type { RuleSettings } from '../rules/run.ts'
import { dataplaneOf, namespaceNode } from './meshTree/namespace.ts'
import type { GroupNode, MeshNode, MoreNode } from './meshTree/nodes.ts'
import { type Grouping, groupNames, groupOf, type MeshView, type Shown, shownOf } from './meshTree/view.ts'
import { podNode, workloadId, workloadNode } from './meshTree/workload.ts'
import { everyRule } from './policies/liveFindings.ts'
import { count } from './words.ts'

export type { MtlsMode } from '../decide/mtls/server.ts'
export type { ProxyKind } from '../mesh/enrolment.ts'
export type { Finding, GroupNode, MeshNode, MoreNode, NamespaceNode, PodNode, WorkloadNode } from './meshTree/nodes.ts'
export type { Grouping, MeshView, Trait } from './meshTree/view.ts'

export interface MeshExtent {
  readonly view?: MeshView
  /** Of more children than this the first; absent: `firstPage`. */
  readonly limit?: number
}

export interface MeshQuestion extends MeshExtent {
  /** How policies of the cluster are judged. */
  readonly rules?: RuleSettings
}

/** So many rows are shown without being asked for. */
export const firstPage = 1_000
export const nextPage = 500

/** Children of a row by its `id`: the namespaces that have workloads, or groups, for no parent; nothing for an id that is gone. */
export function meshNodes(mesh: Mesh, parent: string | undefined, question: MeshQuestion = {}): readonly MeshNode[] {
  const { view = {}, limit = firstPage, rules = everyRule } = question
  const children = childrenOf(mesh, parent, view, rules)
  const nodes = children.slice(0, limit).map(({ make }) => make())
  return children.length > limit ? [...nodes, moreNode(parent, children.length, limit)] : nodes
}

export interface Step {
  readonly node: MeshNode
  /** With which its parent shows it. */
  readonly limit: number
}

/** The rows that lead to a workload: its namespace or group, and its own; nothing where the view hides it. */
export function meshPath(mesh: Mesh, workload: Workload, view: MeshView = {}): readonly Step[] {
  const above = view.group ? groupId(view.group, groupOf(workload, view.group, mesh)) : namespaceId(workload.namespace)
  const steps = [step(mesh, undefined, above, view), step(mesh, above, workloadId(workload), view)]
  return steps.every(each => each !== undefined) ? steps : []
}

function step(mesh: Mesh, parent: string | undefined, id: string, view: MeshView): Step | undefined {
  const children = childrenOf(mesh, parent, view)
  const index = children.findIndex(child => child.id === id)
  const found = children[index]
  return found && { node: found.make(), limit: firstPage + Math.max(0, Math.ceil((index + 1 - firstPage) / nextPage)) * nextPage }
}

/** A row that is made when it is shown. */
interface Child {
  readonly id: string
  readonly make: () => MeshNode
}

function childrenOf(mesh: Mesh, parent: string | undefined, view: MeshView, rules = everyRule): readonly Child[] {
  const shown = shownOf(mesh, view)
  if (parent === undefined) return view.group ? groups(shown, view.group) : namespaces(shown, mesh)
  const [kind, first = '', second = ''] = parent.split('/')
  switch (kind) {
    case 'namespace':
      return (shown.byNamespace.get(first) ?? []).map(workload => workloadRow(workload, 'namespace', mesh, rules))
    case 'group':
      return first === view.group ? (shown.groups.get(second) ?? []).map(workload => workloadRow(workload, 'group', mesh, rules)) : []
    case 'workload':
      return mesh
        .workloadsIn(first)
        .filter(workload => workloadId(workload) === parent)
        .flatMap(workload => pods(workload, mesh))
    default:
      return []
  }
}

function namespaces({ byNamespace }: Shown, mesh: Mesh): readonly Child[] {
  const names = [...byNamespace]
  // What is in the mesh comes first; system namespaces without a proxy are seldom what somebody looks for.
  const outside = ([name]: (typeof names)[number]) => Number(dataplaneOf(mesh.workloadsIn(name)) === 'none')
  return names
    .toSorted((a, b) => outside(a) - outside(b))
    .map(([name, workloads]) => ({ id: namespaceId(name), make: () => namespaceNode(name, workloads, mesh) }))
}

function groups(shown: Shown, grouping: Grouping): readonly Child[] {
  return Object.entries(groupNames[grouping]).flatMap(([key, name]) => {
    const workloads = shown.groups.get(key)?.length ?? 0
    const id = groupId(grouping, key)
    const make = (): GroupNode => ({ kind: 'group', id, name, workloads, description: count(workloads, 'workload') })
    return workloads > 0 ? [{ id, make }] : []
  })
}

function workloadRow(workload: Workload, within: 'namespace' | 'group', mesh: Mesh, rules: RuleSettings): Child {
  return { id: workloadId(workload), make: () => workloadNode(workload, mesh, within, rules) }
}

function pods(workload: Workload, mesh: Mesh): readonly Child[] {
  return workload.pods.map(pod => ({ id: `pod/${pod.namespace}/${pod.name}`, make: () => podNode(pod, workload, mesh) }))
}

function moreNode(parent: string | undefined, all: number, shown: number): MoreNode {
  const rest = all - shown
  const name = `Show ${Math.min(nextPage, rest)} more`
  const below = parent === undefined ? {} : { below: parent }
  return { kind: 'more', id: `more/${parent ?? ''}`, ...below, rest, limit: shown + nextPage, name, description: `${rest} not shown` }
}

function namespaceId(name: string): string {
  return `namespace/${name}`
}

function groupId(grouping: Grouping, name: string): string {
  return `group/${grouping}/${name}`
}
