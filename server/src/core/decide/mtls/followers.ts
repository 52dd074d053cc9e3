// Who follows a DestinationRule: for whom it counts, for whom istiod merges it into another, and for whom another one hides it.
// Source: istio/istio:pilot/pkg/model/push_context.go (setDestinationRules, destinationRule), destination_rule.go (mergeDestinationRule).
import type { DestinationRule } from '../../istio/resources.ts'
import { selects } from '../../istio/selector.ts'
import { everywhere, ownNamespace } from '../../istio/values/visibility.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { perMesh } from '../perMesh.ts'
import { type Alike, clientsAlike } from './alike.ts'
import { type MergedRule, resolvedHost, rivalsFor, ruleFor } from './destinationRules.ts'
import type { Instance } from './instances.ts'
import { isClient, readsRules } from './paths.ts'
import type { Host } from './services.ts'
import { isWithin, sidecarOf, visibleHosts } from './visibleHosts.ts'

/** What becomes of a rule for one client and host. */
export type Fate =
  /** Its traffic policy counts, or its subsets where it has none. */
  | { readonly is: 'followed' }
  /** Both are one rule to istiod: of this one only subsets with new names count. */
  | { readonly is: 'merged'; readonly into: DestinationRule }
  /** By another one, or without any: a rule that was merged with this one for others. */
  | { readonly is: 'hidden'; readonly by?: DestinationRule }

/** Clients of one namespace and kind that see the same hosts and follow the same rules. */
export interface Followers {
  readonly first: Instance
  /** Each speaks for all pods that are like it. */
  readonly clients: readonly Instance[]
  readonly host: Host
  readonly fate: Fate
  /** What they follow instead, or as part of which they follow this one. */
  readonly chosen?: MergedRule
  /** Whether another rule would count if it were older, and no age is known. */
  readonly ageless: boolean
}

/** For all known clients that the rule is for, and every host that it names and they know. */
export function followersOf(rule: DestinationRule, mesh: Mesh): readonly Followers[] {
  const known = followers(mesh).get(rule) ?? find(rule, mesh)
  followers(mesh).set(rule, known)
  return known
}

const followers = perMesh(() => new WeakMap<DestinationRule, readonly Followers[]>())

function find(rule: DestinationRule, mesh: Mesh): readonly Followers[] {
  const pattern = resolvedHost(rule)
  if (pattern === '') return []
  return clientGroups(mesh).flatMap(clients => {
    const [first] = clients
    if (!readsRules(first) || !isFor(rule, first, mesh)) return []
    return hostsWithin(mesh, first, pattern)
      .filter(host => isAsked(rule, first, host, mesh))
      .map(host => {
        const rivals = rivalsFor(mesh, first, host)
        const ageless = rivals.length > 1 && rivals.some(({ created }) => created === undefined)
        const chosen = ruleFor(mesh, first, host)
        return { first, clients, host, fate: fateOf(rule, chosen), ageless, ...(chosen ? { chosen } : {}) }
      })
  })
}

/**
 * Clients that see the same hosts and follow the same rules, each speaking for all pods that are like it. Labels tell clients of a namespace apart
 * only where a rule or a Sidecar looks at them.
 */
export const clientGroups = perMesh((mesh): readonly Alike[] => {
  const selective = new Set(mesh.all('DestinationRule').flatMap(each => (each.workloadSelector ? [each.namespace] : [])))
  const groups = new Map<string, [Instance, ...Instance[]]>()
  for (const [client] of clientsAlike(mesh)) {
    if (!isClient(client)) continue
    const { namespace, proxy, labels, annotations } = client
    const sidecar = proxy === 'sidecar' || proxy === 'unknown' ? sidecarOf(mesh, client) : undefined
    const told = selective.has(namespace) ? labels : {}
    const key = JSON.stringify([namespace, proxy, sidecar && `${sidecar.namespace}/${sidecar.name}`, told, annotations[excludedPorts]])
    const group = groups.get(key)
    if (group) group.push(client)
    else groups.set(key, [client])
  }
  return [...groups.values()]
})

/** An annotation that keeps ports from the sidecar, where rules are not followed then. */
const excludedPorts = 'traffic.sidecar.istio.io/excludeOutboundPorts'

/** Whether two are one object: laying a file over the cluster copies it with its age. */
export function isSameRule(one: DestinationRule, other: DestinationRule): boolean {
  return one.at === other.at && one.source === other.source
}

/** Whether it is exported to the namespace of the client, or chosen for the client. */
export function isFor({ namespace, workloadSelector, exportTo }: DestinationRule, client: Instance, { settings }: Mesh): boolean {
  if (workloadSelector) return namespace === client.namespace && selects(workloadSelector, client.labels)
  const written = exportTo.map(({ value }) => value)
  const seenBy = written.length > 0 ? written : settings.defaultDestinationRuleExportTo
  if (namespace === client.namespace && (written.length === 0 || seenBy.includes(ownNamespace))) return true
  return seenBy.includes(everywhere) || seenBy.includes(client.namespace)
}

function hostsWithin(mesh: Mesh, client: Instance, pattern: string): readonly Host[] {
  const visible = visibleHosts(mesh, client)
  if (!pattern.startsWith('*')) return [visible.get(pattern)].filter(host => host !== undefined)
  return [...visible.values()].filter(({ host }) => isWithin(host, pattern))
}

/** Rules count in the namespace of the client, of the host, and in the root namespace. */
function isAsked({ namespace }: DestinationRule, client: Instance, host: Host, { settings: { rootNamespace } }: Mesh): boolean {
  return [client.namespace, host.namespace, rootNamespace].includes(namespace)
}

function fateOf(rule: DestinationRule, chosen: MergedRule | undefined): Fate {
  if (!chosen) return { is: 'hidden' }
  const [first] = chosen.rules
  if (!chosen.rules.some(each => isSameRule(each, rule))) return { is: 'hidden', by: first }
  if (!rule.trafficPolicy || chosen.trafficPolicy === rule.trafficPolicy) return { is: 'followed' }
  return { is: 'merged', into: chosen.rules.find(({ trafficPolicy }) => trafficPolicy === chosen.trafficPolicy) ?? first }
}
