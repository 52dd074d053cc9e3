// Whom a rule means by its identity, and the ports where callers come without one.
import { callersOf } from '../../decide/access/callersOf.ts'
import type { Outcome } from '../../decide/access/outcome.ts'
import { openPolicies } from '../../decide/mtls/openModes.ts'
import { effectiveOf, type MtlsMode, modeOfPort } from '../../decide/mtls/server.ts'
import { perMesh } from '../../decide/perMesh.ts'
import { serverPorts } from '../../decide/ports.ts'
import type { AuthorizationPolicy, AuthorizationRule, AuthorizationSource } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import type { Located } from '../../yaml/tree.ts'
import { coveredBy } from './covered.ts'

const fields = ['principals', 'namespaces', 'serviceAccounts', 'trustDomains'] as const
const attributes: readonly string[] = ['source.principal', 'source.namespace', 'source.serviceAccount', 'source.trustDomain']

/** The first value of each place where it names the identity that a caller must have. */
export function identitiesIn(source: AuthorizationSource): readonly Located<string>[] {
  return fields.flatMap(field => firstKnown(source[field]) ?? [])
}

/** A value that every caller the rule matches is compared with; undefined where it can match without an identity. */
export function identityNeeded({ from, when }: AuthorizationRule): Located<string> | undefined {
  const conditions = when.filter(({ key }) => attributes.includes(key.value))
  const named = from.map(source => identitiesIn(source)[0])
  const everySource = named.every(each => each !== undefined) ? named[0] : undefined
  return everySource ?? conditions.map(({ values }) => firstKnown(values)).find(each => each !== undefined)
}

function firstKnown(values: readonly Located<string>[]): Located<string> | undefined {
  return values.find(({ value }) => !isPlaceholder(value))
}

/** The ports a rule names; empty: all, or others than these. Undefined where something else fills one in later. */
export function portsOf({ to }: AuthorizationRule): readonly number[] | undefined {
  const named = to.some(({ ports }) => ports.length === 0) ? [] : to.flatMap(({ ports }) => ports.map(({ value }) => Number(value)))
  return named.every(Number.isInteger) ? named : undefined
}

/** Whether the rule is certainly for this port too. */
export function isForPort({ to, when }: AuthorizationRule, port: number): boolean {
  const holds = (values: readonly Located<string>[], notValues: readonly Located<string>[]) =>
    (values.length === 0 || values.some(({ value }) => value === String(port))) &&
    notValues.every(({ value }) => value !== String(port) && !isPlaceholder(value))
  const ofOperations = to.length === 0 || to.some(({ ports, notPorts }) => holds(ports, notPorts))
  const conditions = when.filter(({ key }) => key.value === 'destination.port')
  return ofOperations && conditions.every(({ values, notValues }) => holds(values, notValues))
}

/** The workloads of a policy that certainly take plaintext, at some port at least. */
export function takingPlaintext(policy: AuthorizationPolicy, mesh: Mesh): readonly Workload[] {
  return withMode(policy, mesh, mode => mode !== 'STRICT')
}

/** The workloads of a policy at some port of which mTLS is certainly switched off. ztunnel always speaks it. */
export function withoutMtls(policy: AuthorizationPolicy, mesh: Mesh): readonly Workload[] {
  return withMode(policy, mesh, mode => mode === 'DISABLE').filter(({ proxy }) => proxy === 'sidecar')
}

function withMode(policy: AuthorizationPolicy, mesh: Mesh, isMeant: (mode: MtlsMode) => boolean): readonly Workload[] {
  return coveredBy(policy, mesh).filter(workload => {
    if (!hasKnownModes(workload, mesh)) return false
    const modes = effectiveOf(mesh, workload)
    return isMeant(modes.mode) || modes.ports.some(({ mode }) => isMeant(mode))
  })
}

function hasKnownModes(workload: Workload, mesh: Mesh): boolean {
  if (workload.proxy !== 'sidecar' && workload.proxy !== 'ztunnel') return false
  return arePoliciesKnown(workload.namespace, mesh) && effectiveOf(mesh, workload).undecided.length === 0
}

function arePoliciesKnown(namespace: string, mesh: Mesh): boolean {
  const isKnown = known(mesh).get(namespace) ?? [namespace, mesh.settings.rootNamespace].every(each => isListed(each, mesh))
  known(mesh).set(namespace, isKnown)
  return isKnown
}

const known = perMesh(() => new Map<string, boolean>())

function isListed(namespace: string, mesh: Mesh): boolean {
  return mesh.complete('PeerAuthentication', namespace) && openPolicies(mesh, namespace).length === 0
}

/** Whether no port that the rule is for speaks mTLS. */
export function isWithoutMtls(rule: AuthorizationRule, workload: Workload, mesh: Mesh): boolean {
  if (workload.proxy !== 'sidecar') return false
  const modes = effectiveOf(mesh, workload)
  const ports = portsOf(rule)
  if (!ports) return false
  const decided = ports.length > 0 ? ports.map(port => modeOfPort(modes, port)) : [modes, ...modes.ports]
  return decided.every(({ mode }) => mode === 'DISABLE')
}

/** Where plaintext arrives, and what becomes of it. */
export interface PlaintextPort {
  readonly workload: Workload
  readonly port: number
  readonly outcome: Outcome
}

/** Of the first workloads only: who covers thousands is told of one. */
const mostLookedAt = 20

/** The first port a rule is for at which `isMeant` says of what becomes of plaintext that it is meant. */
export function plaintextPort(
  rule: AuthorizationRule,
  workloads: readonly Workload[],
  mesh: Mesh,
  isMeant: (outcome: Outcome, workload: Workload) => boolean,
): PlaintextPort | undefined {
  for (const workload of workloads.slice(0, mostLookedAt)) {
    for (const { port } of serverPorts(workload, mesh)) {
      if (!isForPort(rule, port) || modeOfPort(effectiveOf(mesh, workload), port).mode === 'STRICT') continue
      const outcome = ofPlaintext(mesh, workload, port)
      if (isMeant(outcome, workload)) return { workload, port, outcome }
    }
  }
  return undefined
}

function ofPlaintext(mesh: Mesh, workload: Workload, port: number): Outcome {
  const ports = outcomes(mesh).get(workload) ?? new Map<number, Outcome>()
  outcomes(mesh).set(workload, ports)
  const outcome = ports.get(port) ?? callersOf(mesh, workload, port).plaintext.outcome
  ports.set(port, outcome)
  return outcome
}

/** Many rules ask of the same few ports. */
const outcomes = perMesh(() => new WeakMap<Workload, Map<number, Outcome>>())
