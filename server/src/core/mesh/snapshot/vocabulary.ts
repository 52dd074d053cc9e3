// Words that say nothing about whose mesh it is, or that something looks for: they stay as they are where names are replaced.
// None begins with q or ends with z, as the codes of names do: see pseudonyms.ts.
import { kinds } from '../../istio/schema/index.ts'
import type { Schema } from '../../istio/schema/schema.ts'

const words = new Set(
  `
  a an and by for from in is no not of on or the to with x yes
  istio istiod pilot proxy proxyv2 sidecar sidecars ztunnel waypoint waypoints gateway gateways ingress egress ingressgateway egressgateway
  east west eastwestgateway ambient mesh mtls tls mode redirection dataplane remote controller inject injection injector template templates
  rev revision tag tags network networks topology cluster local svc ns sa spiffe td trust domain root namespace namespaces default
  kube kubernetes k8s system public node lease pod pods hash service services account accounts workload workloads entry group owner
  app application version name component instance part managed helm sh chart heritage release operator install canonical
  security networking telemetry extensions traffic exclude include excluded included inbound outbound ports port ip ips range ranges interface
  config concurrency holds until starts dry run class type use used binding auto registration registry self
  enabled disabled enable disable true false none all any unknown stable latest
  docker io com org net dev example registry www test internal
  http https http2 http3 grpc grpcweb tcp udp tls sni mongo mysql redis hbone web api
  get head post put patch delete connect options trace
  request response connection source destination headers header auth claims claim audiences audience presenter principal principals
  user remote address labels label status experimental envoy filters metadata params param cookie cookies
  iss sub aud azp exp nbf iat jti scope scopes permission permissions group groups role roles
  authorization bearer host accept content length encoding agent forwarded client cert custom access token payload jwt id key
  well known openid configuration oauth2 jwks json discovery certs
  match expressions matchlabels hosts path paths method methods uri prefix exact regex
  kind list deployment statefulset daemonset replicaset job cronjob rollout
  `
    .split(/\s+/)
    .filter(word => word !== ''),
)

/** Whole values: words of the fields of Istio, and those that Kubernetes writes. */
const values = new Set([
  ...kinds.flatMap(({ kind, group, schema }) => [kind, group, ...wordsOf(schema, new Set())]),
  ...[
    'Namespace',
    'ServiceAccount',
    'Pod',
    'Service',
    'EndpointSlice',
    'ConfigMap',
    'EnvoyFilter',
    'WasmPlugin',
    'MutatingWebhookConfiguration',
  ],
  ...['Deployment', 'Job', 'Rollout', 'Node'],
  ...['ReplicaSet', 'StatefulSet', 'DaemonSet', 'CronJob', 'ServiceEntry', 'WorkloadEntry', 'WorkloadGroup', 'GatewayClass', 'RefSelector'],
  ...['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown', 'Ready', 'True', 'False', 'Always', 'Never', 'OnFailure'],
  ...[
    'ClusterIP',
    'NodePort',
    'LoadBalancer',
    'ExternalName',
    'None',
    'IPv4',
    'IPv6',
    'FQDN',
    'TCP',
    'UDP',
    'SCTP',
    'IPAddress',
    'Hostname',
  ],
  ...['Exists', 'DoesNotExist', 'In', 'NotIn', 'Same', 'All', 'Selector', 'Terminate', 'Passthrough', 'HBONE', 'TLSRoute', 'HTTPRoute'],
  ...['BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES', 'ALLOW_ANY', 'REGISTRY_ONLY'],
])

function wordsOf(schema: Schema, seen: Set<Schema>): readonly string[] {
  if (seen.has(schema)) return []
  seen.add(schema)
  switch (schema.type) {
    case 'object':
      return Object.values(schema.fields).flatMap(field => wordsOf(field.schema, seen))
    case 'list':
      return wordsOf(schema.items, seen)
    case 'map':
      return wordsOf(schema.values, seen)
    case 'string':
      return Object.keys(schema.words ?? {})
    default:
      return []
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']

export function isKnownValue(text: string): boolean {
  return values.has(text) || isOfMethods(text)
}

/** A method, or a pattern for methods: `P*`. */
function isOfMethods(text: string): boolean {
  const [, before, part = '', behind] = /^(\*?)([A-Z]+)(\*?)$/.exec(text) ?? []
  if (before) return methods.some(each => each.endsWith(part))
  return behind ? methods.some(each => each.startsWith(part)) : methods.includes(part)
}

/** Also numbers as ports have them, `v1`, `30s`. */
export function isKnownWord(word: string): boolean {
  return words.has(word.toLowerCase()) || /^(?:\d{1,5}|v\d{1,3}|\d+(?:ns|us|ms|s|m|h))$/.test(word)
}

/** Whether some known word begins or ends so: a pattern with that part must keep it. */
export function isPartOfKnown(part: string, end: 'start' | 'end'): boolean {
  const lower = part.toLowerCase()
  if (isKnownWord(part) || (end === 'start' && lower === 'v')) return true
  return [...words].some(word => (end === 'start' ? word.startsWith(lower) : word.endsWith(lower)))
}
