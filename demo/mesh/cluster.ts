// All scenarios as one cluster: adds what Kubernetes and istiod add by themselves (ids, times, addresses, status, endpoints, root certificates).
import type { KubeObject } from '../api/object.ts'
import { bank } from './bank.ts'
import { billing } from './billing.ts'
import { bookinfo } from './bookinfo.ts'
import { definitions } from './definitions.ts'
import { istioSystem } from './istioSystem.ts'
import { configMap } from './objects.ts'
import { shop } from './shop.ts'
import { tutorial } from './tutorial.ts'
import { isPod, type Pod, type PodStatus, uidOf } from './workload.ts'

const hour = 3_600_000

/** The node and the address of the n-th pod. */
export const nodeOf = (turn: number): string => (turn % 2 === 0 ? 'demo-worker' : 'demo-worker2')
export const addressOf = (turn: number): string => `10.244.${1 + (turn % 2)}.${10 + Math.floor(turn / 2)}`

const hostOf = (node: string | undefined): string => (node === nodeOf(0) ? '10.0.0.11' : '10.0.0.12')

/** Every object of the demo cluster at its start. Policies are 20 days old, pods one to three days, older than their certificates. */
export function buildCluster(now: Date, rootCertificate: string): readonly KubeObject[] {
  const written = [...definitions, ...istioSystem, ...shop, ...tutorial, ...bookinfo, ...bank, ...billing]
  const namespaces = written.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const roots = namespaces.map(name => rootConfigMap(name, rootCertificate))
  const born = (object: KubeObject, index: number) =>
    isPod(object) ? new Date(now.getTime() - (30 + 5 * (index % 9)) * hour) : new Date(now.getTime() - 20 * 24 * hour)
  const objects = [...unique(written), ...roots].map((object, index) => stamp(object, born(object, index)))
  const addressed = withGatewayAddresses(withServiceAddresses(withPods(objects)))
  return [...addressed, ...addressed.filter(({ kind }) => kind === 'Service').map(service => endpointSlice(service, addressed))]
}

/** A pod as the kubelet reports it: on a node, with an address, running and ready unless `phase` says otherwise. */
export function placed(
  pod: Pod,
  place: { readonly address: string; readonly node: string; readonly phase?: 'Pending'; readonly ready?: boolean },
): Pod {
  const { address, node, phase = 'Running', ready = phase === 'Running' } = place
  const scheduled = { ...pod, spec: { ...pod.spec, nodeName: node } }
  return { ...scheduled, status: statusOf(scheduled, phase, ready, phase === 'Running' ? address : undefined) }
}

/** Adds uid and creation time. */
export function stamp<T extends KubeObject>(object: T, created: Date): T {
  const creationTimestamp = `${created.toISOString().slice(0, 19)}Z`
  return { ...object, metadata: { ...object.metadata, uid: uidOf(object), creationTimestamp } }
}

/** The ready endpoints of a Service among the given pods. */
export function endpointSlice(service: KubeObject, objects: readonly KubeObject[]): KubeObject {
  const { name, namespace } = service.metadata
  const { selector, ports } = service.spec as { selector: Record<string, string>; ports: readonly { name: string; targetPort: number }[] }
  const selected = objects.filter(isPod).filter(pod => pod.metadata.namespace === namespace && selects(selector, pod) && pod.status?.podIP)
  const slice: KubeObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-demo1`,
      ...(namespace && { namespace }),
      labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
    },
    addressType: 'IPv4',
    ports: ports.map(({ name, targetPort }) => ({ name, port: targetPort, protocol: 'TCP' })),
    endpoints: selected.map(({ metadata, spec, status }) => ({
      addresses: [status?.podIP],
      conditions: { ready: isReady(status) },
      nodeName: spec.nodeName,
      targetRef: { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
    })),
  }
  return stamp(slice, new Date(service.metadata.creationTimestamp ?? 0))
}

export const selects = (selector: Readonly<Record<string, string>>, { metadata }: KubeObject): boolean =>
  Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value)

// Two workloads may share one account (bookinfo's reviews): it is one object all the same.
function unique(objects: readonly KubeObject[]): readonly KubeObject[] {
  return [...new Map(objects.map(object => [`${object.apiVersion} ${uidOf(object)}`, object])).values()]
}

const rootConfigMap = (namespace: string, root: string): KubeObject =>
  configMap(namespace, 'istio-ca-root-cert', { 'root-cert.pem': root }, { 'istio.io/config': 'true' })

function withPods(objects: readonly KubeObject[]): readonly KubeObject[] {
  let count = 0
  return objects.map(object => {
    if (!isPod(object)) return object
    // Turn by turn, so that each node gets one of the two ztunnels.
    const turn = count++
    const place = { address: addressOf(turn), node: nodeOf(turn) }
    // A proxy without its certificate never becomes ready.
    return placed(object, { ...place, ready: object.metadata.labels?.app !== 'ledger' })
  })
}

function withServiceAddresses(objects: readonly KubeObject[]): readonly KubeObject[] {
  let host = 10
  return objects.map(object => {
    if (object.kind !== 'Service') return object
    const clusterIP = `10.96.20.${host++}`
    return { ...object, spec: { ...(object.spec as object), clusterIP, clusterIPs: [clusterIP] } }
  })
}

/** istiod serves a waypoint's name with a Service, and notes its address once a pod of it is ready. */
function withGatewayAddresses(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.map(object => {
    const { namespace, name } = object.metadata
    const isGateway = object.apiVersion === 'gateway.networking.k8s.io/v1' && object.kind === 'Gateway'
    const service =
      isGateway && objects.find(({ kind, metadata }) => kind === 'Service' && metadata.namespace === namespace && metadata.name === name)
    if (!service) return object
    const { clusterIP } = service.spec as { clusterIP: string }
    return { ...object, status: { addresses: [{ type: 'IPAddress', value: clusterIP }] } }
  })
}

const isReady = (status: PodStatus | undefined): boolean =>
  status?.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

function statusOf(pod: Pod, phase: string, ready: boolean, address: string | undefined): PodStatus {
  const started = pod.metadata.creationTimestamp
  const running = phase === 'Running'
  const state = running ? { running: { startedAt: started } } : { waiting: { reason: 'PodInitializing' } }
  const container =
    (isUp: boolean) =>
    ({ name, image }: { name: string; image: string }) => ({ name, image, ready: isUp, restartCount: 0, started: running, state })
  const condition = (type: string, holds: boolean) => ({ type, status: holds ? 'True' : 'False', lastTransitionTime: started })
  return {
    phase,
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', running),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
    ...(address && { podIP: address, podIPs: [{ ip: address }] }),
    hostIP: hostOf(pod.spec.nodeName),
    startTime: started,
    containerStatuses: pod.spec.containers.map(container(ready)),
    ...(pod.spec.initContainers && { initContainerStatuses: pod.spec.initContainers.map(container(running)) }),
  }
}
