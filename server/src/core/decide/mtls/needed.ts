// Which facts an answer stands on that the given world does not hold: lists that are not complete, and ages that are not known.
import type { Kind } from '../../istio/resources.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { type Cluster, modeOf } from './clientTls.ts'
import { namespacesAsked, rivalsFor } from './destinationRules.ts'
import type { Endpoint } from './endpoints.ts'
import { nameOf } from './instances.ts'
import { isOpenTls, openPolicies } from './openModes.ts'
import { effectiveOf, namespaceMtls } from './server.ts'
import { settingsAt } from './trafficPolicy.ts'
import { type Client, sidecarOf } from './visibleHosts.ts'

/** A list of objects that has to be complete. */
type List = readonly [kind: Kind, plural: string, namespace: string]

/** Each as a clause behind "it is not known": `whether these are all DestinationRules of namespace "shop"`. */
export function missingFacts(mesh: Mesh, client: Client, cluster: Cluster, endpoint: Endpoint | undefined): readonly string[] {
  const lists = [
    ...behind(cluster, endpoint),
    ...sidecars(mesh, client),
    ...rules(mesh, client, cluster),
    ...policies(mesh, cluster, endpoint),
  ]
  const unseen = lists.filter(([kind, , namespace]) => !mesh.complete(kind, namespace))
  const named = unseen.map(([, plural, namespace]) => `whether these are all ${plural} of namespace "${namespace}"`)
  const ages = [...agesOfRules(mesh, client, cluster), ...agesOfPolicies(mesh, cluster, endpoint)]
  return [...new Set([...named, ...ages, ...openWords(mesh, client, cluster, endpoint)])]
}

/** Modes that stand to be filled in. */
function openWords(mesh: Mesh, client: Client, cluster: Cluster, endpoint: Endpoint | undefined): readonly string[] {
  const { rule, subset, port } = cluster
  const own = rule?.subsets.find(({ name }) => name.value === subset)
  const { tls } = settingsAt(rule?.trafficPolicy, own?.trafficPolicy, port.port)
  const policies = namespacesOfPolicies(mesh, cluster, endpoint).flatMap(namespace => openPolicies(mesh, namespace))
  return [
    ...(rule && tls && isRuled(client) && isOpenTls(tls) ? [`which tls mode DestinationRule "${nameOf(rule.rules[0])}" has`] : []),
    ...policies.map(policy => `what PeerAuthentication "${nameOf(policy)}" says`),
  ]
}

/** Who stands behind the host matters as a whole where there is nobody, or where one decides for all. */
function behind({ host, type, decided }: Cluster, endpoint: Endpoint | undefined): readonly List[] {
  const { origin, namespace } = host
  const services: List = ['Service', 'Services', namespace]
  if (origin.kind !== 'Service') return [services]
  const byHand = Object.keys(origin.selector).length === 0
  const slices: readonly List[] = byHand ? [['EndpointSlice', 'EndpointSlices', namespace]] : []
  const all = !endpoint || (type === 'ORIGINAL_DST' && decided !== undefined)
  return [services, ...slices, ...(all ? [['Pod', 'Pods', namespace] as const] : [])]
}

/** Another Sidecar may keep the host from the client, or have it from elsewhere. One of the root namespace gives way to those of the client's. */
function sidecars(mesh: Mesh, client: Client): readonly List[] {
  if (client.proxy !== 'sidecar' && client.proxy !== 'unknown') return []
  const found = sidecarOf(mesh, client)
  const asked = found?.namespace === client.namespace ? [client.namespace] : [client.namespace, mesh.settings.rootNamespace]
  return [...new Set(asked)].map(namespace => ['Sidecar', 'Sidecars', namespace])
}

function isRuled({ proxy }: Client): boolean {
  return proxy !== 'none' && proxy !== 'ztunnel'
}

/** The first namespace with a rule decides, so those after it do not matter. */
function rules(mesh: Mesh, client: Client, { host, rule }: Cluster): readonly List[] {
  if (!isRuled(client)) return []
  const asked = namespacesAsked(mesh.settings, client.namespace, host)
  const found = rule ? asked.indexOf(rule.rules[0].namespace) : -1
  return asked.slice(0, found < 0 ? undefined : found + 1).map(namespace => ['DestinationRule', 'DestinationRules', namespace])
}

function policies(mesh: Mesh, cluster: Cluster, endpoint: Endpoint | undefined): readonly List[] {
  return namespacesOfPolicies(mesh, cluster, endpoint).map(each => ['PeerAuthentication', 'PeerAuthentications', each])
}

function namespacesOfPolicies({ settings }: Mesh, { host, decided }: Cluster, endpoint: Endpoint | undefined): readonly string[] {
  const namespaces = [...(decided && !host.external ? [host.namespace] : []), ...(endpoint?.instance ? [endpoint.backend.namespace] : [])]
  return namespaces.length === 0 ? [] : [...new Set([...namespaces, settings.rootNamespace])]
}

function agesOfRules(mesh: Mesh, client: Client, { host, port, subset }: Cluster): readonly string[] {
  if (!isRuled(client)) return []
  const rivals = rivalsFor(mesh, client, host)
  if (rivals.length < 2 || rivals.every(({ created }) => created !== undefined)) return []
  const says = rivals.map(rule => {
    const own = rule.subsets.find(({ name }) => name.value === subset)
    const { tls } = settingsAt(rule.trafficPolicy, own?.trafficPolicy, port.port)
    return tls ? modeOf(tls) : 'nothing'
  })
  return new Set(says).size > 1 ? [`which of the DestinationRules ${quoted(rivals)} is older`] : []
}

function agesOfPolicies(mesh: Mesh, { host, decided }: Cluster, endpoint: Endpoint | undefined): readonly string[] {
  const contests = [
    ...(endpoint?.instance ? [effectiveOf(mesh, endpoint.instance).undecided] : []),
    ...(decided && !host.external ? [namespaceMtls(mesh, host.namespace).undecided] : []),
  ]
  return contests.flatMap(rivals => (rivals.length > 0 ? [`which of the PeerAuthentications ${quoted(rivals)} is older`] : []))
}

function quoted(objects: readonly { readonly namespace: string; readonly name: string }[]): string {
  const names = objects.map(each => `"${nameOf(each)}"`)
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
