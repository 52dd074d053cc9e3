// Who may do what: RBAC reduced to what a reader of a mesh meets, with the same additive rules.

export interface User {
  readonly name: string
  readonly token: string
  readonly rules: readonly Rule[]
}

export interface Rule {
  readonly verbs: readonly string[]
  readonly groups: readonly string[]
  /** `*`, or plurals; a subresource is `pods/portforward`. */
  readonly resources: readonly string[]
  /** Absent: in every namespace and at the cluster scope. */
  readonly namespaces?: readonly string[]
  readonly names?: readonly string[]
}

export interface AccessAttributes {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

export function may(user: User, asked: AccessAttributes): boolean {
  return user.rules.some(
    rule =>
      rule.verbs.includes(asked.verb) &&
      rule.groups.includes(asked.group) &&
      rule.resources.includes(asked.resource) &&
      (rule.namespaces === undefined || (asked.namespace !== undefined && rule.namespaces.includes(asked.namespace))) &&
      (rule.names === undefined || (asked.name !== undefined && rule.names.includes(asked.name))),
  )
}

const read = ['get', 'list', 'watch']

const meshKinds: readonly Rule[] = [
  { verbs: read, groups: [''], resources: ['namespaces', 'services', 'serviceaccounts'] },
  { verbs: read, groups: ['security.istio.io'], resources: ['peerauthentications', 'authorizationpolicies', 'requestauthentications'] },
  {
    verbs: read,
    groups: ['networking.istio.io'],
    resources: [
      'destinationrules',
      'gateways',
      'virtualservices',
      'serviceentries',
      'workloadentries',
      'workloadgroups',
      'sidecars',
      'envoyfilters',
    ],
  },
  { verbs: read, groups: ['extensions.istio.io'], resources: ['wasmplugins'] },
  { verbs: read, groups: ['telemetry.istio.io'], resources: ['telemetries'] },
  { verbs: read, groups: ['gateway.networking.k8s.io'], resources: ['gateways', 'gatewayclasses'] },
  { verbs: read, groups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  { verbs: read, groups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'] },
  { verbs: read, groups: ['batch'], resources: ['cronjobs'] },
  { verbs: read, groups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations'] },
  { verbs: read, groups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
]

/** Reads everything that is not a Secret, and the proxies' admin port. */
export const viewerRules: readonly Rule[] = [
  ...meshKinds,
  { verbs: read, groups: [''], resources: ['pods', 'configmaps'] },
  { verbs: read, groups: ['apps'], resources: ['replicasets'] },
  { verbs: read, groups: ['batch'], resources: ['jobs'] },
  // A port-forward over WebSocket needs both: the upgrade is a GET, and since Kubernetes 1.35 `create` is checked as well.
  { verbs: ['get', 'create'], groups: [''], resources: ['pods/portforward'] },
  { verbs: ['get'], groups: [''], resources: ['pods/log'] },
]

/** Reads pods in some namespaces only (not in billing), two ConfigMaps by name, and reaches no proxy. */
export const narrowRules: readonly Rule[] = [
  ...meshKinds,
  { verbs: read, groups: [''], resources: ['pods'], namespaces: ['shop', 'tutorial', 'bookinfo', 'istio-ingress', 'bank'] },
  { verbs: ['get'], groups: [''], resources: ['configmaps'], names: ['istio', 'istio-ca-root-cert'] },
]
