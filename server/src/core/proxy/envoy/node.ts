// Who a proxy is, as it told its control plane. Shapes: envoy/api: config/bootstrap/v3, config/core/v3/base.proto (Node);
// the metadata is Istio's: istio/istio:pkg/model/proxy.go (NodeMetadata).
import { field, isObject, type Json, objectOf, textOf } from '../json.ts'

export interface EnvoyNode {
  /** Of Istio: sidecar, gateway (`router`), waypoint. */
  readonly role: 'sidecar' | 'gateway' | 'waypoint' | 'other'
  readonly namespace?: string
  readonly name?: string
  readonly serviceAccount?: string
  readonly labels: Readonly<Record<string, string>>
  readonly addresses: readonly string[]
  /** The mesh's trust domain, unless its operator gave the mesh another id. */
  readonly meshId?: string
  /** `1.30.1`; absent where the proxy does not know. */
  readonly istioVersion?: string
  /** `REDIRECT`, `TPROXY`, `NONE`: whether inbound connections come to the listener of port 15006. */
  readonly interception?: string
}

const roles: ReadonlyMap<string, EnvoyNode['role']> = new Map([
  ['sidecar', 'sidecar'],
  ['router', 'gateway'],
  ['waypoint', 'waypoint'],
])

/** `sidecar~127.1.0.11~checkout-1.shop~shop.svc.cluster.local`, with its metadata. */
export function readNode(bootstrap: Json | undefined): EnvoyNode | undefined {
  const node = field(bootstrap, 'node')
  const id = textOf(field(node, 'id'))
  if (id === undefined) return undefined
  const metadata = field(node, 'metadata')
  const [kind = '', address, pod = ''] = id.split('~')
  const dot = pod.lastIndexOf('.')
  const told = {
    namespace: own(metadata, 'NAMESPACE') ?? (dot > 0 ? pod.slice(dot + 1) : undefined),
    name: own(metadata, 'NAME') ?? (dot > 0 ? pod.slice(0, dot) : undefined),
    serviceAccount: own(metadata, 'SERVICE_ACCOUNT'),
    meshId: own(metadata, 'MESH_ID'),
    istioVersion: versionOf(own(metadata, 'ISTIO_VERSION')),
    interception: own(metadata, 'INTERCEPTION_MODE'),
  }
  return {
    role: roles.get(kind) ?? 'other',
    labels: labelsOf(isObject(metadata) ? metadata.LABELS : undefined),
    addresses: own(metadata, 'INSTANCE_IPS')?.split(',') ?? (address ? [address] : []),
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
  }
}

/** Istio's metadata is in capitals, so its names are no protobuf names. */
function own(metadata: Json | undefined, name: string): string | undefined {
  return isObject(metadata) && Object.hasOwn(metadata, name) ? textOf(metadata[name]) : undefined
}

function versionOf(text: string | undefined): string | undefined {
  return text !== undefined && /^\d+\.\d+/.test(text) ? text : undefined
}

function labelsOf(value: Json | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(objectOf(value)).flatMap(([key, label]) => (typeof label === 'string' ? [[key, label]] : [])))
}
