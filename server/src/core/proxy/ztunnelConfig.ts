// ztunnel's `/config_dump` beside its certificates: the workloads it knows and how it reaches them. Source: istio/ztunnel: src/admin.rs, src/state/workload.rs.
import { field, isObject, type Json, listOf, textOf } from './json.ts'

export interface ZtunnelConfig {
  readonly workloads: readonly ZtunnelWorkload[]
  /** Absent where the dump lists none, as older ones. */
  readonly policies?: readonly ZtunnelRules[]
}

/** A policy as ztunnel holds it; its rules are as its source writes them (istio/ztunnel: src/rbac.rs). */
export interface ZtunnelRules {
  readonly namespace: string
  readonly name: string
  /** `Global`, `Namespace`, `WorkloadSelector`. */
  readonly scope: string
  /** `Allow` or `Deny`. */
  readonly action: string
  readonly rules: Json
}

export interface ZtunnelWorkload {
  readonly namespace: string
  readonly name: string
  readonly addresses: readonly string[]
  /** `HBONE`: it takes mTLS tunnels. `TCP`: it takes what comes. */
  readonly protocol: string
  /** `spiffe://…`, which its certificate must have. */
  readonly identity?: string
  readonly node?: string
  /** `namespace/name` of the policies in force there, those that istiod makes of PeerAuthentications among them. */
  readonly policies: readonly string[]
  readonly status?: string
}

/** Undefined where the document is no whole dump of a ztunnel. */
export function readZtunnelConfig(document: Json): ZtunnelConfig | undefined {
  if (!isObject(document) || Array.isArray(document.configs)) return undefined
  const { workloads, policies } = document
  if (workloads === undefined) return undefined
  // Older dumps have an object by address.
  const items = Array.isArray(workloads) ? (workloads as readonly Json[]) : isObject(workloads) ? Object.values(workloads) : []
  return { workloads: items.flatMap(readWorkload), ...(Array.isArray(policies) ? { policies: listOf(policies).flatMap(readPolicy) } : {}) }
}

function readWorkload(item: Json): readonly ZtunnelWorkload[] {
  const namespace = textOf(field(item, 'namespace'))
  const name = textOf(field(item, 'name'))
  if (namespace === undefined || name === undefined) return []
  const account = textOf(field(item, 'serviceAccount'))
  const trustDomain = textOf(field(item, 'trustDomain')) ?? 'cluster.local'
  const node = textOf(field(item, 'node'))
  const status = textOf(field(item, 'status'))
  return [
    {
      namespace,
      name,
      addresses: listOf(field(item, 'workloadIps')).flatMap(each => textOf(each) ?? []),
      protocol: textOf(field(item, 'protocol')) ?? 'TCP',
      ...(account === undefined ? {} : { identity: `spiffe://${trustDomain}/ns/${namespace}/sa/${account}` }),
      ...(node === undefined ? {} : { node }),
      policies: listOf(field(item, 'authorizationPolicies')).flatMap(each => textOf(each) ?? []),
      ...(status === undefined ? {} : { status }),
    },
  ]
}

/** Dry runs are only logged. */
function readPolicy(item: Json): readonly ZtunnelRules[] {
  const [namespace, name, scope, action] = ['namespace', 'name', 'scope', 'action'].map(key => textOf(field(item, key)))
  if (namespace === undefined || name === undefined || field(item, 'dryRun') === true) return []
  return [{ namespace, name, scope: scope ?? '', action: action ?? '', rules: field(item, 'rules') ?? [] }]
}
