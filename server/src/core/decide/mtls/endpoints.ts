// Where a host's connections can end, as istiod counts the endpoints: ready or not, finished pods never.
// Source: istio/istio:pilot/pkg/serviceregistry/kube/controller/endpointslice.go, controller.go (collectWorkloadInstanceEndpoints),
// serviceentry/conversion.go (convertServiceEntryToInstances, convertWorkloadInstanceToServiceInstance).

import { own } from '../../istio/own.ts'
import type { EndpointSlice, Selector, Service, ServiceEntry } from '../../istio/resources.ts'
import { labelsOf } from '../../istio/selector.ts'
import { isIpAddress } from '../../istio/values/ipAddress.ts'
import { groupBy } from '../../mesh/groupBy.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { perMesh } from '../perMesh.ts'
import { type Backend, type Instance, instanceAt, instancesNamed, instancesWith, tlsModeOfAddress } from './instances.ts'
import { type Host, type HostPort, hosts, hostsNamed } from './services.ts'

export interface Endpoint {
  /** Of the Service. */
  readonly servicePort: number
  /** Where it listens: what policies mean. 0 for a socket. */
  readonly port: number
  readonly backend: Backend
  /** The backend, where it is a workload that is known. */
  readonly instance?: Instance
}

/** Of all ports and subsets. ServiceEntries of one namespace share the endpoints of a host. */
export function endpointsOf(mesh: Mesh, host: Host): readonly Endpoint[] {
  // A Sidecar may have taken ports from the host; its endpoints stay what they are.
  const sharing = hostsNamed(mesh, host.host).filter(each => each.namespace === host.namespace && each.origin.kind === host.origin.kind)
  const [first] = sharing
  if (!first) return []
  const found = cache(mesh).get(first) ?? sharing.flatMap(each => endpointsAt(each, mesh))
  cache(mesh).set(first, found)
  return found
}

const cache = perMesh(() => new WeakMap<Host, readonly Endpoint[]>())

/** The other way round: a host, and where it leads at this workload. */
export interface Served {
  readonly host: Host
  readonly endpoint: Endpoint
}

export function servedBy(mesh: Mesh, instance: Instance): readonly Served[] {
  return served(mesh).get(instance) ?? []
}

const served = perMesh(mesh => {
  const all = new Map<Instance, Served[]>()
  for (const host of hosts(mesh)) {
    for (const endpoint of endpointsOf(mesh, host)) {
      if (!endpoint.instance) continue
      const known = all.get(endpoint.instance)
      if (known) known.push({ host, endpoint })
      else all.set(endpoint.instance, [{ host, endpoint }])
    }
  }
  return all
})

function endpointsAt(host: Host, mesh: Mesh): readonly Endpoint[] {
  return host.origin.kind === 'Service' ? ofService(host.origin, host, mesh) : ofServiceEntry(host.origin, host, mesh)
}

function ofService(service: Service, host: Host, mesh: Mesh): readonly Endpoint[] {
  const selected = instancesWith(mesh, service.namespace, service.selector)
  const pods = selected.filter(({ kind, addressed }) => kind !== 'WorkloadEntry' && addressed)
  const machines = service.headless ? [] : selected.filter(({ kind }) => kind === 'WorkloadEntry')
  const slices = manualSlices(mesh).get(`${service.namespace}/${service.name}`) ?? []
  return host.ports.flatMap(port => [
    ...pods.flatMap(pod => endpoint(port.port, portOfPod(pod, port), pod)),
    ...slices.flatMap(slice => ofSlice(slice, port, mesh)),
    ...machines.flatMap(machine => endpoint(port.port, portOfMachine(machine, port), machine)),
  ])
}

function endpoint(servicePort: number, port: number | undefined, instance: Instance): readonly Endpoint[] {
  return port === undefined ? [] : [{ servicePort, port, backend: instance, instance }]
}

function portOfPod({ ports }: Instance, { port, targetPort = port }: HostPort): number | undefined {
  return typeof targetPort === 'number' ? targetPort : ports.find(({ name }) => name === targetPort)?.port
}

function portOfMachine({ portsByName }: Instance, { port, targetPort = port }: HostPort): number | undefined {
  return typeof targetPort === 'number' ? targetPort : own(portsByName, targetPort)
}

/** By the Service: what Kubernetes does not make from pods. */
const manualSlices = perMesh(mesh => {
  const manual = mesh.all('EndpointSlice').filter(({ labels, addressType }) => {
    return labels['endpointslice.kubernetes.io/managed-by'] !== 'endpointslice-controller.k8s.io' && addressType !== 'FQDN'
  })
  return groupBy(manual, ({ namespace, labels }) => `${namespace}/${labels['kubernetes.io/service-name']}`)
})

/** A pod that the slice names and nobody knows is no endpoint; an address that a pod of the namespace has is that pod. */
function ofSlice({ namespace, endpoints, ports }: EndpointSlice, { port, name }: HostPort, mesh: Mesh): readonly Endpoint[] {
  const target = ports.find(each => each.name === name)?.port
  if (target === undefined) return []
  return endpoints.flatMap(({ addresses, pod }) =>
    addresses.flatMap(address => {
      const instance = pod ? instancesNamed(mesh, `${pod.namespace}/${pod.name}`)[0] : instanceAt(mesh, namespace, address)
      if (instance) return endpoint(port, target, instance)
      return pod ? [] : [{ servicePort: port, port: target, backend: { namespace: '', labels: {}, tlsMode: 'disabled', address } }]
    }),
  )
}

function ofServiceEntry(entry: ServiceEntry, host: Host, mesh: Mesh): readonly Endpoint[] {
  const dns = host.resolution === 'dns' || host.resolution === 'dns-round-robin'
  const listening = (backend: Backend, names: Readonly<Record<string, number>>, instance?: Instance) =>
    host.ports.map(({ port, name, targetPort }) => ({
      servicePort: port,
      port: backend.address?.startsWith('unix://') ? 0 : own(names, name) || Number(targetPort ?? port),
      backend,
      ...(instance ? { instance } : {}),
    }))
  if (entry.workloadSelector) {
    return selectedBy(entry.workloadSelector, entry.namespace, mesh)
      .filter(({ address }) => dns || !address || isIpAddress(address))
      .flatMap(each => listening(each, namedPorts(each), each))
  }
  if (entry.endpoints.length === 0 && dns) {
    return listening({ namespace: entry.namespace, labels: {}, tlsMode: 'disabled', address: host.host }, {})
  }
  return entry.endpoints.flatMap(({ address, labels, serviceAccount, ports }) =>
    listening(
      {
        namespace: entry.namespace,
        labels,
        tlsMode: tlsModeOfAddress(labels, serviceAccount),
        ...(address ? { address } : {}),
        ...(serviceAccount ? { serviceAccount } : {}),
      },
      ports,
    ),
  )
}

/** Of pods only those that are ready, unlike those behind a Service. Source: pilot/pkg/serviceregistry/kube/controller/pod.go (onEvent). */
function selectedBy(selector: Selector, namespace: string, mesh: Mesh): readonly Instance[] {
  return instancesWith(mesh, namespace, labelsOf(selector)).filter(({ ready, addressed }) => ready && addressed)
}

/** What the workload calls its ports outranks the `targetPort` of the entry. */
function namedPorts({ kind, ports, portsByName }: Instance): Readonly<Record<string, number>> {
  if (kind === 'WorkloadEntry') return portsByName
  return Object.fromEntries(ports.toReversed().flatMap(({ name, port }) => (name ? [[name, port]] : [])))
}
