// Parts that several kinds have alike.
import { any, type Field, field, listOf, type ObjectSchema, object, string } from './schema.ts'

export const selector = field(
  object('a selector', {
    matchLabels: field(
      { type: 'map', keys: 'label', values: string },
      'Pods with **all** of these labels, in the namespace of the policy. Left out, the policy covers the whole namespace.',
    ),
  }),
  'Which workloads the policy applies to. Without it: the whole namespace, or in the root namespace the whole mesh.',
)

const targetRef = object('a target', {
  group: field(string, 'API group of the target: `gateway.networking.k8s.io`, or empty for a Service.'),
  kind: field(string, '`Gateway`, `GatewayClass`, `Service` or `ServiceEntry`.'),
  name: field(string, 'Name of the target, in the namespace of the policy.'),
  namespace: field(string, 'Must stay empty: a policy cannot reach into another namespace.'),
})

export const targetRefs: Readonly<Record<'targetRef' | 'targetRefs', Field>> = {
  targetRefs: field(
    listOf(targetRef),
    'Attaches the policy to gateways, waypoints or Services instead of pods. Sidecars ignore policies with targets.',
  ),
  targetRef: field(targetRef, 'The single form of `targetRefs`; ignored where `targetRefs` is not empty.'),
}

/** The frame around every kind: what is below `spec` differs. */
export function kind(name: string, spec: ObjectSchema): ObjectSchema {
  return object(name, {
    apiVersion: field(string, 'API group and version.'),
    kind: field(string, 'Kind of the object.'),
    metadata: field(any, 'Name, namespace, labels and annotations. The namespace decides which workloads the policy can reach.'),
    spec: field(spec, 'What the policy says.'),
    status: field(any, 'Written by the control plane.'),
  })
}
