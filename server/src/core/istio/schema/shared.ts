// Parts that several kinds have alike.
import { objectMeta } from './objectMeta.ts'
import { any, type Field, field, listOf, type MapSchema, type ObjectSchema, object, type StringSchema, string } from './schema.ts'

/** Labels that select: no wildcards, values as Kubernetes bounds them. */
export const matchLabels: MapSchema = { type: 'map', keys: 'label', values: { type: 'string', maxLength: 63 }, max: 4096 }

/** `selector` of the security kinds, of Telemetry and of ProxyConfig. */
export const workloadSelector = object('a selector', {
  matchLabels: field(
    matchLabels,
    'Pods with **all** of these labels, exactly: no wildcards. Without a label, all workloads, as if there were no selector.',
    { example: 'matchLabels: { app: checkout }' },
  ),
})

export const selector = field(
  workloadSelector,
  'Which workloads of its namespace the policy applies to, by the labels of their **pods**. Without it: the whole namespace, or in the root namespace the whole mesh.',
  { example: 'selector: { matchLabels: { app: checkout } }' },
)

/** Forms of a group and a kind; what has another form is no target to Istio either. */
export const groupName: StringSchema = {
  type: 'string',
  maxLength: 253,
  pattern: /^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  refusedBy: 'both',
}
export const kindName: StringSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 63,
  pattern: /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/,
  refusedBy: 'both',
}

export const targetNamespace: StringSchema = { type: 'string', value: 'namespace' }

export const policyTargetReference = object('a target', {
  group: field(
    groupName,
    'API group of the target: `gateway.networking.k8s.io` for a Gateway or a GatewayClass, `networking.istio.io` for a ServiceEntry, empty for a Service. A Gateway without its group is refused.',
    { example: 'group: gateway.networking.k8s.io', default: '""' },
  ),
  kind: field(
    kindName,
    '`Gateway` (of the Gateway API, not Istio’s own), `Service`, `ServiceEntry`, or since Istio 1.25 `GatewayClass`: in the root namespace, with the name `istio-waypoint`, it means every waypoint.',
    { example: 'kind: Gateway', required: 'both' },
  ),
  name: field(
    { type: 'string', minLength: 1, maxLength: 253, nonEmpty: true },
    'Name of the target, in the namespace of the policy. A name that does not exist is accepted, and the policy then applies to nothing.',
    { example: 'name: waypoint', required: 'both' },
  ),
  namespace: field(
    targetNamespace,
    'Must stay empty: a policy cannot reach into another namespace, and its own must not be written either.',
    {
      example: 'namespace: ""',
    },
  ),
})

export const targetRefs: Readonly<Record<'targetRef' | 'targetRefs', Field>> = {
  targetRefs: field(
    listOf(policyTargetReference, { max: 16 }),
    'Attaches the policy to gateways, waypoints or Services instead of pods. Sidecars and ztunnel ignore a policy with targets: without a waypoint in between, nothing enforces it. Not together with `selector`.',
    { example: 'targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: waypoint }]' },
  ),
  targetRef: field(policyTargetReference, 'The older form of `targetRefs`, for one target. Not together with it.', {
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
    metadata: field(objectMeta, 'Name, namespace, labels and annotations. The namespace decides which workloads the policy can reach.'),
    spec: field(spec, 'What the policy says.', more),
    status: field(any, 'Written by the control plane.', { readOnly: true }),
  })
}
