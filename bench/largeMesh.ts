// A made-up cluster in the size that is promised: 5,000 policies and 10,000 pods, as plain facts for the naive reference and as a mesh for us.
import { readObject } from '../server/src/core/istio/read.ts'
import type { Kind } from '../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../server/src/core/mesh/build.ts'
import type { Mesh } from '../server/src/core/mesh/mesh.ts'

export interface PlainPolicy {
  readonly name: string
  readonly namespace: string
  /** Absent: every workload of the namespace. */
  readonly app?: string
  readonly action: 'ALLOW' | 'DENY'
  readonly principals: readonly string[]
  readonly methods: readonly string[]
  readonly paths: readonly string[]
  readonly tenants: readonly string[]
}

export interface PlainPod {
  readonly name: string
  readonly namespace: string
  readonly app: string
}

export interface LargeMesh {
  readonly mesh: Mesh
  readonly policies: readonly PlainPolicy[]
  readonly pods: readonly PlainPod[]
  /** In which a DestinationRule turns mTLS off, and a PeerAuthentication asks for it. */
  readonly plaintextApps: readonly string[]
  readonly strictNamespaces: readonly string[]
}

/** The kinds of its objects. */
export const liveKinds: readonly Kind[] = [
  'Pod',
  'Service',
  'ServiceAccount',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'DestinationRule',
]

const namespaces = 40

export function namespaceOf(app: number): string {
  return `team-${app % namespaces}`
}

/** `inOneNamespace`: all policies are in force at each workload of `team-0`. */
export function largeMesh(
  size: { readonly policies: number; readonly pods: number; readonly apps: number },
  inOneNamespace = false,
): LargeMesh {
  const apps = range(size.apps)
  const pods = range(size.pods).map(index => ({
    name: `pod-${index}`,
    namespace: namespaceOf(index % size.apps),
    app: `app-${index % size.apps}`,
  }))
  const policies = range(size.policies).map(index => plainPolicy(index, index % size.apps, inOneNamespace))
  const plaintextApps = apps.filter(app => app % 10 === 1).map(app => `app-${app}`)
  const strictNamespaces = range(namespaces / 2).map(namespaceOf)
  const objects = [
    ...pods.map(podObject),
    ...policies.map(policyObject),
    ...apps.flatMap(app => [serviceObject(app), object('v1', 'ServiceAccount', `app-${app}`, namespaceOf(app))]),
    ...apps.filter(app => app % 10 === 1).map(destinationRule),
    ...strictNamespaces.map(each => object('security.istio.io/v1', 'PeerAuthentication', 'default', each, { mtls: { mode: 'STRICT' } })),
  ]
  const resources = objects.flatMap(each => readObject(each, { from: 'cluster', context: 'bench' }) ?? [])
  const mesh = buildMesh({ files: [], cluster: new ClusterLayer({ objects: resources, complete: () => true }), closedWorld: true })
  return { mesh, policies, pods, plaintextApps, strictNamespaces }
}

function plainPolicy(index: number, app: number, inOneNamespace: boolean): PlainPolicy {
  const namespace = inOneNamespace ? namespaceOf(0) : namespaceOf(app)
  const callers = [index, index + 1, index + 7].map(each => each % 2000)
  return {
    name: `policy-${index}`,
    namespace,
    ...(inOneNamespace ? {} : { app: `app-${app}` }),
    action: index % 10 === 9 ? 'DENY' : 'ALLOW',
    principals: callers.map(each => principalOf(each)),
    methods: ['GET', 'POST'],
    paths: [`/api/${index}/*`, '/health'],
    tenants: [`tenant-${index % 5}`],
  }
}

export function principalOf(app: number): string {
  return `cluster.local/ns/${namespaceOf(app)}/sa/app-${app}`
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index)
}

function object(apiVersion: string, kind: string, name: string, namespace: string, spec?: object): object {
  return { apiVersion, kind, metadata: { name, namespace }, ...(spec ? { spec } : {}) }
}

function podObject({ name, namespace, app }: PlainPod, index: number): object {
  const containers = [{ name: 'app', ports: [{ containerPort: 8080 }] }, { name: 'istio-proxy' }]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { app, 'security.istio.io/tlsMode': 'istio' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: app, controller: true }],
    },
    spec: { serviceAccountName: app, containers },
    status: { phase: 'Running', podIP: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` },
  }
}

function policyObject({ name, namespace, app, action, principals, methods, paths, tenants }: PlainPolicy): object {
  const rule = {
    from: [{ source: { principals } }],
    to: [{ operation: { methods, paths } }],
    when: [{ key: 'request.headers[x-tenant]', values: tenants }],
  }
  const selector = app === undefined ? {} : { selector: { matchLabels: { app } } }
  return object('security.istio.io/v1', 'AuthorizationPolicy', name, namespace, { ...selector, action, rules: [rule] })
}

function serviceObject(app: number): object {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }]
  return object('v1', 'Service', `app-${app}`, namespaceOf(app), { selector: { app: `app-${app}` }, ports })
}

function destinationRule(app: number): object {
  const host = `app-${app}.${namespaceOf(app)}.svc.cluster.local`
  return object('networking.istio.io/v1', 'DestinationRule', `app-${app}`, namespaceOf(app), {
    host,
    trafficPolicy: { tls: { mode: 'DISABLE' } },
  })
}
