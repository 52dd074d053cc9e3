// Who can call a workload: every identity of the mesh, any other one, and whoever has none. Derived from the policies, not by trying requests.
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { supposedComplete } from '../authorization/asFarAsKnown.ts'
import type { Destination } from '../authorization/connection.ts'
import type { Enforcer } from '../authorization/decision.ts'
import { inForceAt } from '../authorization/inForce.ts'
import { perMesh } from '../perMesh.ts'
import { across } from './across.ts'
import { withKnownCallers } from './asFarAsKnown.ts'
import type { Callers } from './callers.ts'
import { type Door, doorAt, handshakesAt } from './door.ts'
import { callersIn, type Identity } from './identities.ts'
import { IdentityIndex } from './identitySet.ts'
import { namedAt } from './named.ts'
import type { Outcome } from './outcome.ts'
import { type Lookup, lookupIn } from './outcomes.ts'
import { placesAt } from './place.ts'
import { type ThroughWaypoint, throughWaypoints } from './throughWaypoint.ts'
import { listed, nobody, type Who } from './who.ts'

export interface Access extends Callers {
  readonly to: { readonly workload: Workload; readonly port?: number }
  readonly enforcer: Enforcer
  /** What calls to its Services pass before; they reach the workload with the identity of the waypoint. */
  readonly waypoints: readonly ThroughWaypoint[]
}

/** Without a port: of all that the workload is known to have, with conditions on the port where it decides. Never throws. */
export function callersOf(mesh: Mesh, workload: Workload, port?: number): Access {
  const of = (world: Mesh) => answer(world, workload, port)
  return withKnownCallers(of(mesh), () => of(supposedComplete(mesh)))
}

function answer(mesh: Mesh, workload: Workload, port: number | undefined): Access {
  return {
    ...callersAt(mesh, workload, port),
    to: { workload, ...(port === undefined ? {} : { port }) },
    enforcer: enforcerOf(workload),
    waypoints: throughWaypoints(mesh, workload, port, callersAt),
  }
}

export function enforcerOf({ proxy }: Workload): Enforcer {
  return proxy === 'unknown' ? 'none' : proxy
}

/** At a waypoint the Service that is called says which policies count; its ports are those of the Service. */
function callersAt(mesh: Mesh, workload: Workload, port: number | undefined, service?: Destination['service']): Callers {
  const places = placesAt(workload, port, service, mesh, to => handshakesAt(to, mesh))
  const named = places[0] ? namedAt(places[0].to, mesh) : []
  const lookup = lookupFor(mesh, named)
  const doors = places.map(place => ({ ports: place.ports ?? [], door: doorAt(place, lookup, mesh) }))
  const outcome = atAll(doors)
  const { identities, plaintext } = callersIn(mesh)
  const all = named.length === 0 ? [...identities.values()] : [...identities.values(), ...named].toSorted(byPrincipal)
  const { trustDomain, foreignTrustDomains } = mesh.settings
  return {
    callers: all.map(identity => ({ identity, outcome: outcome(listed, identity) })),
    others: outcome(lookup.unlisted(trustDomain)),
    foreign: foreignTrustDomains.map(each => ({ trustDomain: each, outcome: outcome(lookup.unlisted(each)) })),
    plaintext: { workloads: plaintext, outcome: outcome(nobody) },
    checksTokens:
      workload.proxy !== 'ztunnel' && places.some(({ to, speaks }) => speaks !== 'tcp' && inForceAt(to, mesh).jwtRules.length > 0),
  }
}

function byPrincipal(a: Identity, b: Identity): number {
  return compare(a.principal, b.principal)
}

const indexIn = perMesh(mesh => new IdentityIndex([...callersIn(mesh).identities.values()]))
const lookupOfMesh = perMesh(mesh => lookupIn(indexIn(mesh)))

function lookupFor(mesh: Mesh, named: readonly Identity[]): Lookup {
  return named.length === 0 ? lookupOfMesh(mesh) : lookupIn(indexIn(mesh), new IdentityIndex(named))
}

/** Callers that get the same at each kind of ports share one outcome. */
function atAll(doors: readonly { readonly ports: readonly number[]; readonly door: Door }[]): (who: Who, identity?: Identity) => Outcome {
  const [only] = doors
  if (only && doors.length === 1) return only.door
  const made = new Map<Outcome, Map<string, Outcome>>()
  const numbers = new Map<Outcome, number>()
  const numberOf = (outcome: Outcome) => {
    const number = numbers.get(outcome) ?? numbers.size
    numbers.set(outcome, number)
    return number
  }
  return (who, identity) => {
    const kinds = doors.map(({ ports, door }) => ({ ports, outcome: door(who, identity) }))
    const [first, ...rest] = kinds.map(({ outcome }) => outcome)
    if (!first) return across(kinds)
    const alike = made.get(first) ?? new Map<string, Outcome>()
    made.set(first, alike)
    const key = rest.map(numberOf).join()
    const outcome = alike.get(key) ?? across(kinds)
    alike.set(key, outcome)
    return outcome
  }
}
