// Which DestinationRule a client follows for a host. Rules for one host in one namespace are merged first, with all that istiod makes of that.
// Source: istio/istio:pilot/pkg/model/push_context.go (setDestinationRules, destinationRule), destination_rule.go (mergeDestinationRule),
// config.go (MostSpecificHostMatch), context.go (ResolveShortnameToFQDN), sidecar.go (DestinationRule).
import type { DestinationRule, Subset, TrafficPolicy } from '../../istio/resources.ts'
import { labelsOf, selects } from '../../istio/selector.ts'
import { isIpAddress } from '../../istio/values/ipAddress.ts'
import { everywhere, ownNamespace } from '../../istio/values/visibility.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { perMesh } from '../perMesh.ts'
import type { Host } from './services.ts'
import type { Client } from './visibleHosts.ts'

/** One rule, or several that istiod takes for one. */
export interface MergedRule {
  /** The first by selector, then by age; its selector and `exportTo` count. */
  readonly rules: readonly [DestinationRule, ...DestinationRule[]]
  readonly exportTo: ReadonlySet<string>
  readonly trafficPolicy?: TrafficPolicy
  readonly subsets: readonly Subset[]
}

/** The rule that a client follows for a host; a rule may say nothing of TLS. */
export function ruleFor(mesh: Mesh, { namespace, labels }: Pick<Client, 'namespace' | 'labels'>, host: Host): MergedRule | undefined {
  const visible = visibleRules(mesh, namespace, host)
  const chosen = visible.find(({ rules: [{ workloadSelector, namespace: from }] }) => {
    return workloadSelector !== undefined && from === namespace && selects(workloadSelector, labels)
  })
  return chosen ?? visible.findLast(({ rules: [{ workloadSelector }] }) => workloadSelector === undefined)
}

/** All rules that take part where `ruleFor` chooses: which of them counts is a matter of age. */
export function rivalsFor(mesh: Mesh, client: Pick<Client, 'namespace' | 'labels'>, host: Host): readonly DestinationRule[] {
  const chosen = ruleFor(mesh, client, host)
  const selective = chosen?.rules[0].workloadSelector !== undefined
  const alike = visibleRules(mesh, client.namespace, host).filter(({ rules: [{ workloadSelector }] }) => {
    return selective ? workloadSelector !== undefined && selects(workloadSelector, client.labels) : workloadSelector === undefined
  })
  return [...new Set(alike.flatMap(({ rules }) => rules))]
}

/** Where rules for a host can come from, in the order in which istiod looks: the first place that has one decides. */
export function namespacesAsked({ rootNamespace }: Mesh['settings'], client: string, host: Host): readonly string[] {
  return [...new Set([client, host.namespace, rootNamespace])]
}

function visibleRules(mesh: Mesh, client: string, host: Host): readonly MergedRule[] {
  const key = `${client}\0${host.namespace}\0${host.host}`
  const { found } = index(mesh)
  const known = found.get(key) ?? search(mesh, client, host)
  found.set(key, known)
  return known
}

function search(mesh: Mesh, client: string, host: Host): readonly MergedRule[] {
  const { rootNamespace } = mesh.settings
  const { local, exported, rootPrivate } = index(mesh)
  const own = client === rootNamespace ? rootPrivate : local.get(client)
  const found = own && bestMatch(own, host.host)
  if (found) return found
  for (const namespace of [host.namespace, rootNamespace]) {
    const shared = exported.get(namespace)
    // The best host is chosen first: a rule that is exported elsewhere hides a wildcard that is exported here.
    const seen = (shared ? (bestMatch(shared, host.host) ?? []) : []).filter(({ exportTo }) => isSeenFrom(client, exportTo))
    if (seen.length > 0) return seen
  }
  return []
}

function isSeenFrom(namespace: string, exportTo: ReadonlySet<string>): boolean {
  return exportTo.size === 0 || exportTo.has(everywhere) || exportTo.has(namespace)
}

/** Rules by their host as it is after resolution. */
class RuleTable {
  private readonly exact = new Map<string, MergedRule[]>()
  /** By what follows the `*`. */
  private readonly wildcards = new Map<string, MergedRule[]>()

  add(rule: DestinationRule, exportTo: ReadonlySet<string>): void {
    const host = resolvedHost(rule)
    const [table, key] = host.startsWith('*') ? [this.wildcards, host.slice(1)] : [this.exact, host]
    const present = table.get(key)
    if (present) merge(present, rule, exportTo)
    else table.set(key, [alone(rule, exportTo)])
  }

  at(host: string): readonly MergedRule[] | undefined {
    return host.startsWith('*') ? undefined : this.exact.get(host)
  }

  /** The wildcard with this after its `*`. */
  behind(suffix: string): readonly MergedRule[] | undefined {
    return this.wildcards.get(suffix)
  }
}

/** The exact host, else the longest wildcard. */
function bestMatch(table: RuleTable, host: string): readonly MergedRule[] | undefined {
  const exact = table.at(host)
  if (exact) return exact
  for (let start = host.startsWith('*') ? 1 : 0; start <= host.length; start += 1) {
    const found = table.behind(host.slice(start))
    if (found) return found
  }
  return undefined
}

const index = perMesh(mesh => {
  const { rootNamespace, defaultDestinationRuleExportTo } = mesh.settings
  const local = new Map<string, RuleTable>()
  const exported = new Map<string, RuleTable>()
  const rootPrivate = new RuleTable()
  for (const rule of mesh.all('DestinationRule').toSorted(bySelectorAndAge)) {
    const { namespace } = rule
    const exportTo = exportsOf(rule)
    if ([everywhere, ownNamespace, namespace].some(each => exportTo.has(each)) || exportTo.size === 0) {
      tableOf(local, namespace).add(rule, exportTo)
    }
    const isPrivate =
      exportTo.size === 0
        ? defaultDestinationRuleExportTo.includes(ownNamespace)
        : exportTo.size === 1 && (exportTo.has(ownNamespace) || exportTo.has(namespace))
    if (!isPrivate) tableOf(exported, namespace).add(rule, exportTo)
    else if (namespace === rootNamespace) rootPrivate.add(rule, exportTo)
  }
  return { local, exported, rootPrivate, found: new Map<string, readonly MergedRule[]>() }
})

function tableOf(tables: Map<string, RuleTable>, namespace: string): RuleTable {
  const table = tables.get(namespace) ?? new RuleTable()
  tables.set(namespace, table)
  return table
}

/** A rule for chosen clients is never exported. */
function exportsOf({ workloadSelector, exportTo }: DestinationRule): ReadonlySet<string> {
  return workloadSelector ? new Set([ownNamespace]) : new Set(exportTo.map(({ value }) => value))
}

/** A name without a dot gets the namespace of its rule; any other stays as it is. */
export function resolvedHost({ host, namespace }: DestinationRule): string {
  const name = host?.value ?? ''
  return name === '' || name === '*' || name.includes('.') || isIpAddress(name) ? name : `${name}.${namespace}.svc.cluster.local`
}

/** Source: pilot/pkg/model/push_context.go (sortConfigBySelectorAndCreationTime); what has no age yet comes last. */
function bySelectorAndAge(a: DestinationRule, b: DestinationRule): number {
  return (
    Number(b.workloadSelector !== undefined) - Number(a.workloadSelector !== undefined) ||
    compare(a.created ?? '9', b.created ?? '9') ||
    compare(a.name, b.name) ||
    compare(a.namespace, b.namespace)
  )
}

function alone(rule: DestinationRule, exportTo: ReadonlySet<string>): MergedRule {
  const { subsets, trafficPolicy } = rule
  return { rules: [rule], exportTo, subsets, ...(trafficPolicy ? { trafficPolicy } : {}) }
}

/** Each rule goes into those before it that it fits; the last of them decides whether it also stands by itself. */
function merge(present: MergedRule[], rule: DestinationRule, exportTo: ReadonlySet<string>): void {
  let standsAlone = true
  for (const [position, earlier] of present.entries()) {
    const equal = isSame(exportTo, earlier.exportTo)
    standsAlone = !equal
    if (!equal && (earlier.exportTo.size === 0 || !isSuperset(exportTo, earlier.exportTo))) continue
    const [{ workloadSelector }] = earlier.rules
    const both = workloadSelector && rule.workloadSelector
    const sameSelector = both && haveSameLabels(workloadSelector, rule.workloadSelector)
    if (both && !sameSelector) {
      standsAlone = true
      continue
    }
    if (sameSelector || (!workloadSelector && !rule.workloadSelector)) standsAlone = false
    present[position] = joined(earlier, rule)
  }
  if (standsAlone) present.push(alone(rule, exportTo))
}

/** Subsets with new names are added; the traffic policy counts where there is none yet. */
function joined(earlier: MergedRule, rule: DestinationRule): MergedRule {
  const names = new Set(earlier.subsets.map(({ name }) => name.value))
  const trafficPolicy = earlier.trafficPolicy ?? rule.trafficPolicy
  return {
    ...earlier,
    rules: [...earlier.rules, rule],
    subsets: [...earlier.subsets, ...rule.subsets.filter(({ name }) => !names.has(name.value))],
    ...(trafficPolicy ? { trafficPolicy } : {}),
  }
}

function haveSameLabels(one: NonNullable<DestinationRule['workloadSelector']>, other: typeof one): boolean {
  return selects(one, labelsOf(other)) && selects(other, labelsOf(one))
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && isSuperset(one, other)
}

function isSuperset(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...other].every(each => one.has(each))
}
