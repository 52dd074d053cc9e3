// Where the schemas differ from a judge, each with its reason. An entry that nothing needs any more fails the test.
import type { Fact } from './compareShapes.ts'

export interface Allowed {
  readonly kind: string
  /** The end of the path. */
  readonly path: string
  readonly facts: readonly Fact[]
  /** Only of these judges. */
  readonly judges?: readonly string[]
  readonly reason: string
}

const toldByRule = "the webhook has the same bound: a rule of its own tells both judges' verdict in one finding"
const older = 'the newest release counts: what older CRDs have otherwise is judged where the CRD of the cluster is known'
const others = ['@kubernetes-models/istio']
const noSpec = 'the package lets every kind be without a spec'

export const allowed: readonly Allowed[] = [
  { kind: 'PeerAuthentication', path: '.portLevelMtls', facts: ['min'], reason: toldByRule },
  { kind: 'AuthorizationPolicy', path: '.source.serviceAccounts', facts: ['max'], reason: toldByRule },
  { kind: 'AuthorizationPolicy', path: '.source.serviceAccounts[]', facts: ['max'], reason: toldByRule },
  { kind: 'AuthorizationPolicy', path: '.source.notServiceAccounts', facts: ['max'], reason: toldByRule },
  { kind: 'AuthorizationPolicy', path: '.source.notServiceAccounts[]', facts: ['max'], reason: toldByRule },
  { kind: 'ServiceEntry', path: 'spec.hosts', facts: ['min'], reason: toldByRule },
  { kind: 'ServiceEntry', path: '.ports[].targetPort', facts: ['min', 'max'], reason: toldByRule },
  { kind: 'ServiceEntry', path: 'spec.ports', facts: ['uniqueBy'], reason: toldByRule },
  { kind: 'WorkloadGroup', path: '.httpHeaders[].name', facts: ['pattern'], reason: toldByRule },
  { kind: 'AuthorizationPolicy', path: 'spec.rules', facts: ['max'], judges: ['1.24.6'], reason: older },
  { kind: 'AuthorizationPolicy', path: 'spec.rules[].from', facts: ['max'], judges: ['1.24.6'], reason: older },
  { kind: 'RequestAuthentication', path: '.jwtRules[].issuer', facts: ['required'], judges: ['1.24.6'], reason: older },
  { kind: 'DestinationRule', path: '.warmup.aggression', facts: ['min'], judges: ['1.24.6', '1.27.9'], reason: older },
  { kind: 'ServiceEntry', path: 'spec.resolution', facts: ['words'], judges: ['1.24.6', '1.27.9'], reason: older },
  { kind: 'ServiceEntry', path: 'spec', facts: ['required'], judges: others, reason: noSpec },
  { kind: 'WorkloadEntry', path: 'spec', facts: ['required'], judges: others, reason: noSpec },
  { kind: 'WorkloadGroup', path: 'spec', facts: ['required'], judges: others, reason: noSpec },
]
