// The mesh that the rig serves: a shop whose frontend may call its checkout, pods that cannot be inspected for one reason each, and a second
// namespace.
import { randomUUID } from 'node:crypto'
import type { ProxiedPod } from './envoy.ts'

/** What is built for the loopback addresses of one rig, `127.N.0.0/16`. */
export interface World {
  /** Kubernetes objects, in an order in which they can be created. */
  readonly objects: readonly object[]
  /** Pods with a real Envoy at their address. */
  readonly proxied: { readonly frontend: ProxiedPod; readonly checkout: ProxiedPod }
  /** Pods of `shop` whose certificate cannot be read: `silent` has a proxy that nobody reaches, `stuck` one that never answers, `legacy` none. */
  readonly unreadable: { readonly silent: PodName; readonly stuck: PodName; readonly legacy: PodName }
  /** Pods of `odd` whose proxies answer in odd ways, each with a process of its own for each stream. */
  readonly odd: Readonly<Record<OddProxy, PodName>>
  /** kwok's PortForward objects: what port 15000 of a pod leads to. */
  readonly forwards: readonly object[]
}

export type OddProxy = keyof typeof oddAnswers

/** What a proxy says to a request, as a script of a shell that then listens on: it ends with its input, so not later than kwok. */
const oddAnswers = {
  slow: `printf '${head('content-length: 12')}'; for part in 1 2 3 4; do sleep 0.2; printf "$part, "; done`,
  /** Ends in the middle. */
  cut: `printf '${head('content-length: 1000')}the first half'; exit 0`,
  garbage: `printf 'this is no HTTP\r\n\r\n'`,
  large: `printf '${head('connection: close')}'; head -c 400000 /dev/zero`,
  mute: 'true',
} as const

function head(header: string): string {
  return `HTTP/1.1 200 OK\\r\\n${header}\\r\\n\\r\\n`
}

/** What the command line of each process of such a proxy ends with. */
export const oddMark = (network: string, name: OddProxy) => `# odd proxy ${network} ${name}`

export type PodName = Pick<ProxiedPod, 'namespace' | 'name'>

const node = 'worker-1'
const proxyImage = 'docker.io/istio/proxyv2:1.31.1'

/** The mesh for addresses that start with `network`, such as `127.1`. */
export function worldAt(network: string): World {
  const ip = (host: number) => `${network}.0.${host}`
  const frontend = { namespace: 'shop', name: 'frontend-7d9f8c6b5-x2kqp', serviceAccount: 'frontend', ip: ip(10) }
  const checkout = { namespace: 'shop', name: 'checkout-5f6d7c8b9-k8wzt', serviceAccount: 'checkout', ip: ip(11) }
  const silent = { namespace: 'shop', name: 'cart-6b7c8d9f5-m4vtn', serviceAccount: 'cart', ip: ip(12) }
  const stuck = { namespace: 'shop', name: 'stock-84c5d6f79-p9rwl', serviceAccount: 'default', ip: ip(13) }
  const legacy = { namespace: 'shop', name: 'legacy-59d8f7c6b-q7hxj', serviceAccount: 'default', ip: ip(14) }
  const invoicer = { namespace: 'billing', name: 'invoicer-68f5d9c7b-t6zqg', serviceAccount: 'invoicer', ip: ip(15) }
  const odd = (Object.keys(oddAnswers) as OddProxy[]).map((name, at) => ({
    proxy: name,
    pod: { namespace: 'odd', name: `${name}-6f7b8c9d5-z2x4v`, serviceAccount: 'default', ip: ip(30 + at) },
  }))
  const istiod = { namespace: 'istio-system', name: 'istiod-7c9d8f6b5-w5nkd', serviceAccount: 'istiod', ip: ip(16) }
  return {
    proxied: { frontend, checkout },
    unreadable: { silent: nameOf(silent), stuck: nameOf(stuck), legacy: nameOf(legacy) },
    odd: Object.fromEntries(odd.map(({ proxy, pod }) => [proxy, nameOf(pod)])) as Record<OddProxy, PodName>,
    objects: [
      { apiVersion: 'v1', kind: 'Node', metadata: { name: node } },
      ...namespace('istio-system', ['istiod']),
      ...namespace('shop', ['frontend', 'checkout', 'cart'], { 'istio-injection': 'enabled' }),
      ...namespace('billing', ['invoicer'], { 'istio-injection': 'enabled' }),
      ...namespace('odd', []),
      meshConfig,
      pod(istiod, { containers: [{ name: 'discovery', image: 'docker.io/istio/pilot:1.31.1' }] }, { 'istio.io/rev': 'default' }),
      pod(frontend, { containers: [app(8080), sidecar] }, inMesh),
      pod(checkout, { initContainers: [{ ...sidecar, restartPolicy: 'Always' }], containers: [app(8080)] }, inMesh),
      pod(silent, { containers: [app(8080), sidecar] }, inMesh),
      pod(stuck, { containers: [app(8080), sidecar] }, inMesh),
      pod(legacy, { containers: [app(8080)] }),
      pod(invoicer, { containers: [app(8080), sidecar] }, inMesh),
      ...odd.map(each => pod(each.pod, { containers: [app(8080), sidecar] }, inMesh)),
      service('shop', 'frontend'),
      service('shop', 'checkout'),
      service('billing', 'invoicer'),
      peerAuthentication('shop', 'default', 'STRICT'),
      peerAuthentication('billing', 'default', 'PERMISSIVE'),
      checkoutCallers,
    ],
    forwards: [
      forward(frontend, { target: { address: frontend.ip, port: 15000 } }),
      forward(checkout, { target: { address: checkout.ip, port: 15000 } }),
      forward(silent, { target: { address: silent.ip, port: 15000 } }),
      // It reads the request, says nothing, and ends with its input, so not later than kwok.
      forward(stuck, { command: ['sh', '-c', 'exec cat > /dev/null'] }),
      forward(invoicer, { target: { address: invoicer.ip, port: 15000 } }),
      ...odd.map(({ proxy, pod }) => forward(pod, { command: ['sh', '-c', oddScript(proxy, network)] })),
    ],
  }
}

function oddScript(proxy: OddProxy, network: string): string {
  return `read request; ${oddAnswers[proxy]}; cat > /dev/null ${oddMark(network, proxy)}`
}

const nameOf = ({ namespace, name }: ProxiedPod): PodName => ({ namespace, name })

const sidecar = { name: 'istio-proxy', image: proxyImage }
const inMesh = { 'security.istio.io/tlsMode': 'istio' }

const meshConfig = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'istio-system', name: 'istio' },
  data: { mesh: 'rootNamespace: istio-system\ntrustDomain: cluster.local\n' },
}

const checkoutCallers = authorizationPolicy('shop', 'checkout-callers', ['cluster.local/ns/shop/sa/frontend'], { app: 'checkout' })

/** Lets these principals call the workloads with these labels, of which none are all. */
export function authorizationPolicy(
  namespace: string,
  name: string,
  principals: readonly string[],
  matchLabels?: Readonly<Record<string, string>>,
): object {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { namespace, name },
    spec: { ...(matchLabels ? { selector: { matchLabels } } : {}), rules: [{ from: [{ source: { principals } }] }] },
  }
}

/** A namespace and its service accounts; no controller manager adds the account `default`. */
function namespace(name: string, accounts: readonly string[], labels: Readonly<Record<string, string>> = {}): readonly object[] {
  const account = (of: string) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: name, name: of } })
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }, ...['default', ...accounts].map(account)]
}

/** A pod of a Deployment's ReplicaSet: its name ends in the template's hash and five letters. */
function pod({ namespace, name, serviceAccount, ip }: ProxiedPod, spec: object, labels: Readonly<Record<string, string>> = {}): object {
  const [replicaSet, hash, workload] = [name.replace(/-\w+$/, ''), name.split('-').at(-2), name.replace(/-\w+-\w+$/, '')]
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, uid: randomUUID(), controller: true }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name,
      labels: { app: workload, 'pod-template-hash': hash, ...labels },
      annotations: { [addressAnnotation]: ip },
      ownerReferences: [owner],
    },
    spec: { nodeName: node, serviceAccountName: serviceAccount, ...spec },
  }
}

/** A pod that no node runs. */
export function plainPod(namespace: string, name: string): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels: { app: 'plain' } }, spec: { containers: [app(8080)] } }
}

/** Where a pod says which address kwok has to give it. */
export const addressAnnotation = 'rig.test/pod-ip'

function app(port: number): object {
  return { name: 'app', image: 'example.test/app:1', ports: [{ containerPort: port }] }
}

function service(namespace: string, app: string): object {
  const spec = { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name: app }, spec }
}

export function peerAuthentication(namespace: string, name: string, mode: string): object {
  return { apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata: { namespace, name }, spec: { mtls: { mode } } }
}

function forward({ namespace, name }: ProxiedPod, to: object): object {
  return {
    kind: 'PortForward',
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    metadata: { namespace, name },
    spec: { forwards: [{ ports: [15000], ...to }] },
  }
}
