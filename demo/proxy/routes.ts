// The routes section of a gateway: a route configuration for each of its servers, filled from the VirtualServices that name its Gateway.
import type { KubeObject } from '../api/object.ts'
import { gatewayCredentials } from '../mesh/bookinfo.ts'
import type { Envoy } from './proxies.ts'

export const routeNameOf = (credential: string): string => `https.443.https-${credential}.web.istio-ingress`

export function routesDump(envoy: Envoy, objects: readonly KubeObject[]): object {
  if (envoy.role !== 'gateway') return {}
  const updated = (envoy.secrets[0]?.updated ?? new Date()).toISOString()
  return {
    dynamic_route_configs: gatewayCredentials.map(({ name, host }) => ({
      version_info: updated,
      route_config: {
        '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
        name: routeNameOf(name),
        virtual_hosts: virtualHosts(host, objects),
      },
      last_updated: updated,
    })),
  }
}

interface Destination {
  readonly host: string
  readonly port: { readonly number: number }
}

interface VirtualServiceSpec {
  readonly hosts: readonly string[]
  readonly http: readonly { readonly route: readonly { readonly destination: Destination }[] }[]
}

function virtualHosts(host: string, objects: readonly KubeObject[]): readonly object[] {
  const service = objects.find(({ kind, spec }) => kind === 'VirtualService' && (spec as VirtualServiceSpec).hosts.includes(host))
  // A host without routes is answered with 404 by an empty virtual host.
  if (!service) return [{ name: 'blackhole:443', domains: ['*'] }]
  const { namespace, name } = service.metadata
  const config = { filter_metadata: { istio: { config: `/apis/networking.istio.io/v1/namespaces/${namespace}/virtual-service/${name}` } } }
  const routes = (service.spec as VirtualServiceSpec).http.flatMap(({ route }) =>
    route.map(({ destination }) => ({
      match: { prefix: '/', case_sensitive: true },
      route: { cluster: clusterNameOf(destination, namespace), timeout: '0s' },
      metadata: config,
      decorator: { operation: `${destination.host}:${destination.port.number}/*` },
    })),
  )
  return [{ name: `${host}:443`, domains: [host], routes, include_request_attempt_count: true }]
}

function clusterNameOf({ host, port }: Destination, namespace: string | undefined): string {
  return `outbound|${port.number}||${host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local`}`
}
