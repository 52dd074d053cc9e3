// Envoy's admin interface as far as certificates need it: config_dump with its filters, certs, ready, server_info.
// https://www.envoyproxy.io/docs/envoy/latest/operations/admin

import type { KubeObject } from '../api/object.ts'
import type { Chain } from '../certificates/authority.ts'
import type { Admin, AdminResponse } from './admin.ts'
import { bootstrapDump } from './bootstrap.ts'
import { clustersDump } from './clusters.ts'
import { clusterStatuses, endpointsDump } from './endpoints.ts'
import { listenersDump } from './listeners.ts'
import type { Envoy, Secret } from './proxies.ts'
import { routesDump } from './routes.ts'

/** Answers for one Envoy in a cluster of these objects. */
export function envoyAdmin(envoy: Envoy, objects: readonly KubeObject[]): Admin {
  return (method, url) => {
    if (method !== 'GET' || mutating.has(url.pathname)) return text(405, 'Method Not Allowed')
    switch (url.pathname) {
      case '/config_dump':
        return configDump(sections(envoy, objects, url.searchParams.has('include_eds')), url.searchParams)
      case '/clusters':
        return json(clusterStatuses(objects), true)
      case '/certs':
        return json(certs(envoy))
      case '/ready':
        return isReady(envoy) ? text(200, 'LIVE\n') : text(503, 'PRE_INITIALIZING\n')
      case '/server_info':
        return json(serverInfo(envoy))
      default:
        return text(404, 'invalid path. admin commands are:\n  /certs\n  /clusters\n  /config_dump\n  /ready\n  /server_info\n')
    }
  }
}

const mutating = new Set(['/quitquitquit', '/healthcheck/fail', '/healthcheck/ok', '/logging', '/drain_listeners', '/reset_counters'])

const text = (status: number, body: string): AdminResponse => ({ status, type: 'text/plain; charset=UTF-8', body })

// Envoy indents by one space and writes "<" as an escape.
const json = (value: object, chunked = false): AdminResponse => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(value, null, 1).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'),
  chunked,
})

type Section = Readonly<Record<string, unknown>> & { readonly '@type': string }

const dumpOf = (section: string) => `type.googleapis.com/envoy.admin.v3.${section}`

function sections(envoy: Envoy, objects: readonly KubeObject[], withEndpoints: boolean): readonly Section[] {
  return [
    { '@type': dumpOf('BootstrapConfigDump'), ...bootstrapDump(envoy) },
    { '@type': dumpOf('ClustersConfigDump'), ...clustersDump(envoy, objects) },
    { '@type': dumpOf('ListenersConfigDump'), ...listenersDump(envoy, objects) },
    { '@type': dumpOf('ScopedRoutesConfigDump') },
    ...(withEndpoints ? [{ '@type': dumpOf('EndpointsConfigDump'), ...endpointsDump(objects) }] : []),
    { '@type': dumpOf('RoutesConfigDump'), ...routesDump(envoy, objects) },
    { '@type': dumpOf('SecretsConfigDump'), ...secretsDump(envoy) },
  ]
}

// The repeated fields that `resource` and `mask` can name, by the section that has them.
const fields: Readonly<Record<string, readonly string[]>> = {
  [dumpOf('ClustersConfigDump')]: ['static_clusters', 'dynamic_active_clusters', 'dynamic_warming_clusters'],
  [dumpOf('ListenersConfigDump')]: ['static_listeners', 'dynamic_listeners'],
  [dumpOf('RoutesConfigDump')]: ['static_route_configs', 'dynamic_route_configs'],
  [dumpOf('SecretsConfigDump')]: ['static_secrets', 'dynamic_active_secrets', 'dynamic_warming_secrets'],
}
const entryTypes: Readonly<Record<string, string>> = {
  dynamic_active_secrets: dumpOf('SecretsConfigDump.DynamicSecret'),
  dynamic_warming_secrets: dumpOf('SecretsConfigDump.DynamicSecret'),
  static_clusters: dumpOf('ClustersConfigDump.StaticCluster'),
  dynamic_active_clusters: dumpOf('ClustersConfigDump.DynamicCluster'),
  static_listeners: dumpOf('ListenersConfigDump.StaticListener'),
  dynamic_listeners: dumpOf('ListenersConfigDump.DynamicListener'),
}

function configDump(all: readonly Section[], query: URLSearchParams): AdminResponse {
  const resource = query.get('resource')
  if (resource) return resourceDump(all, resource)
  const mask = query.get('mask')?.split(',')
  return json({ configs: mask ? masked(all, mask) : all }, true)
}

/** The bare entries of one field; `{}`, without `configs`, where it has none. */
function resourceDump(all: readonly Section[], resource: string): AdminResponse {
  const section = all.find(({ '@type': type }) => fields[type]?.includes(resource))
  if (!section) return text(404, `${resource} not found in config dump`)
  const entries = (section[resource] ?? []) as readonly object[]
  if (entries.length === 0) return json({})
  return json({ configs: entries.map(entry => ({ '@type': entryTypes[resource], ...entry })) }, true)
}

/** The sections that know every field of the mask, with only those fields. */
function masked(all: readonly Section[], mask: readonly string[]): readonly Section[] {
  return all
    .filter(({ '@type': type }) => mask.every(field => fields[type]?.includes(field)))
    .map(section => ({
      '@type': section['@type'],
      ...Object.fromEntries(mask.filter(field => field in section).map(field => [field, section[field]])),
    }))
}

function secretsDump({ secrets }: Envoy): object {
  const active = secrets.filter(({ content }) => content)
  const warming = secrets.filter(({ content }) => !content)
  return {
    ...(active.length > 0 && { dynamic_active_secrets: active.map(secretEntry) }),
    ...(warming.length > 0 && { dynamic_warming_secrets: warming.map(secretEntry) }),
  }
}

function secretEntry({ name, updated, content }: Secret) {
  const version = content ? `${updated.toISOString().slice(0, 19)}Z/1` : 'uninitialized'
  const secret = {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
    name,
    ...(content && secretContent(content)),
  }
  return { name, version_info: version, last_updated: updated.toISOString(), secret }
}

// Envoy never shows a private key; neither does its stand-in, which has none.
const redacted = base64('[redacted]')

function secretContent(content: NonNullable<Secret['content']>): object {
  if (content.kind === 'trust') return { validation_context: { trusted_ca: { inline_bytes: base64(pemOf(content.root)) } } }
  return { tls_certificate: { certificate_chain: { inline_bytes: base64(pemOf(content.chain)) }, private_key: { inline_bytes: redacted } } }
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64')
}

const pemOf = ({ pems }: Chain): string => `${pems.join('\n')}\n`

const isReady = ({ role, secrets }: Envoy): boolean => role === 'gateway' || secrets.every(({ content }) => content)

// Real Envoys repeat a certificate once for each TLS context that uses it.
const contexts = 6

function certs({ secrets }: Envoy): object {
  const own = secrets.find(({ name }) => name === 'default')?.content
  const trust = secrets.find(({ name }) => name === 'ROOTCA')?.content
  if (own?.kind !== 'certificate' || trust?.kind !== 'trust') return { certificates: [] }
  const workload = { ca_cert: [certFacts(trust.root)], cert_chain: [certFacts(own.chain)] }
  const others = secrets.flatMap(({ name, content }) =>
    content?.kind === 'certificate' && name !== 'default' ? [{ ca_cert: [], cert_chain: [certFacts(content.chain)] }] : [],
  )
  return { certificates: [...Array.from({ length: contexts }, () => workload), ...others] }
}

function certFacts({ serial, names, notBefore, notAfter }: Chain): object {
  const days = Math.max(0, Math.floor((notAfter.getTime() - Date.now()) / 86_400_000))
  return {
    path: '<inline>',
    serial_number: serial,
    subject_alt_names: names.map(({ type, value }) => ({ [type]: value })),
    days_until_expiration: String(days),
    valid_from: seconds(notBefore),
    expiration_time: seconds(notAfter),
  }
}

const seconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`

function serverInfo(envoy: Envoy): object {
  const { bootstrap } = bootstrapDump(envoy)
  return {
    version: '9e5580933739775e8bce696a57a2e1bc99368f23/1.38.0/Clean/RELEASE/BoringSSL',
    state: isReady(envoy) ? 'LIVE' : 'PRE_INITIALIZING',
    uptime_current_epoch: '7200s',
    uptime_all_epochs: '7200s',
    hot_restart_version: 'disabled',
    command_line_options: { concurrency: 2, config_path: 'etc/istio/proxy/envoy-rev.json', mode: 'Serve', disable_hot_restart: true },
    node: bootstrap.node,
    hot_restart_initializing: false,
  }
}
