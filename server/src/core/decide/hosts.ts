// Which Services and ServiceEntries a host of a DestinationRule means.
// Source: istio/istio:pilot/pkg/model/context.go (ResolveShortnameToFQDN), pkg/config/host/name.go.

import type { Service, ServiceEntry } from '../istio/resources.ts'
import { hostsOverlap } from '../istio/values/hostMatch.ts'
import { isPlaceholder } from '../istio/values/placeholder.ts'
import type { Mesh } from '../mesh/mesh.ts'

/** What the cluster calls its domain is not known; every name below `svc` is taken for one of its own. */
const domain = 'svc.cluster.local'

/** A name without a dot gets the namespace of the object and the domain; every other stays as it is. */
export function fullName(host: string, namespace: string): string {
  const name = host.includes('.') || host === '*' ? host : `${host}.${namespace}.${domain}`
  return name.toLowerCase().replace(/\.svc\..+/s, `.${domain}`)
}

export function hostOf({ name, namespace }: Service): string {
  return `${name}.${namespace}.${domain}`
}

export function servicesAt(host: string, mesh: Mesh): readonly Service[] {
  return mesh.all('Service').filter(service => hostsOverlap(host, hostOf(service)))
}

export function serviceEntriesAt(host: string, mesh: Mesh): readonly ServiceEntry[] {
  return mesh.all('ServiceEntry').filter(({ hosts }) => hosts.some(({ value }) => hostsOverlap(host, value.toLowerCase())))
}

/** Whether there are no Services and ServiceEntries but those known here: of other clusters, or with names that are filled in later. */
export function knowsHosts(mesh: Mesh): boolean {
  if (!mesh.complete('Service') || !mesh.complete('ServiceEntry') || mesh.peers.length > 0) return false
  const hosts = [...mesh.all('Service').map(hostOf), ...mesh.all('ServiceEntry').flatMap(entry => entry.hosts.map(({ value }) => value))]
  return !hosts.some(isPlaceholder)
}
