// Parts that several kinds have alike.
import { any, type Field, field, listOf, type MapSchema, type ObjectSchema, object, string } from './schema.ts'

/** Labels that select: no wildcards, values as Kubernetes bounds them. */
export const matchLabels: MapSchema = { type: 'map', keys: 'label', values: { type: 'string', maxLength: 63 }, max: 4096 }

/** `selector` of the security kinds, of Telemetry and of ProxyConfig. */
export const workloadSelector = object('a selector', {
  matchLabels: field(
    matchLabels,
    'Pods with **all** of these labels, in the namespace of the policy. Left out, the policy covers the whole namespace.',
    { example: 'matchLabels: { app: checkout }' },
  ),
})

export const selector = field(
  workloadSelector,
  'Which workloads the policy applies to. Without it: the whole namespace, or in the root namespace the whole mesh.',
  { example: 'selector: { matchLabels: { app: checkout } }' },
)

const group = /^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const kindName = /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/

export const policyTargetReference = object('a target', {
  group: field(
    { type: 'string', maxLength: 253, pattern: group },
    'API group of the target: `gateway.networking.k8s.io` for a Gateway, empty for a Service. Left out for a Gateway, the reference is refused.',
    { example: 'group: gateway.networking.k8s.io' },
  ),
  kind: field(
    { type: 'string', minLength: 1, maxLength: 63, pattern: kindName },
    '`Gateway`, `GatewayClass`, `Service` or `ServiceEntry`.',
    {
      example: 'kind: Gateway',
      required: 'both',
    },
  ),
  name: field({ type: 'string', minLength: 1, maxLength: 253 }, 'Name of the target, in the namespace of the policy.', {
    example: 'name: waypoint',
    required: 'both',
  }),
  namespace: field(string, 'Must stay empty: a policy cannot reach into another namespace.'),
})

export const targetRefs: Readonly<Record<'targetRef' | 'targetRefs', Field>> = {
  targetRefs: field(
    listOf(policyTargetReference, { max: 16 }),
    'Attaches the policy to gateways, waypoints or Services instead of pods. Sidecars ignore policies with targets.',
    { example: 'targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: waypoint }]' },
  ),
  targetRef: field(policyTargetReference, 'The single form of `targetRefs`; ignored where `targetRefs` is not empty.', {
    example: 'targetRef: { group: gateway.networking.k8s.io, kind: Gateway, name: waypoint }',
  }),
}

/** Of these a policy may have one. */
export const oneTarget = { fields: ['selector', 'targetRef', 'targetRefs'], refusedBy: 'both' } as const

/** The frame around every kind: what is below `spec` differs. */
export function kind(name: string, spec: ObjectSchema, more: Pick<Field, 'required'> = {}): ObjectSchema {
  return object(name, {
    apiVersion: field(string, 'API group and version.'),
    kind: field(string, 'Kind of the object.'),
    metadata: field(any, 'Name, namespace, labels and annotations. The namespace decides which workloads the policy can reach.'),
    spec: field(spec, 'What the policy says.', more),
    status: field(any, 'Written by the control plane.'),
  })
}
