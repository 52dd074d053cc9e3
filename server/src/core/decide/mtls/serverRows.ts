// What each port of each workload accepts.
import { selects } from '../../istio/selector.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { type AmbientMtls, ambientMtls, plaintextAt } from '../ambient/peerAuthentication.ts'
import { perMesh } from '../perMesh.ts'
import { takesInbound } from './captured.ts'
import { servedBy } from './endpoints.ts'
import { type Instance, instances, nameOf } from './instances.ts'
import { type MtlsMode, modeAt } from './server.ts'
import { sidecarOf } from './visibleHosts.ts'

/** Who keeps the mode; `unknown` where injection has not decided yet. */
export type MtlsEnforcer = 'sidecar' | 'ztunnel' | 'none' | 'unknown'

export interface ServerRow {
  /** `shop/checkout-1`. */
  readonly workload: string
  /** Of the container; 0: every port that has no row of its own. */
  readonly port: number
  readonly mode: MtlsMode
  /** `shop/default`; null: Istio's default. */
  readonly policy: string | null
  readonly plaintext: 'accepted' | 'refused' | 'unknown'
  readonly enforcer: MtlsEnforcer
}

/** A row for every port that the workload, a Service or a policy names, then one with port 0 for all others. */
export function serverRows(mesh: Mesh, of: readonly Instance[] = instances(mesh)): readonly ServerRow[] {
  const ordered = of.toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name))
  return ordered.flatMap(instance => [...portsOf(mesh, instance), 0].map(port => serverRow(mesh, instance, port)))
}

export function serverRow(mesh: Mesh, instance: Instance, port: number): ServerRow {
  const { mode, policy } = modeAt(mesh, instance, port)
  const enforcer = enforcerAt(instance, port)
  return {
    workload: nameOf(instance),
    port,
    mode,
    policy: policy ? nameOf(policy) : null,
    plaintext: plaintextOf(mesh, instance, port, mode, enforcer),
    enforcer,
  }
}

/** A gateway's own servers decide what it takes; policies for peers say nothing of them. */
export function enforcerAt(instance: Instance, port: number): MtlsEnforcer {
  switch (instance.proxy) {
    case 'sidecar':
      return takesInbound(instance, port) ? 'sidecar' : 'none'
    case 'ztunnel':
    case 'unknown':
      return instance.proxy
    case 'gateway':
    case 'waypoint':
    case 'none':
      return 'none'
    default:
      return instance.proxy satisfies never
  }
}

function plaintextOf(mesh: Mesh, instance: Instance, port: number, mode: MtlsMode, enforcer: MtlsEnforcer): ServerRow['plaintext'] {
  switch (enforcer) {
    case 'sidecar':
      return mode === 'STRICT' ? 'refused' : 'accepted'
    case 'ztunnel':
      return plaintextAt(convertedFor(mesh, instance), port).is
    case 'unknown':
      return mode === 'STRICT' ? 'unknown' : 'accepted'
    case 'none':
      return 'accepted'
    default:
      return enforcer satisfies never
  }
}

function convertedFor(mesh: Mesh, instance: Instance): readonly AmbientMtls[] {
  const known = converted(mesh).get(instance) ?? ambientMtls(mesh, instance)
  converted(mesh).set(instance, known)
  return known
}

const converted = perMesh(() => new WeakMap<Instance, readonly AmbientMtls[]>())

function portsOf(mesh: Mesh, instance: Instance): readonly number[] {
  const named = [
    ...instance.ports.filter(({ protocol }) => protocol !== 'UDP').map(({ port }) => port),
    ...servedBy(mesh, instance).flatMap(({ endpoint: { servicePort, port } }) => [servicePort, port]),
    ...portsOfPolicies(mesh, instance),
    ...(instance.proxy === 'sidecar' ? (sidecarOf(mesh, instance)?.ingress ?? []).map(({ port }) => port) : []),
  ]
  return [...new Set(named)].filter(port => port !== 0).toSorted((a, b) => a - b)
}

function portsOfPolicies(mesh: Mesh, { namespace, labels }: Instance): readonly number[] {
  const namespaces = new Set([namespace, mesh.settings.rootNamespace])
  return [...namespaces]
    .flatMap(each => mesh.in('PeerAuthentication', each))
    .filter(({ portLevelMtls, selector }) => portLevelMtls.length > 0 && selects(selector, labels))
    .flatMap(({ portLevelMtls }) => portLevelMtls.map(({ port }) => port.value))
}
