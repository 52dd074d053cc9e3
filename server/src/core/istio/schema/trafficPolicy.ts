// How connections to a service are pooled, spread, watched and protected: parts of DestinationRule and Sidecar.
// Source: istio/api:networking/v1alpha3/destination_rule.proto, told in our words.
import { clientTls } from './clientTls.ts'
import {
  boolean,
  type DurationSchema,
  duration,
  field,
  integer,
  listOf,
  type MapSchema,
  type NumberSchema,
  object,
  positiveDuration,
  type StringSchema,
  string,
  strings,
  unsigned,
  wordsOf,
} from './schema.ts'

/** Istio refuses a fraction of a millisecond. */
export const wholeDuration: DurationSchema = { ...positiveDuration }
/** Like `wholeDuration`; less than a millisecond turns the timeout off. */
export const disablingDuration: DurationSchema = { ...duration }

const large: NumberSchema = { type: 'integer', format: 'uint64' }

export const tcpKeepalive = object('tcpKeepalive', {
  probes: field(unsigned, 'Probes without an answer until the connection counts as dead. Left out: what the operating system says.', {
    example: 'probes: 9',
  }),
  time: field(wholeDuration, 'How long a connection is idle before the first probe.', { example: 'time: 7200s' }),
  interval: field(wholeDuration, 'Time between probes.', { example: 'interval: 75s' }),
})

export const tcpPool = object('tcp', {
  maxConnections: field(integer, 'Connections to one host, HTTP/1.1 and TCP. Left out or 0: no limit.', { example: 'maxConnections: 100' }),
  connectTimeout: field(wholeDuration, 'How long a connection may take to open.', { example: 'connectTimeout: 500ms', default: '10s' }),
  tcpKeepalive: field(tcpKeepalive, 'TCP keepalive of connections to the service.', { example: 'tcpKeepalive: { time: 7200s }' }),
  maxConnectionDuration: field(wholeDuration, 'Closes a connection this long after it was opened. Left out: never.', {
    example: 'maxConnectionDuration: 1h',
  }),
  idleTimeout: field(
    disablingDuration,
    'Closes a TCP connection without traffic; `0s` never does. Where a route has several destinations, that of the first one counts.',
    { example: 'idleTimeout: 30m', default: '1h' },
  ),
})

export const http2KeepAlive = object('http2KeepAlive', {
  interval: field(wholeDuration, 'Time between PING frames.', { example: 'interval: 30s', required: 'webhook' }),
  timeout: field(wholeDuration, 'How long the answer to a PING may take before the connection is closed.', {
    example: 'timeout: 5s',
    required: 'webhook',
  }),
})

/** In the order of their numbers. */
export const h2UpgradePolicies = {
  DEFAULT: 'As the mesh configuration says.',
  DO_NOT_UPGRADE: 'HTTP/1.1 stays HTTP/1.1.',
  UPGRADE: 'HTTP/1.1 becomes HTTP/2; the service must understand it.',
}

export const httpPool = object('http', {
  http1MaxPendingRequests: field(integer, 'Requests that may wait for a connection, HTTP/1.1 and HTTP/2. Left out or 0: no limit.', {
    example: 'http1MaxPendingRequests: 1024',
  }),
  http2MaxRequests: field(integer, 'Requests that may be under way at once, HTTP/1.1 and HTTP/2. Left out or 0: no limit.', {
    example: 'http2MaxRequests: 1024',
  }),
  maxRequestsPerConnection: field(integer, 'Closes a connection after so many requests; 1 turns keepalive off, 0 means no limit.', {
    example: 'maxRequestsPerConnection: 100',
    default: '0',
  }),
  maxRetries: field(integer, 'Retries to all hosts of the service that may be under way at once. Left out or 0: no limit.', {
    example: 'maxRetries: 3',
  }),
  idleTimeout: field(wholeDuration, 'Closes a connection without requests.', { example: 'idleTimeout: 30m', default: '1h' }),
  h2UpgradePolicy: field(wordsOf(h2UpgradePolicies), 'Whether connections to the service are upgraded to HTTP/2.', {
    example: 'h2UpgradePolicy: UPGRADE',
    default: 'DEFAULT',
  }),
  useClientProtocol: field(
    boolean,
    'Speaks to the service the protocol that the client speaks. Not together with `h2UpgradePolicy: UPGRADE`.',
    {
      example: 'useClientProtocol: true',
      default: 'false',
    },
  ),
  maxConcurrentStreams: field(integer, 'Streams on one HTTP/2 connection.', { example: 'maxConcurrentStreams: 100' }),
  http2KeepAlive: field(http2KeepAlive, 'PING frames that find out whether an HTTP/2 connection still works.', {
    example: 'http2KeepAlive: { interval: 30s, timeout: 5s }',
    since: '1.31',
  }),
})

export const connectionPool = object('connectionPool', {
  tcp: field(tcpPool, 'Limits for TCP and HTTP connections.', { example: 'tcp: { maxConnections: 100 }' }),
  http: field(httpPool, 'Limits for HTTP requests and connections.', { example: 'http: { http2MaxRequests: 1024 }' }),
})

export const outlierDetection = object('outlierDetection', {
  consecutiveErrors: field(integer, 'Deprecated: write `consecutiveGatewayErrors` or `consecutive5xxErrors`.', {
    example: 'consecutiveErrors: 5',
  }),
  splitExternalLocalOriginErrors: field(
    boolean,
    'Counts failures of the proxy (no connection, timeouts) apart from answers of the service.',
    {
      example: 'splitExternalLocalOriginErrors: true',
      default: 'false',
    },
  ),
  consecutiveLocalOriginFailures: field(
    unsigned,
    'Failures of the proxy in a row that eject a host. Needs `splitExternalLocalOriginErrors: true`.',
    {
      example: 'consecutiveLocalOriginFailures: 5',
      default: '5',
    },
  ),
  consecutiveGatewayErrors: field(unsigned, 'Answers 502, 503 or 504 in a row that eject a host; 0 turns it off.', {
    example: 'consecutiveGatewayErrors: 5',
    default: '0',
  }),
  consecutive5xxErrors: field(unsigned, 'Answers 5xx in a row that eject a host, gateway errors included; 0 turns it off.', {
    example: 'consecutive5xxErrors: 7',
    default: '5',
  }),
  interval: field(wholeDuration, 'How often hosts are looked at.', { example: 'interval: 30s', default: '10s' }),
  baseEjectionTime: field(wholeDuration, 'How long a host stays out, times the number of its ejections.', {
    example: 'baseEjectionTime: 1m',
    default: '30s',
  }),
  maxEjectionPercent: field(integer, 'Share of hosts that may be out at once, 0 to 100.', {
    example: 'maxEjectionPercent: 50',
    default: '10',
  }),
  minHealthPercent: field(integer, 'With fewer healthy hosts than this share nobody stays out, 0 to 100.', {
    example: 'minHealthPercent: 50',
    default: '0',
  }),
  outlierDetectionHttpErrorCodes: field(
    listOf({ ...unsigned, min: 100, max: 599 }),
    'Status codes that count as errors, in place of all 5xx.',
    { example: 'outlierDetectionHttpErrorCodes: [429, 503]', since: '1.31' },
  ),
})

export const cookieAttribute = object('a cookie attribute', {
  name: field(string, 'Name of the attribute.', { example: 'name: SameSite', required: 'both' }),
  value: field(string, 'Its value; some have none.', { example: 'value: Lax' }),
})

export const httpCookie = object('httpCookie', {
  name: field(string, 'Name of the cookie.', { example: 'name: session', required: 'both' }),
  path: field(string, 'Path of a cookie that the proxy makes.', { example: 'path: /' }),
  ttl: field(duration, 'Lifetime of a cookie that the proxy makes where there is none; `0s` for the session, left out: none is made.', {
    example: 'ttl: 0s',
  }),
  attributes: field(listOf(cookieAttribute), 'Further attributes of a cookie that the proxy makes.', {
    example: 'attributes: [{ name: SameSite, value: Lax }]',
    since: '1.28',
  }),
})

export const ringHash = object('ringHash', {
  minimumRingSize: field(large, 'Virtual nodes on the ring at least; more spread the load more evenly.', {
    example: 'minimumRingSize: 2048',
    default: '1024',
  }),
})

export const maglev = object('maglev', {
  tableSize: field(large, 'Size of the table: a prime number below 5000011. A larger one moves fewer clients when hosts change.', {
    example: 'tableSize: 65537',
    required: 'webhook',
  }),
})

/** Of these one decides; the decoder keeps the last of this order. */
export const hashKeys = ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'] as const
export const hashAlgorithms = ['ringHash', 'maglev'] as const

export const consistentHash = object(
  'consistentHash',
  {
    httpHeaderName: field(string, 'Hashes this header.', { example: 'httpHeaderName: x-user' }),
    httpCookie: field(httpCookie, 'Hashes a cookie.', { example: 'httpCookie: { name: session, ttl: 0s }' }),
    useSourceIp: field(boolean, 'Hashes the address of the client; behind a gateway that is the gateway.', {
      example: 'useSourceIp: true',
    }),
    httpQueryParameterName: field(string, 'Hashes a query parameter.', { example: 'httpQueryParameterName: user' }),
    ringHash: field(ringHash, 'Ring hashing, the default.', { example: 'ringHash: { minimumRingSize: 2048 }' }),
    maglev: field(maglev, 'Maglev hashing.', { example: 'maglev: { tableSize: 65537 }' }),
    minimumRingSize: field(large, 'Deprecated: write it below `ringHash`.', { example: 'minimumRingSize: 1024' }),
  },
  {
    oneOf: [
      { fields: hashKeys, refusedBy: 'crd' },
      { fields: hashAlgorithms, refusedBy: 'crd' },
    ],
  },
)

/** Weights by locality. */
const weights: MapSchema = { type: 'map', keys: 'text', values: unsigned }

export const distribute = object('an entry of "distribute"', {
  from: field(string, 'Locality of the client: `region/zone/subzone`, with `*` at the end for all below.', {
    example: 'from: eu-west/a/*',
    required: 'webhook',
  }),
  to: field(weights, 'Share of the traffic by locality of the server, 100 together.', {
    example: 'to: { eu-west/a/*: 80, eu-west/b/*: 20 }',
    required: 'webhook',
  }),
})

export const failover = object('an entry of "failover"', {
  from: field(string, 'Region whose servers fail.', { example: 'from: eu-west' }),
  to: field(string, 'Region that takes over.', { example: 'to: eu-central' }),
})

const enabled = field(boolean, 'Turns it on or off for this service, whatever the mesh configuration says.', { example: 'enabled: true' })
const failoverTo = field(listOf(failover), 'Which region takes over from which. Without `outlierDetection` it has no effect.', {
  example: 'failover: [{ from: eu-west, to: eu-central }]',
})

export const localityLbSetting = object('localityLbSetting', {
  distribute: field(listOf(distribute), 'Shares by locality. Not together with `failover`.', {
    example: 'distribute: [{ from: eu-west/*, to: { eu-west/*: 100 } }]',
  }),
  failover: failoverTo,
  failoverPriority: field(
    strings,
    'Labels, `key` or `key=value`, by which servers are preferred, the first ones first. Without `outlierDetection` it has no effect.',
    { example: 'failoverPriority: [topology.istio.io/network]' },
  ),
  enabled,
})

export const zoneAwareLbSetting = object('zoneAwareLbSetting', {
  enabled,
  failover: failoverTo,
  failoverPriority: field(strings, 'Labels by which servers are preferred; none of region, zone and subzone, which are looked at anyway.', {
    example: 'failoverPriority: [topology.istio.io/cluster]',
  }),
  minClusterSize: field({ ...unsigned, min: 1 }, 'With fewer servers in the region zones are not looked at.', {
    example: 'minClusterSize: 10',
    default: '6',
  }),
})

const aggression: NumberSchema = { type: 'number', format: 'double', min: 0, refusedBy: 'both' }
const minimumPercent: NumberSchema = { type: 'number', format: 'double', min: 0, max: 100 }

export const warmup = object('warmup', {
  duration: field(wholeDuration, 'How long a new server gets less traffic than the others.', {
    example: 'duration: 60s',
    required: 'both',
  }),
  minimumPercent: field(minimumPercent, 'Share of its weight that a new server starts with, in percent.', {
    example: 'minimumPercent: 20',
    default: '10',
  }),
  aggression: field(aggression, 'How steeply the traffic grows: 1 is linear.', { example: 'aggression: 1.5', default: '1' }),
})

export const backendUtilization = object('backendUtilization', {
  weightStabilizationPeriod: field(duration, 'How long a server reports its load before the report counts.', {
    example: 'weightStabilizationPeriod: 10s',
  }),
  weightExpirationPeriod: field(duration, 'After so long without a report a server gets the default weight.', {
    example: 'weightExpirationPeriod: 3m',
  }),
  weightUpdatePeriod: field(duration, 'How often weights are computed.', { example: 'weightUpdatePeriod: 1s' }),
  errorUtilizationPenaltyPercent: field(unsigned, 'How much errors of a server lower its weight, in percent.', {
    example: 'errorUtilizationPenaltyPercent: 100',
  }),
  metricNamesForComputingUtilization: field(strings, 'ORCA metrics that say how busy a server is.', {
    example: 'metricNamesForComputingUtilization: [named_metrics.queue]',
  }),
})

export const loadBalancer = object(
  'loadBalancer',
  {
    simple: field(
      wordsOf({
        UNSPECIFIED: 'As Istio sees fit.',
        LEAST_CONN: 'Deprecated: write `LEAST_REQUEST`.',
        RANDOM: 'A random healthy server.',
        PASSTHROUGH: 'The address that the client asked for, without balancing.',
        ROUND_ROBIN: 'One after the other; `LEAST_REQUEST` is better in nearly all cases.',
        LEAST_REQUEST: 'The server with the fewest requests under way.',
      }),
      'How the next server is chosen.',
      { example: 'simple: LEAST_REQUEST', default: 'LEAST_REQUEST' },
    ),
    consistentHash: field(
      consistentHash,
      'The same server for the same header, cookie, address or parameter, as long as the servers stay.',
      {
        example: 'consistentHash: { httpHeaderName: x-user }',
      },
    ),
    backendUtilization: field(backendUtilization, 'Weights by the load that the servers report (ORCA).', {
      example: 'backendUtilization: { weightUpdatePeriod: 1s }',
      since: '1.31',
    }),
    localityLbSetting: field(localityLbSetting, 'Prefers near servers; replaces the setting of the mesh as a whole.', {
      example: 'localityLbSetting: { enabled: true }',
    }),
    zoneAwareLbSetting: field(zoneAwareLbSetting, 'Keeps traffic in the zone of the client. Not together with `localityLbSetting`.', {
      example: 'zoneAwareLbSetting: { enabled: true }',
      since: '1.31',
    }),
    warmupDurationSecs: field({ ...duration, positive: 'crd' }, 'Deprecated: write `warmup`.', { example: 'warmupDurationSecs: 60s' }),
    warmup: field(warmup, 'Gives new servers less traffic at first; with `ROUND_ROBIN` and `LEAST_REQUEST` only.', {
      example: 'warmup: { duration: 60s }',
    }),
  },
  { oneOf: [{ fields: ['simple', 'consistentHash', 'backendUtilization'], refusedBy: 'crd' }] },
)

export const portNumber: NumberSchema = { ...unsigned }

export const portSelector = object('a port', {
  number: field(portNumber, 'Port of the **Service**, not of the workload.', { example: 'number: 443' }),
})

/** What a host and each of its ports can have of their own. */
const policies = {
  loadBalancer: field(loadBalancer, 'How the next server is chosen.', { example: 'loadBalancer: { simple: LEAST_REQUEST }' }),
  connectionPool: field(connectionPool, 'Limits of connections and requests.', {
    example: 'connectionPool: { tcp: { maxConnections: 100 } }',
  }),
  outlierDetection: field(outlierDetection, 'Takes servers that fail out of the pool for a while.', {
    example: 'outlierDetection: { consecutive5xxErrors: 7 }',
  }),
  tls: field(
    clientTls,
    'TLS from the proxy to the service. **Left out, mutual TLS is automatic**: the proxy uses it where the server has a sidecar. A `tls` block turns that off and says it all.',
    { example: 'tls: { mode: ISTIO_MUTUAL }' },
  ),
} as const

export const portTrafficPolicy = object('an entry of "portLevelSettings"', {
  port: field(portSelector, 'The port these settings are for.', { example: 'port: { number: 443 }', required: 'webhook' }),
  ...policies,
})

export const tunnelProtocol: StringSchema = { type: 'string' }
export const tunnelHost: StringSchema = { type: 'string' }
export const tunnelPort: NumberSchema = { ...unsigned }

export const tunnel = object('tunnel', {
  protocol: field(tunnelProtocol, 'HTTP method that opens the tunnel: `CONNECT` or `POST`.', {
    example: 'protocol: CONNECT',
    default: 'CONNECT',
  }),
  targetHost: field(tunnelHost, 'Host name or address behind the tunnel.', { example: 'targetHost: bank.example.com', required: 'both' }),
  targetPort: field(tunnelPort, 'Port behind the tunnel.', { example: 'targetPort: 443', required: 'both' }),
})

export const proxyProtocol = object('proxyProtocol', {
  version: field(wordsOf({ V1: 'As text.', V2: 'Binary.' }), 'Version of the PROXY protocol.', { example: 'version: V2', default: 'V1' }),
})

export const retryBudget = object('retryBudget', {
  percent: field(
    { type: 'number', format: 'double', min: 0, max: 100 },
    'Retries that may be under way, in percent of the requests under way.',
    { example: 'percent: 20', default: '20' },
  ),
  minRetryConcurrency: field(unsigned, 'Retries that may be under way in any case.', { example: 'minRetryConcurrency: 3', default: '3' }),
  budgetInterval: field(duration, 'Counts the requests of this long too, not only those under way.', {
    example: 'budgetInterval: 10s',
    default: '0ms',
    since: '1.31',
  }),
})

export const trafficPolicy = object('a traffic policy', {
  ...policies,
  portLevelSettings: field(
    listOf(portTrafficPolicy, { max: 4096 }),
    'Settings for single ports. **A port inherits nothing**: what its entry leaves out, `tls` included, is as if the policy did not say it.',
    { example: 'portLevelSettings: [{ port: { number: 443 }, tls: { mode: SIMPLE } }]' },
  ),
  tunnel: field(tunnel, 'Sends TCP and TLS through an HTTP tunnel; not for HTTP routes.', {
    example: 'tunnel: { targetHost: bank.example.com, targetPort: 443 }',
  }),
  proxyProtocol: field(proxyProtocol, 'Tells the server the address of the client by the PROXY protocol. Not together with `tunnel`.', {
    example: 'proxyProtocol: { version: V2 }',
  }),
  retryBudget: field(retryBudget, 'Limits retries by the number of requests under way.', {
    example: 'retryBudget: { percent: 20 }',
    since: '1.27',
  }),
})
