// Envoy's `/config_dump` beside its secrets: who the proxy is, what it does as a client and as a server. Whole, or narrowed with `?resource=…`.
import { field, isObject, type Json, listOf, textOf } from '../json.ts'
import { type Cluster, readCluster, readClusters } from './clusters.ts'
import { type Endpoint, readEndpointConfigs } from './endpoints.ts'
import { type Listener, readDynamicListener, readListeners } from './listeners.ts'
import { type EnvoyNode, readNode } from './node.ts'
import { type RouteConfig, readRouteConfig, readRoutes } from './routes.ts'

export interface EnvoyConfig {
  readonly node?: EnvoyNode
  readonly clusters: readonly Cluster[]
  readonly listeners: readonly Listener[]
  readonly routes: readonly RouteConfig[]
  /** By cluster; undefined where the dump was made without `include_eds`, so that no endpoint is known. */
  readonly endpoints?: ReadonlyMap<string, readonly Endpoint[]>
  /** Sections that the dump has: what is not in one that it lacks is unknown, not absent. */
  readonly has: ReadonlySet<Section>
}

export type Section = 'bootstrap' | 'clusters' | 'listeners' | 'routes' | 'endpoints' | 'secrets'

type Part = Partial<Pick<EnvoyConfig, 'node' | 'clusters' | 'listeners' | 'routes' | 'endpoints'>> & { readonly section: Section }

/** By the last word of `@type`. Bare entries come from `?resource=…`. */
const parts: Readonly<Record<string, (dump: Json) => Part>> = {
  BootstrapConfigDump: dump => {
    const node = readNode(field(dump, 'bootstrap'))
    return { section: 'bootstrap', ...(node ? { node } : {}) }
  },
  ClustersConfigDump: dump => ({ section: 'clusters', clusters: readClusters(dump) }),
  'ClustersConfigDump.StaticCluster': dump => ({ section: 'clusters', clusters: readCluster(dump, 'static') }),
  'ClustersConfigDump.DynamicCluster': dump => ({ section: 'clusters', clusters: readCluster(dump, 'active') }),
  ListenersConfigDump: dump => ({ section: 'listeners', listeners: readListeners(dump) }),
  'ListenersConfigDump.DynamicListener': dump => ({ section: 'listeners', listeners: readDynamicListener(dump) }),
  RoutesConfigDump: dump => ({ section: 'routes', routes: readRoutes(dump) }),
  'RoutesConfigDump.DynamicRouteConfig': dump => ({ section: 'routes', routes: readRouteConfig(dump) }),
  'RoutesConfigDump.StaticRouteConfig': dump => ({ section: 'routes', routes: readRouteConfig(dump) }),
  /** Their content is read elsewhere. */
  SecretsConfigDump: () => ({ section: 'secrets' }),
  EndpointsConfigDump: dump => ({ section: 'endpoints', endpoints: readEndpointConfigs(dump) }),
}

/** Undefined where the document is no config dump. */
export function readEnvoyConfig(document: Json): EnvoyConfig | undefined {
  if (!isObject(document) || !Array.isArray(document.configs)) return undefined
  const read = listOf(document.configs).flatMap(dump => {
    const type = /envoy\.admin\.v3\.([\w.]+)$/.exec(textOf(field(dump, '@type')) ?? '')?.[1] ?? ''
    return Object.hasOwn(parts, type) ? (parts[type]?.(dump) ?? []) : []
  })
  const endpoints = new Map(read.flatMap(part => [...(part.endpoints ?? [])]))
  const has = new Set(read.map(({ section }) => section))
  const node = read.find(part => part.node)?.node
  return {
    ...(node ? { node } : {}),
    clusters: read.flatMap(({ clusters = [] }) => clusters),
    listeners: read.flatMap(({ listeners = [] }) => listeners),
    routes: read.flatMap(({ routes = [] }) => routes),
    ...(has.has('endpoints') ? { endpoints } : {}),
    has,
  }
}
