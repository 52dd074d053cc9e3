// What a port speaks, which decides whether Envoy evaluates policies on requests or on connections.
// Source: istio/istio:pkg/config/kube/conversion.go (ConvertProtocol), pilot/pkg/networking/core/listener_inbound.go, gateway.go.

import { own } from '../../istio/own.ts'
import type { GatewayServer, Service, ServicePort, Sidecar } from '../../istio/resources.ts'
import { namesWorkloads, selects } from '../../istio/selector.ts'
import { isPlainHttp, isTcp, type Protocol, parseProtocol } from '../../istio/values/protocol.ts'
import { gatewayNameLabel } from '../../mesh/enrolment.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { servicesOf } from '../ports.ts'
import type { Destination } from './connection.ts'

/** `sniffed`: nothing is declared, so the first bytes decide. */
export type AppProtocol = 'http' | 'tcp' | 'sniffed' | 'unknown'

export function appProtocolOf(to: Destination, mesh: Mesh): AppProtocol {
  switch (to.workload.proxy) {
    case 'gateway':
      return atGateway(to, mesh)
    case 'waypoint':
      return atWaypoint(to, mesh)
    default:
      return atSidecar(to, mesh)
  }
}

/** What a port of a Service declares, by `appProtocol` or the first part of its name. */
export function declaredProtocol({ port, name = '', appProtocol }: ServicePort): Protocol | 'unsupported' {
  const written = appProtocol === undefined ? name : (own(kubernetesProtocols, appProtocol) ?? appProtocol)
  if (/^grpc-web/i.test(written)) return 'GRPC-WEB'
  const protocol = parseProtocol(written.split('-')[0] ?? '')
  return protocol === 'unsupported' && serverFirstPorts.includes(port) ? 'TCP' : protocol
}

const kubernetesProtocols: Readonly<Record<string, string>> = {
  'kubernetes.io/h2c': 'http2',
  'kubernetes.io/ws': 'http',
  'kubernetes.io/wss': 'https',
}

/** SMTP, DNS, MySQL, MongoDB: the server speaks first, so nothing can be sniffed. */
const serverFirstPorts = [25, 53, 3306, 27017]

function asAppProtocol(protocol: Protocol | 'unsupported'): AppProtocol {
  if (isPlainHttp(protocol)) return 'http'
  return isTcp(protocol) ? 'tcp' : 'sniffed'
}

/** The oldest Service that leads to the port; the ports of a Sidecar's `ingress` stand instead of all Services. */
function atSidecar({ workload, port }: Destination, mesh: Mesh): AppProtocol {
  const ingress = sidecarOf(workload, mesh)?.ingress ?? []
  if (ingress.length > 0) {
    const listener = ingress.find(each => each.port === port)
    return listener ? asAppProtocol(parseProtocol(listener.protocol)) : 'sniffed'
  }
  const declared = servicesOf(workload, mesh)
    .toSorted(byAge)
    .flatMap(service =>
      service.ports.filter(each => each.protocol !== 'UDP' && leadsTo(each, port, workload)).map(each => ({ service, each })),
    )
  const [oldest, ...others] = declared.map(({ service, each }) => ({ service, speaks: asAppProtocol(declaredProtocol(each)) }))
  if (!oldest) return mesh.complete('Service', workload.namespace) ? 'sniffed' : 'unknown'
  const ageless = oldest.service.created === undefined && others.some(({ speaks }) => speaks !== oldest.speaks)
  return ageless ? 'unknown' : oldest.speaks
}

function leadsTo({ targetPort }: ServicePort, port: number, workload: Workload): boolean {
  return targetPort === port || workload.ports.some(each => each.name !== undefined && each.name === targetPort && each.port === port)
}

/** Oldest first; what has no age yet (a file) comes last. Source: pilot/pkg/serviceregistry (sorted by creation time). */
function byAge(a: Service, b: Service): number {
  return compare(a.created ?? '9', b.created ?? '9') || compare(a.name, b.name)
}

/** One that selects the workload, else the namespace's, else the mesh's. Source: pilot/pkg/model/sidecar.go, push_context.go. */
function sidecarOf(workload: Workload, mesh: Mesh): Sidecar | undefined {
  const own = mesh.in('Sidecar', workload.namespace)
  return (
    own.find(({ selector }) => namesWorkloads(selector) && selects(selector, workload.labels)) ??
    own.find(({ selector }) => !namesWorkloads(selector)) ??
    mesh.in('Sidecar', mesh.settings.rootNamespace).find(({ selector }) => !namesWorkloads(selector))
  )
}

/** Of the Service that is called, its own port. */
function atWaypoint({ service, port }: Destination, mesh: Mesh): AppProtocol {
  const called = service && mesh.find('Service', service.namespace, service.name)
  const declared = called?.ports.find(each => each.port === port)
  if (declared) return asAppProtocol(declaredProtocol(declared))
  const entry = service && mesh.find('ServiceEntry', service.namespace, service.name)?.ports.find(each => each.port === port)
  return entry ? asAppProtocol(parseProtocol(entry.protocol)) : 'sniffed'
}

function atGateway(to: Destination, mesh: Mesh): AppProtocol {
  const { workload } = to
  const name = workload.labels[gatewayNameLabel]
  const gateway = name === undefined ? undefined : mesh.find('Gateway', workload.namespace, name)
  const listeners = gateway?.listeners.filter(({ port }) => isServedAt(to, port, mesh)) ?? []
  const spoken = [...gatewayServersAt(to, mesh).map(ofServer), ...listeners.map(each => asAppProtocol(afterTermination(each.protocol)))]
  const [first = 'sniffed', ...others] = spoken
  return others.every(each => each === first) ? first : 'sniffed'
}

/** The servers of networking.istio.io's Gateways that listen on this port of the pod. */
export function gatewayServersAt(to: Destination, mesh: Mesh): readonly GatewayServer[] {
  return mesh
    .all('IstioGateway')
    .filter(({ selector }) => selects(selector, to.workload.labels))
    .flatMap(({ servers }) => servers.filter(({ port }) => isServedAt(to, port?.value, mesh)))
}

/** Servers are numbered by the port of the gateway's Service, which may lead to another port of the pod. */
function isServedAt({ workload, port }: Destination, number: number | undefined, mesh: Mesh): boolean {
  if (number === undefined || number === port) return number === port
  return servicesOf(workload, mesh).some(({ ports }) => ports.some(each => each.port === number && leadsTo(each, port, workload)))
}

function ofServer({ protocol, tls }: GatewayServer): AppProtocol {
  const passesThrough = tls?.mode?.value === 'PASSTHROUGH' || tls?.mode?.value === 'AUTO_PASSTHROUGH'
  return passesThrough ? 'tcp' : asAppProtocol(afterTermination(protocol))
}

function afterTermination(written: string): Protocol | 'unsupported' {
  const protocol = parseProtocol(written)
  return protocol === 'HTTPS' ? 'HTTP' : protocol
}
