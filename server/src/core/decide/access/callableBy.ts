// What a workload can call: every workload of the mesh, with what its proxy says to the caller's identity.
import { formatPrincipal } from '../../istio/values/principal.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { supposedComplete } from '../authorization/asFarAsKnown.ts'
import type { Enforcer } from '../authorization/decision.ts'
import { isPlaintextFromAmbient } from '../mtls/tunnel.ts'
import { across } from './across.ts'
import { withKnownTargets } from './asFarAsKnown.ts'
import { enforcerOf } from './callersOf.ts'
import { doorAt, handshakesAt } from './door.ts'
import { type Identity, identityOf } from './identities.ts'
import { type Outcome, outcomeKey, undecided } from './outcome.ts'
import { lookupIn } from './outcomes.ts'
import { placesAt } from './place.ts'
import { nobody, type Who } from './who.ts'

export interface Callable {
  readonly from: {
    readonly workload: Workload
    /** Absent: it has no proxy, and so calls in plaintext; or its account is not known. */
    readonly identity?: Identity
  }
  /** By name. */
  readonly targets: readonly Target[]
}

export interface Target {
  readonly workload: Workload
  readonly enforcer: Enforcer
  readonly outcome: Outcome
}

/** Of every port that the targets are known to have, with conditions on the port where it decides. Never throws. */
export function callableBy(mesh: Mesh, workload: Workload): Callable {
  return withKnownTargets(answer(mesh, workload), () => answer(supposedComplete(mesh), workload))
}

function answer(mesh: Mesh, workload: Workload): Callable {
  const identity = identityIn(mesh, workload)
  const callers = callersFrom(workload, identity)
  const targets = mesh.workloads.map(target => ({
    workload: target,
    enforcer: enforcerOf(target),
    outcome: agreed(
      (isPlaintextFromAmbient(workload, target) ? [nobody] : callers).map(who => outcomeAt(mesh, target, who)),
      workload,
    ),
  }))
  return {
    from: { workload, ...(identity && workload.proxy !== 'none' ? { identity } : {}) },
    targets: targets.toSorted((a, b) => compare(a.workload.namespace, b.workload.namespace) || compare(a.workload.name, b.workload.name)),
  }
}

function identityIn(mesh: Mesh, { namespace, serviceAccount }: Workload): Identity | undefined {
  return identityOf(formatPrincipal({ trustDomain: mesh.settings.trustDomain, namespace, serviceAccount }))
}

/** Where it is not known whether it has a proxy, it may be either; empty where nothing is known of it. */
function callersFrom({ proxy }: Workload, identity: Identity | undefined): readonly Who[] {
  if (proxy === 'none') return [nobody]
  const known: readonly Who[] = identity ? [{ is: 'identity', identity }] : []
  return proxy === 'unknown' ? [...known, nobody] : known
}

function agreed(outcomes: readonly Outcome[], { namespace, name }: Workload): Outcome {
  const [first, ...others] = outcomes
  if (!first) return undecided([`the service account of ${namespace}/${name}`])
  return others.every(each => outcomeKey(each) === outcomeKey(first)) ? first : undecided([`whether ${namespace}/${name} has a proxy`])
}

function outcomeAt(mesh: Mesh, target: Workload, who: Who): Outcome {
  const places = placesAt(target, undefined, undefined, mesh, to => handshakesAt(to, mesh))
  return across(places.map(place => ({ ports: place.ports ?? [], outcome: doorAt(place, lookupIn(), mesh)(who) })))
}
