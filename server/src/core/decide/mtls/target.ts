// What a name on a command line or in a question means: a workload, or a host with its Service port.
import { nearest } from '../../istio/nearest.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { ownerOf } from './alike.ts'
import { type Instance, instances, instancesNamed, nameOf } from './instances.ts'
import type { Target } from './paths.ts'
import { hosts, hostsNamed } from './services.ts'

/** `namespace/name` of a Pod or WorkloadEntry, else all pods of what has the name; empty for a name that nothing has. */
export function workloadAt(mesh: Mesh, name: string): readonly Instance[] {
  const found = instancesNamed(mesh, name)
  return found.length > 0 ? found : ofReplicaSet(mesh, name)
}

function ofReplicaSet(mesh: Mesh, name: string): readonly Instance[] {
  const [namespace = ''] = name.split('/')
  const pods = mesh.in('Pod', namespace).filter(({ owner }) => owner?.kind === 'ReplicaSet' && `${namespace}/${owner.name}` === name)
  return pods.flatMap(pod => instancesNamed(mesh, nameOf(pod)))
}

/** `namespace/name`, or a host as clients write it, each with `:port` behind it; undefined for what is not known here. */
export function targetAt(mesh: Mesh, text: string): Target | undefined {
  const { name, port } = splitPort(text)
  if (name.includes('/')) {
    const workloads = workloadAt(mesh, name)
    return workloads.length > 0 ? { workloads, ...(port === undefined ? {} : { port }) } : undefined
  }
  const host = hostAt(mesh, name.toLowerCase())
  return host === undefined ? undefined : { host, ...(port === undefined ? {} : { servicePort: port }) }
}

export function splitPort(text: string): { readonly name: string; readonly port?: number } {
  const [, name = text, port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? []
  return port === undefined ? { name } : { name, port: Number(port) }
}

const domains = ['', '.svc.cluster.local', '.cluster.local'] as const

/** Names of the cluster may be short of its domain; the longest wildcard stands for what has no name of its own. */
function hostAt(mesh: Mesh, name: string): string | undefined {
  const exact = domains.map(domain => name + domain).find(each => hostsNamed(mesh, each).length > 0)
  if (exact !== undefined) return exact
  const wildcards = hosts(mesh).flatMap(({ host }) => (host.startsWith('*') && name.endsWith(host.slice(1)) ? [host] : []))
  return wildcards.toSorted((a, b) => b.length - a.length)[0]
}

/** What was probably meant by a name that nothing has; the port stays. */
export function targetMeant(mesh: Mesh, text: string): string | undefined {
  const { name, port } = splitPort(text)
  const workloads = [...new Set(instances(mesh).flatMap(each => [ownerOf(each), nameOf(each)]))]
  const elsewhere = workloads.filter(each => each.endsWith(`/${name.slice(name.indexOf('/') + 1)}`))
  const near = nearest(name, name.includes('/') ? workloads : hosts(mesh).map(({ host }) => host))
  const meant = near ?? (elsewhere.length === 1 ? elsewhere[0] : undefined) ?? nearestShort(mesh, name)
  return meant === undefined || port === undefined ? meant : `${meant}:${port}`
}

/** A host whose first label, with or without its namespace, is nearly this. */
function nearestShort(mesh: Mesh, name: string): string | undefined {
  const short = new Map(hosts(mesh).map(({ host }) => [host.split('.').slice(0, name.split('.').length).join('.'), host]))
  const found = short.get(name) ?? short.get(nearest(name, short.keys()) ?? '')
  return name.includes('/') ? undefined : found
}
