// What a port does with callers of every kind: the handshake first, then the policies of the proxy in front of it.
import type { Mesh } from '../../mesh/mesh.ts'
import { ambientMtls, deniedBy } from '../ambient/peerAuthentication.ts'
import type { AppProtocol } from '../authorization/appProtocol.ts'
import type { Caller, Destination } from '../authorization/connection.ts'
import { type Handshake, handshake } from '../authorization/handshake.ts'
import { refusedInHandshake } from '../authorization/ztunnel.ts'
import { effectiveOf, modeOfPort } from '../mtls/server.ts'
import { envoyGate } from './envoyGate.ts'
import type { Identity } from './identities.ts'
import { type AccessDecider, allowed, denied, type Outcome, outcomeKey, undecided } from './outcome.ts'
import { type Lookup, type Outcomes, outcomesAt } from './outcomes.ts'
import type { Place } from './place.ts'
import { nobody, type Who } from './who.ts'
import { ztunnelGate } from './ztunnelGate.ts'

/** What a caller gets. Of `listed` the identity says who it is. */
export type Door = (who: Who, identity?: Identity) => Outcome

export function doorAt(place: Place, lookup: Lookup, mesh: Mesh): Door {
  const { workload } = place.to
  const name = `${workload.namespace}/${workload.name}`
  switch (workload.proxy) {
    case 'sidecar':
    case 'gateway':
    case 'waypoint':
      return envoyDoor(place, lookup, mesh)
    case 'ztunnel':
      return ztunnelDoor(place, lookup, mesh)
    case 'none':
      return always(allowed(`${name} has no proxy, so nothing enforces policies there.`))
    case 'unknown':
      return always(undecided([`whether ${name} has a proxy`]))
    default:
      return workload.proxy satisfies never
  }
}

/** The same text for ports at which the handshake ends alike. */
export function handshakesAt(to: Destination, mesh: Mesh): string {
  switch (to.workload.proxy) {
    case 'sidecar':
    case 'gateway':
    case 'waypoint': {
      const ends = [anybodyOf(mesh.settings.trustDomain), plaintext].map(caller => handshake({ caller, to }, mesh))
      return [...ends.map(endOf), ...ends.flatMap(end => deciderOf(end, to, mesh)).map(each => JSON.stringify(Object.keys(each)))].join()
    }
    case 'ztunnel': {
      const { denies, key } = deniedBy(ambientMtls(mesh, to.workload), { identity: 'none', port: to.port })
      return `${denies.is} ${key}`
    }
    default:
      return ''
  }
}

function endOf(end: Handshake): string {
  if (end.is !== 'done') return end.is
  return 'missing' in end.identity ? 'identity not known' : `identity ${end.identity.values.length} ${end.missing.join()}`
}

function always(outcome: Outcome): Door {
  return () => outcome
}

const plaintext: Caller = { plaintext: true }

function anybodyOf(trustDomain: string): Caller {
  return { identity: { match: 'exact', trustDomain, namespace: 'a', serviceAccount: 'a' } }
}

/** Undefined: nobody's. */
function trustDomainOf(who: Who, identity: Identity | undefined): string | undefined {
  switch (who.is) {
    case 'listed':
      return identity?.trustDomain
    case 'identity':
      return who.identity.trustDomain
    case 'unlisted':
      return who.trustDomain
    case 'nobody':
      return undefined
    default:
      return who satisfies never
  }
}

function envoyDoor(place: Place, lookup: Lookup, mesh: Mesh): Door {
  const shaken = remembered((trustDomain: string | undefined) =>
    handshake({ caller: trustDomain === undefined ? plaintext : anybodyOf(trustDomain), to: place.to }, mesh),
  )
  const ofPolicies = remembered((_key: string, who: Who, missing: readonly string[]): Outcomes => {
    const outcomes = protocolsOf[place.speaks].map(protocols => outcomesAt(envoyGate(place, protocols, who, mesh), lookup, missing))
    return identity =>
      either(
        outcomes.map(each => each(identity)),
        place,
      )
  })
  const policies = (who: Who, missing: readonly string[], identity: Identity | undefined) =>
    ofPolicies(`${keyOf(who)} ${missing.join()}`, who, missing)(identity)
  return (who, identity) => {
    const end = shaken(trustDomainOf(who, identity))
    if (end.is === 'not captured') return allowed(end.because)
    if (end.is === 'refused') return denied(deciderOf(end, place.to, mesh), end.because)
    if (!('missing' in end.identity)) return policies(end.identity.values.length > 0 ? who : nobody, end.missing, identity)
    const outcomes = [policies(who, [], identity), policies(nobody, [], identity)]
    return outcomes.every(({ decision }) => decision === 'deny') && outcomes[0] ? outcomes[0] : undecided(end.missing)
  }
}

const protocolsOf: Readonly<Record<AppProtocol, readonly (readonly ('http' | 'tcp')[])[]>> = {
  http: [['http']],
  tcp: [['tcp']],
  sniffed: [['http', 'tcp']],
  unknown: [['http'], ['tcp']],
}

/** Where it is not known what the port is declared to speak: what all ways lead to. */
function either(outcomes: readonly Outcome[], { to: { port }, isPortGiven }: Place): Outcome {
  const [first, ...others] = outcomes
  if (first && others.every(each => outcomeKey(each) === outcomeKey(first))) return first
  if (first && outcomes.every(({ decision }) => decision === 'deny')) return first
  return undecided([isPortGiven ? `what port ${port} is declared to speak` : 'what its ports are declared to speak'])
}

/** Plaintext is refused by the PeerAuthentication that sets STRICT, or by Istio's default where none does. */
function deciderOf(end: Handshake, { workload, port }: Destination, mesh: Mesh): readonly AccessDecider[] {
  if (end.is !== 'refused' || end.layer !== 'peerauthentication') return []
  const { policy } = modeOfPort(effectiveOf(mesh, workload), port)
  return policy ? [{ peerAuthentication: policy }] : []
}

function ztunnelDoor(place: Place, lookup: Lookup, mesh: Mesh): Door {
  const ofPolicies = remembered((_key: string, who: Who) => outcomesAt(ztunnelGate(place, who, mesh), lookup))
  const refused = remembered((trustDomain: string | undefined) =>
    refusedInHandshake(trustDomain === undefined ? plaintext : anybodyOf(trustDomain), mesh),
  )
  return (who, identity) => {
    const because = refused(trustDomainOf(who, identity))
    if (because !== undefined) return denied([], because)
    return withSource(ofPolicies(keyOf(who), who)(identity), place.to, mesh)
  }
}

/** What istiod publishes for a PeerAuthentication is decided by that. */
function withSource(outcome: Outcome, { workload, port }: Destination, mesh: Mesh): Outcome {
  const [first] = outcome.by
  const isMtls = outcome.decision === 'deny' && first !== undefined && 'published' in first
  const { policy } = isMtls ? modeOfPort(effectiveOf(mesh, workload), port) : {}
  return policy ? { ...outcome, by: [{ peerAuthentication: policy }, ...outcome.by] } : outcome
}

function keyOf(who: Who): string {
  switch (who.is) {
    case 'identity':
      return `identity ${who.identity.principal}`
    case 'unlisted':
      return `unlisted ${who.trustDomain}`
    case 'listed':
    case 'nobody':
      return who.is
    default:
      return who satisfies never
  }
}

/** Made once for each first argument. */
function remembered<K, Rest extends readonly unknown[], T>(make: (key: K, ...rest: Rest) => T): (key: K, ...rest: Rest) => T {
  const known = new Map<K, { readonly value: T }>()
  return (key, ...rest) => {
    const found = known.get(key) ?? { value: make(key, ...rest) }
    known.set(key, found)
    return found.value
  }
}
