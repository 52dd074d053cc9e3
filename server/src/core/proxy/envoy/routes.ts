// Which host and path goes to which cluster. Shapes: envoy/api: admin/v3/config_dump.proto (RoutesConfigDump), config/route/v3.
import { field, isObject, type Json, listOf, objectOf, textOf } from '../json.ts'

export interface RouteConfig {
  readonly name: string
  readonly hosts: readonly VirtualHost[]
  readonly lastUpdated?: string
}

export interface VirtualHost {
  readonly name: string
  readonly domains: readonly string[]
  readonly routes: readonly Route[]
}

export interface Route {
  readonly name?: string
  /** `prefix /api`, `path /login`, `regex …`. */
  readonly match: string
  /** One, or several with their weights; empty for redirects and answers that the proxy gives itself. */
  readonly clusters: readonly { readonly name: string; readonly weight?: number }[]
  readonly does: 'route' | 'redirect' | 'answer' | 'other'
  /** `/apis/networking.istio.io/v1/namespaces/shop/virtual-service/shop`. */
  readonly config?: string
}

export function readRoutes(dump: Json): readonly RouteConfig[] {
  return ['static_route_configs', 'dynamic_route_configs'].flatMap(section => listOf(field(dump, section)).flatMap(readRouteConfig))
}

export function readRouteConfig(item: Json): readonly RouteConfig[] {
  const config = field(item, 'route_config')
  if (!isObject(config)) return []
  const lastUpdated = textOf(field(item, 'last_updated'))
  return [
    {
      name: textOf(config.name) ?? '',
      hosts: listOf(field(config, 'virtual_hosts')).map(hostOf),
      ...(lastUpdated === undefined ? {} : { lastUpdated }),
    },
  ]
}

function hostOf(host: Json): VirtualHost {
  return {
    name: textOf(field(host, 'name')) ?? '',
    domains: listOf(field(host, 'domains')).flatMap(each => textOf(each) ?? []),
    routes: listOf(field(host, 'routes')).map(routeOf),
  }
}

function routeOf(route: Json): Route {
  const name = textOf(field(route, 'name'))
  const config = textOf(field(field(field(field(route, 'metadata'), 'filter_metadata'), 'istio'), 'config'))
  const action = field(route, 'route')
  return {
    ...(name === undefined ? {} : { name }),
    match: matchOf(field(route, 'match')),
    clusters: clustersOf(action),
    does: action !== undefined ? 'route' : field(route, 'redirect') !== undefined ? 'redirect' : answers(route) ? 'answer' : 'other',
    ...(config === undefined ? {} : { config }),
  }
}

function answers(route: Json): boolean {
  return field(route, 'direct_response') !== undefined
}

const pathMatches = { prefix: 'prefix', path: 'path', path_separated_prefix: 'prefix', connect_matcher: 'CONNECT' } as const

function matchOf(match: Json | undefined): string {
  const [kind, word] = Object.entries(pathMatches).find(([each]) => field(match, each) !== undefined) ?? []
  const regex = textOf(field(field(match, 'safe_regex'), 'regex'))
  if (kind === undefined) return regex === undefined ? 'other' : `regex ${regex}`
  return [word, textOf(field(match, kind))].filter(each => each !== undefined).join(' ')
}

function clustersOf(action: Json | undefined): Route['clusters'] {
  const name = textOf(field(action, 'cluster'))
  if (name !== undefined) return [{ name }]
  return listOf(field(objectOf(field(action, 'weighted_clusters')), 'clusters')).flatMap(each => {
    const cluster = textOf(field(each, 'name'))
    const weight = field(each, 'weight')
    return cluster === undefined ? [] : [{ name: cluster, ...(typeof weight === 'number' ? { weight } : {}) }]
  })
}
