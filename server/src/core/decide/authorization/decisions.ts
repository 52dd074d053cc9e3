// Decisions that outlive the mesh they were made in: after a change of policies only those are made again that it touches.
import type { AuthorizationPolicy, JwtRule, Kind, PeerAuthentication } from '../../istio/resources.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { policiesInForce, policiesWithoutForce } from '../ambient/inForce.ts'
import { selectedBy } from '../ambient/selected.ts'
import { authorize } from './authorize.ts'
import type { Connection, Destination } from './connection.ts'
import type { Decision } from './decision.ts'
import { inForceAt } from './inForce.ts'

interface Made {
  readonly decision: Decision
  readonly policies: readonly Policies[]
}

/** What of the policies a decision hangs on: the objects themselves, and what of them is not known. */
type Policies = AuthorizationPolicy | JwtRule | PeerAuthentication | string

const mostKept = 10_000

/** Belongs to whoever asks the same questions of one mesh after the other. */
export class Decisions {
  private readonly decide: typeof authorize
  private readonly made = new Map<string, Made>()
  private mesh: Mesh | undefined

  constructor(decide = authorize) {
    this.decide = decide
  }

  /** `authorize`, or what it answered before. */
  authorize(connection: Connection, mesh: Mesh): Decision {
    if (this.mesh && !differInPoliciesOnly(this.mesh, mesh)) this.made.clear()
    this.mesh = mesh
    const key = keyOf(connection)
    const policies = policiesAt(connection.to, mesh)
    const before = this.made.get(key)
    if (before && areSame(before.policies, policies)) return before.decision
    const decision = this.decide(connection, mesh)
    if (this.made.size >= mostKept) this.made.clear()
    if (connection.to.workload.name !== '') this.made.set(key, { decision, policies })
    return decision
  }
}

/** A workload is what its name says as long as only policies change. */
function keyOf({ to, ...connection }: Connection): string {
  const { namespace, ownerKind, name } = to.workload
  return JSON.stringify({ ...connection, to: { ...to, workload: [namespace, ownerKind, name] } })
}

function policiesAt(to: Destination, mesh: Mesh): readonly Policies[] {
  const { workload } = to
  const selected = selectedBy(workload.labels)
  const peers = [...new Set([workload.namespace, mesh.settings.rootNamespace])]
    .flatMap(namespace => mesh.in('PeerAuthentication', namespace))
    .filter(({ selector }) => selected(selector) !== 'no')
  if (workload.proxy !== 'ztunnel') {
    const { policies, jwtRules, missing, missingJwtRules } = inForceAt(to, mesh)
    return [...peers, ...policies, ...jwtRules, ...missing, ...missingJwtRules]
  }
  const inForce = policiesInForce(workload, mesh).flatMap(({ publication, missing = '' }) => [publication.policy, missing])
  return [...peers, ...inForce, ...policiesWithoutForce(workload, mesh).map(({ policy }) => policy)]
}

/** Kinds of which a decision sees only what is at its workload; of all others any change may matter. */
const policyKinds: Readonly<Record<Kind, boolean>> = {
  AuthorizationPolicy: true,
  PeerAuthentication: true,
  RequestAuthentication: true,
  CustomResourceDefinition: false,
  DestinationRule: false,
  EndpointSlice: false,
  EnvoyFilter: false,
  Gateway: false,
  GatewayClass: false,
  InjectionWebhook: false,
  IstioGateway: false,
  MeshConfig: false,
  Namespace: false,
  Pod: false,
  Secret: false,
  Service: false,
  ServiceAccount: false,
  ServiceEntry: false,
  Sidecar: false,
  Snapshot: false,
  Telemetry: false,
  VirtualService: false,
  WasmPlugin: false,
  WorkloadEntry: false,
  WorkloadGroup: false,
  WorkloadOwner: false,
}

function differInPoliciesOnly(before: Mesh, now: Mesh): boolean {
  if (before === now) return true
  if (JSON.stringify(before.settings) !== JSON.stringify(now.settings)) return false
  const places = [undefined, ...before.namespaces, ...now.namespaces]
  return Object.entries(policyKinds).every(([each, isPolicy]) => {
    const kind = each as Kind
    const isKnownAlike = places.every(namespace => before.complete(kind, namespace) === now.complete(kind, namespace))
    return isKnownAlike && (isPolicy || areSame(before.all(kind), now.all(kind)))
  })
}

function areSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one === other || (one.length === other.length && one.every((each, index) => each === other[index]))
}
