// ztunnel's admin interface: one dump with the workloads it knows and the certificates of its node (istio/ztunnel src/admin.rs).
import { X509Certificate } from 'node:crypto'
import type { KubeObject } from '../api/object.ts'
import { istioTag } from '../mesh/objects.ts'
import { isPod, type Pod, takesHbone } from '../mesh/workload.ts'
import type { Admin } from './admin.ts'
import { isAmbient, type Ztunnel } from './proxies.ts'
import { policiesDump, policiesOf } from './ztunnelPolicies.ts'

export function ztunnelAdmin(ztunnel: Ztunnel, objects: readonly KubeObject[]): Admin {
  return (method, url) => {
    if (url.pathname !== '/config_dump') return { status: 404, type: 'text/plain; charset=UTF-8', body: 'Not Found\n' }
    if (method !== 'GET') return { status: 405, type: 'text/plain; charset=UTF-8', body: 'Invalid Method\n' }
    return { status: 200, type: 'application/json', body: JSON.stringify(dump(ztunnel, objects), null, 2) }
  }
}

function dump({ pod, certificates }: Ztunnel, objects: readonly KubeObject[]): object {
  const pods = objects.filter(isPod).filter(({ status }) => status?.podIP)
  return {
    workloads: Object.fromEntries(pods.map(each => [`/${each.status?.podIP}`, workload(each, objects)])),
    services: Object.fromEntries(objects.filter(({ kind }) => kind === 'Service').map(service)),
    policies: policiesDump(objects),
    staticConfig: { workloads: [], policies: [], services: [] },
    version: {
      version: istioTag,
      gitRevision: '0000000000000000000000000000000000000000',
      rustVersion: '1.89.0',
      buildProfile: 'release',
      buildStatus: 'Clean',
    },
    config: {
      adminAddr: '127.0.0.1:15000',
      localNode: pod.spec.nodeName,
      clusterId: 'Kubernetes',
      clusterDomain: 'cluster.local',
      secretTtl: '86400s',
    },
    certificates: certificates.map(({ identity, chain, root }) => ({
      identity,
      state: 'Available',
      // The root is listed by itself, not as the end of the chain.
      certChain: chain.pems.slice(0, -1).map(certificate),
      rootCerts: root.pems.map(certificate),
    })),
    workloadState: {},
  }
}

// The serial number is decimal here, unlike Envoy's hexadecimal.
function certificate(pem: string): object {
  const { serialNumber, validFrom, validTo } = new X509Certificate(pem)
  return {
    pem: Buffer.from(`${pem}\n`).toString('base64'),
    serialNumber: BigInt(`0x${serialNumber}`).toString(),
    validFrom: seconds(validFrom),
    expirationTime: seconds(validTo),
  }
}

const seconds = (time: string): string => `${new Date(time).toISOString().slice(0, 19)}Z`

function workload(pod: Pod, objects: readonly KubeObject[]): object {
  const { name, namespace, labels, uid } = pod.metadata
  return {
    workloadIps: [pod.status?.podIP],
    protocol: isAmbient(pod) || takesHbone(pod) ? 'HBONE' : 'TCP',
    uid: `Kubernetes//Pod/${namespace}/${name}`,
    name,
    namespace,
    trustDomain: 'cluster.local',
    serviceAccount: pod.spec.serviceAccountName,
    workloadName: labels?.app ?? name,
    workloadType: 'deployment',
    canonicalName: labels?.app ?? name,
    canonicalRevision: labels?.version ?? 'latest',
    node: pod.spec.nodeName,
    ...(isAmbient(pod) && { nativeTunnel: true }),
    ...(isAmbient(pod) && { authorizationPolicies: policiesOf(pod, objects) }),
    status: 'Healthy',
    clusterId: 'Kubernetes',
    podUid: uid,
  }
}

function service({ metadata, spec }: KubeObject): readonly [string, object] {
  const { clusterIP, ports } = spec as { clusterIP: string; ports: readonly { port: number; targetPort: number }[] }
  const hostname = `${metadata.name}.${metadata.namespace}.svc.cluster.local`
  const content = {
    name: metadata.name,
    namespace: metadata.namespace,
    hostname,
    vips: [`/${clusterIP}`],
    ports: Object.fromEntries(ports.map(({ port, targetPort }) => [port, targetPort])),
    endpoints: {},
    subjectAltNames: [],
  }
  return [`/${clusterIP}`, content]
}
