// Access logs of Envoy in Istio's two formats.
// Source: istio/istio:pilot/pkg/model/telemetry_logging.go (EnvoyTextLogFormat, EnvoyJSONLogFormatIstio);
// envoyproxy/envoy:docs/root/configuration/observability/access_log/usage.rst.
import type { Entry } from './entries.ts'
import { type End, endAt, isAtWaypoint, type Told } from './told.ts'

/** The operators of the format that tell something; undefined for `-` and for what a shortened line lacks. */
interface Fields {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly protocol: string | undefined
  readonly code: string | undefined
  readonly flags: string | undefined
  readonly details: string | undefined
  readonly termination: string | undefined
  readonly transport: string | undefined
  readonly requestId: string | undefined
  readonly authority: string | undefined
  readonly upstreamHost: string | undefined
  readonly cluster: string | undefined
  readonly local: string | undefined
  readonly remote: string | undefined
  readonly serverName: string | undefined
  readonly route: string | undefined
}

/** Undefined for a line that is no access log in a format of Istio. */
export function readAccessLog({ text, json, reporter }: Entry): Told | undefined {
  const fields = json ? fromJson(json) : fromText(text)
  return fields && toldBy(fields, reporter)
}

function toldBy(fields: Fields, reporter: string | undefined): Told {
  const { cluster } = fields
  const http = fields.method !== undefined || (fields.protocol?.startsWith('HTTP') ?? false)
  const direction = blockedBy(fields) === undefined ? directionOf(cluster) : 'outbound'
  const local = endAt(fields.local)
  const remote = endAt(fields.remote)
  // Port 0: the address was read from X-Forwarded-For, and the peer is not told.
  const peer: End = remote.port === 0 ? {} : remote
  const [, , , host] = direction === 'outbound' || isAtWaypoint(fields) ? (cluster?.split('|') ?? []) : []
  const toUpstream = direction === 'outbound' && !isAtWaypoint(fields)
  return {
    form: 'envoy',
    signals: [fields.details, fields.termination, fields.transport, blockedBy(fields)].filter(each => each !== undefined),
    flags: fields.flags?.split(',') ?? [],
    client: peer,
    server: toUpstream
      ? { ...endAt(fields.upstreamHost), ...(host ? { host } : {}) }
      : { ...serverAt(local, cluster), ...(host ? { host } : {}) },
    http,
    ...(toUpstream ? { proxyAt: local } : {}),
    ...(fields.serverName !== undefined ? { sni: fields.serverName } : fields.local === undefined ? {} : { sni: '' }),
    ...(reporter === undefined ? {} : { reporter }),
    ...(direction ? { direction } : {}),
    ...(fields.code === undefined ? {} : { status: Number(fields.code) }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(remote.ip === undefined ? {} : { remoteIp: remote.ip }),
    ...(fields.method === undefined ? {} : { method: fields.method }),
    ...(fields.path === undefined ? {} : { path: fields.path }),
    ...(fields.authority === undefined ? {} : { host: fields.authority }),
    ...(fields.requestId === undefined ? {} : { requestId: fields.requestId }),
  }
}

/** Where only known hosts may be called: the cluster of connections, the route of requests. Source: pilot/pkg/networking/util/util.go. */
function blockedBy({ cluster, route }: Fields): string | undefined {
  return cluster === 'BlackHoleCluster' ? cluster : route === 'block_all' ? route : undefined
}

function directionOf(cluster: string | undefined): Told['direction'] {
  if (cluster === undefined) return undefined
  return /^(?:inbound|InboundPassthrough)/.test(cluster) ? 'inbound' : 'outbound'
}

/** `inbound|8080||` names the port of the workload, which redirection may hide; `inbound-vip|80|http|…` that of the Service. */
function serverAt(local: Pick<End, 'ip' | 'port'>, cluster: string | undefined): Pick<End, 'ip' | 'port'> {
  const port = cluster?.startsWith('inbound') ? Number(cluster.split('|')[1]) : 0
  return port > 0 ? { ...local, port } : local
}

const given = (value: string | undefined) => (value === undefined || value === '' || value === '-' ? undefined : value)

const request = /^"(\S+) /
const rest = /^" (\d{1,3}) (\S+)(?: (\S+) (\S+) "([^"]*)")?/

/**
 * Read from both ends, because what clients send (path, user agent) stands in between and may hold anything. Older versions and shortened
 * lines lack the details or the end.
 */
function fromText(text: string): Fields | undefined {
  const start = text.search(/\[\d{4}-\d\d-\d\dT[^\]]{0,40}\] "/)
  if (start < 0) return undefined
  const line = text.slice(text.indexOf(']', start) + 2)
  const method = request.exec(line)?.[1]
  if (method === undefined) return undefined
  for (let quote = line.indexOf('" ', 1); quote >= 0; quote = line.indexOf('" ', quote + 1)) {
    const after = rest.exec(line.slice(quote, quote + longestHead))
    if (!after) continue
    const target = line.slice(method.length + 2, quote)
    const blank = target.lastIndexOf(' ')
    const [, code, flags, details, termination, transport] = after
    return {
      method: given(method),
      path: given(target.slice(0, Math.max(blank, 0))),
      protocol: given(target.slice(blank + 1)),
      code,
      flags: given(flags),
      details: given(details),
      termination: given(termination),
      transport: given(transport),
      ...endOf(line),
    }
  }
  return undefined
}

const longestHead = 4000

const tail = /"([^"\s]*)" "([^"\s]*)" "([^"\s]*)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)$/

type Tail = Pick<Fields, 'requestId' | 'authority' | 'upstreamHost' | 'cluster' | 'local' | 'remote' | 'serverName' | 'route'>

const longestTail = 3000

function endOf(line: string): Tail {
  const trimmed = line.trimEnd()
  const [, requestId, authority, upstreamHost, cluster, , local, remote, serverName, route] = tail.exec(trimmed.slice(-longestTail)) ?? []
  return {
    requestId: given(requestId),
    authority: given(authority),
    upstreamHost: given(upstreamHost),
    cluster: given(cluster),
    local: given(local),
    remote: given(remote),
    serverName: given(serverName),
    route: given(route),
  }
}

/** Names in whatever spelling: `response_code_details`, `responseCodeDetails`. */
function fromJson(json: Readonly<Record<string, unknown>>): Fields | undefined {
  const values = new Map(Object.entries(json).map(([key, value]) => [key.toLowerCase().replaceAll(/[_.-]/g, ''), value]))
  if (!values.has('responsecode') && !values.has('responseflags') && !values.has('responsecodedetails')) return undefined
  const field = (name: string) => {
    const value = values.get(name)
    return typeof value === 'string' || typeof value === 'number' ? given(`${value}`) : undefined
  }
  return {
    method: field('method'),
    path: field('path'),
    protocol: field('protocol'),
    code: field('responsecode'),
    flags: field('responseflags'),
    details: field('responsecodedetails'),
    termination: field('connectionterminationdetails'),
    transport: field('upstreamtransportfailurereason') ?? field('downstreamtransportfailurereason'),
    requestId: field('requestid'),
    authority: field('authority'),
    upstreamHost: field('upstreamhost'),
    cluster: field('upstreamcluster'),
    local: field('downstreamlocaladdress'),
    remote: field('downstreamremoteaddress'),
    serverName: field('requestedservername'),
    route: field('routename'),
  }
}
