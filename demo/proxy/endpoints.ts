// Where the clusters of a proxy lead: the endpoints section of `/config_dump?include_eds`, and `/clusters?format=json`.
import type { KubeObject } from '../api/object.ts'
import { selects } from '../mesh/cluster.ts'
import { isPod, type Pod } from '../mesh/workload.ts'
import { subsetsOf } from './clusters.ts'
import { modeOf } from './listeners.ts'
import { isAmbient } from './proxies.ts'

interface Assignment {
  readonly cluster: string
  readonly endpoints: readonly { readonly pod: Pod; readonly address: string; readonly port: number }[]
}

export function endpointsDump(objects: readonly KubeObject[]): object {
  return {
    dynamic_endpoint_configs: assignments(objects).map(({ cluster, endpoints }) => ({
      endpoint_config: {
        '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
        cluster_name: cluster,
        endpoints: endpoints.length === 0 ? [] : [{ lb_endpoints: endpoints.map(each => endpointOf(each, objects)) }],
      },
    })),
  }
}

export function clusterStatuses(objects: readonly KubeObject[]): object {
  return {
    cluster_statuses: assignments(objects).map(({ cluster, endpoints }) => ({
      name: cluster,
      added_via_api: true,
      host_statuses: endpoints.map(({ address, port }) => ({
        address: addressOf(address, port),
        health_status: { eds_health_status: 'HEALTHY' },
        weight: 1,
      })),
    })),
  }
}

function assignments(objects: readonly KubeObject[]): readonly Assignment[] {
  const pods = objects.filter(isPod)
  return objects
    .filter(({ kind }) => kind === 'Service')
    .flatMap(service => {
      const { name, namespace } = service.metadata
      const { selector, ports } = service.spec as ServiceSpec
      const host = `${name}.${namespace}.svc.cluster.local`
      const behind = pods.filter(pod => pod.metadata.namespace === namespace && selects(selector, pod) && isReady(pod))
      return ports.flatMap(({ port, targetPort }) =>
        [{ name: '', labels: {} }, ...subsetsOf(host, service, objects)].map(subset => ({
          cluster: `outbound|${port}|${subset.name}|${host}`,
          endpoints: behind
            .filter(pod => selects(subset.labels, pod))
            .map(pod => ({ pod, address: pod.status?.podIP ?? '', port: targetPort })),
        })),
      )
    })
}

interface ServiceSpec {
  readonly selector: Readonly<Record<string, string>>
  readonly ports: readonly { readonly port: number; readonly targetPort: number }[]
}

function isReady({ status }: Pod): boolean {
  return status?.podIP !== undefined && status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

function endpointOf({ pod, address, port }: Assignment['endpoints'][number], objects: readonly KubeObject[]): object {
  const { labels, namespace } = pod.metadata
  const takesMtls = labels?.['security.istio.io/tlsMode'] === 'istio' && modeOf(pod, port, objects) !== 'DISABLE'
  const app = labels?.app ?? pod.metadata.name
  return {
    endpoint: { address: isAmbient(pod) ? behindTunnel(address, port) : addressOf(address, port), health_check_config: {} },
    health_status: 'HEALTHY',
    metadata: {
      filter_metadata: {
        ...(takesMtls && { 'envoy.transport_socket_match': { tlsMode: 'istio' } }),
        ...(isAmbient(pod) && { 'envoy.transport_socket_match': { tunnel: 'http' } }),
        istio: { workload: `${app};${namespace};${app};${labels?.version ?? 'latest'};Kubernetes` },
      },
    },
    load_balancing_weight: 1,
  }
}

const behindTunnel = (address: string, port: number): object => ({
  envoy_internal_address: { server_listener_name: 'connect_originate', endpoint_id: `${address}:${port}` },
})

const addressOf = (address: string, port: number): object => ({ socket_address: { address, port_value: port } })
