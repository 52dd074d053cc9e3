// One handshake that works between two real Envoys, and eight that fail for eight reasons: each is asked for really, and `connection` names the
// first step that fails.
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../built/commandLine.ts'
import { ApiServer } from './apiServer.ts'
import type { ProxiedPod } from './envoy.ts'
import { expired, inboundPort, type Outbound, outboundPort, type Secrets, startClient, startServer } from './handshakeEnvoys.ts'
import { pem } from './keys.ts'
import { startKubelet } from './kubelet.ts'
import { podsRunning, populate } from './populate.ts'
import { atSite, type Site } from './site.ts'
import { kubeconfigOf, permissions } from './users.ts'
import { addressAnnotation, authorizationPolicy, peerAuthentication } from './world.ts'

interface Case {
  readonly name: string
  readonly app: string
  readonly namespace?: string
  readonly secrets?: (site: Site, pod: ProxiedPod) => Promise<Secrets>
  readonly outbound?: Partial<Outbound>
  readonly to?: 'legacy'
  /** What the proxy answers the application; of a handshake that fails, why. */
  readonly really: { readonly status: number; readonly body: RegExp }
  readonly exit: 0 | 1
  readonly failedStep: string | null
  /** Of the sentence of the step. */
  readonly says?: RegExp
}

const server = (app: string) => `outbound|80||${app}.shop.svc.cluster.local`
const spiffe = (app: string) => `spiffe://cluster.local/ns/shop/sa/${app}`
const reset = { status: 503, body: /reset reason: (connection termination|remote connection failure|connection failure)/ }

const cases: readonly Case[] = [
  { name: 'mutual TLS between two pods of one mesh', app: 'frontend', really: { status: 200, body: /^here/ }, exit: 0, failedStep: null },
  {
    name: 'a client certificate that has expired',
    app: 'late',
    secrets: async (site, pod) => ({ identity: await expired(site, pod) }),
    really: { status: 503, body: /CERTIFICATE_EXPIRED/ },
    exit: 1,
    failedStep: 'validity',
    says: /ended .* ago|expired/i,
  },
  {
    name: 'a client that trusts another root',
    app: 'stranger',
    secrets: async ({ keys }) => ({ roots: await pem((await keys.authority('other-root', '/O=other.example')).certificate) }),
    really: { status: 503, body: /CERTIFICATE_VERIFY_FAILED/ },
    exit: 1,
    failedStep: 'server-chain',
  },
  {
    name: 'a demanded name that the server does not have',
    app: 'mistaken',
    outbound: { names: [spiffe('payments')] },
    really: { status: 503, body: /CERTIFICATE_VERIFY_FAILED/ },
    exit: 1,
    failedStep: 'identity',
    says: /payments/,
  },
  {
    name: 'plaintext to STRICT',
    app: 'plain',
    outbound: { names: null },
    really: reset,
    exit: 1,
    failedStep: 'client-tls',
    says: /plaintext/,
  },
  {
    name: 'a DestinationRule that turns TLS off',
    app: 'disabled',
    namespace: 'other',
    outbound: { names: null },
    really: reset,
    exit: 1,
    failedStep: 'client-tls',
    says: /STRICT/,
  },
  {
    name: 'a client whose certificate never came',
    app: 'waiting',
    secrets: async () => ({ identity: null }),
    really: { status: 503, body: /reset reason/ },
    exit: 1,
    failedStep: 'enrolment',
    says: /waits for its certificate/,
  },
  {
    name: 'a server without a proxy',
    app: 'insistent',
    to: 'legacy',
    outbound: { cluster: server('legacy'), names: [spiffe('legacy')] },
    really: { status: 503, body: /WRONG_VERSION_NUMBER/ },
    exit: 1,
    failedStep: 'enrolment',
    says: /no proxy/,
  },
  { name: 'a caller that no policy allows', app: 'denied', really: reset, exit: 1, failedStep: 'authorization' },
]

let site: Site
let apiServer: ApiServer
let legacy: Server

beforeAll(async () => {
  await atSite(async at => {
    site = at
    apiServer = await ApiServer.start(site)
    const pods = [...cases.map(podOf), checkout(), old()]
    await Promise.all([startKubelet(site, pods.map(forward)), populate(apiServer.admin, site.binaries.definitions, objects())])
    await apiServer.admin.create('/apis/networking.istio.io/v1/namespaces/other/destinationrules', {
      ...rule('other', 'checkout', { host: 'checkout.shop.svc.cluster.local', trafficPolicy: { tls: { mode: 'DISABLE' } } }),
    })
    await apiServer.admin.create('/apis/networking.istio.io/v1/namespaces/shop/destinationrules', {
      ...rule('shop', 'legacy', { host: 'legacy.shop.svc.cluster.local', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } }),
    })
    await podsRunning(apiServer.admin)
    legacy = createServer((_, response) => response.end('here')).listen(8080, old().ip)
    await startServer(site, checkout(), allowed())
    for (const each of cases) {
      const pod = podOf(each)
      const endpoint = each.to ? { address: old().ip, port: 8080 } : { address: checkout().ip, port: inboundPort }
      const usual = { cluster: server('checkout'), endpoint, names: [spiffe('checkout')] }
      await startClient(site, pod, (await each.secrets?.(site, pod)) ?? {}, { ...usual, ...each.outbound })
    }
  })
})
afterAll(async () => {
  legacy?.close()
  apiServer?.admin.close()
  await site?.processes.dispose()
})

test.each(cases)('$name: $failedStep', async each => {
  const pod = podOf(each)
  const { really } = each
  // Whoever waits for a certificate does not listen.
  const answer = await fetch(`http://${pod.ip}:${outboundPort}/`, { signal: AbortSignal.timeout(5000) }).then(
    async response => ({ status: response.status, body: await response.text() }),
    (error: Error) => ({ status: 0, body: String(error.cause ?? error) }),
  )
  expect(answer).toEqual({ status: really.status, body: expect.stringMatching(really.body) })

  const to = each.to ? old() : checkout()
  const asked = ['connection', '--kubeconfig', kubeconfigOf(site.folder, 'viewer'), '--from', named(pod), '--to', `${named(to)}:8080`]
  const { code, out, err } = await run([...asked, '--format', 'json'])
  expect(err).toBe('')
  const report = JSON.parse(out)
  expect({ failedStep: report.failedStep, steps: report.steps }).toMatchObject({ failedStep: each.failedStep })
  expect(code).toBe(each.exit)
  const failed = report.steps.find(({ state }: { state: string }) => state === 'failed')
  if (each.says) expect(failed.detail).toMatch(each.says)
  if (each.failedStep === null) expect(report.verdict).toBe('ok')
})

function podOf({ app, namespace = 'shop' }: Pick<Case, 'app' | 'namespace'>): ProxiedPod {
  const at = cases.findIndex(each => each.app === app)
  return { namespace, name: `${app}-7d9f8c6b5-x2kqp`, serviceAccount: app, ip: `${site.network}.0.${10 + at}` }
}

const checkout = (): ProxiedPod => ({
  namespace: 'shop',
  name: 'checkout-5f6d7c8b9-k8wzt',
  serviceAccount: 'checkout',
  ip: `${site.network}.0.50`,
})
const old = (): ProxiedPod => ({ namespace: 'shop', name: 'legacy-59d8f7c6b-q7hxj', serviceAccount: 'legacy', ip: `${site.network}.0.51` })

/** Everybody but one. */
function allowed(): readonly string[] {
  return cases.filter(({ app }) => app !== 'denied').map(({ app, namespace = 'shop' }) => `cluster.local/ns/${namespace}/sa/${app}`)
}

function named({ namespace, name }: ProxiedPod): string {
  return `${namespace}/${name}`
}

function objects(): readonly object[] {
  const accounts = [...cases.map(podOf), checkout(), old()]
  return [
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'worker-1' } },
    ...['istio-system', 'shop', 'other'].map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'istio-system', name: 'istio' },
      data: { mesh: 'rootNamespace: istio-system\ntrustDomain: cluster.local\n' },
    },
    ...accounts.map(({ namespace, serviceAccount: name }) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } })),
    ...cases.map(each => podObject(podOf(each), true)),
    podObject(checkout(), true),
    podObject(old(), false),
    ...['checkout', 'legacy'].map(app => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'shop', name: app },
      spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    })),
    peerAuthentication('shop', 'default', 'STRICT'),
    authorizationPolicy('shop', 'callers', allowed(), { app: 'checkout' }),
    ...permissions,
  ]
}

function podObject({ namespace, name, serviceAccount, ip }: ProxiedPod, sidecar: boolean): object {
  const app = { name: 'app', image: 'example.test/app:1', ports: [{ containerPort: 8080 }] }
  const proxy = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.1' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name,
      labels: { app: serviceAccount, ...(sidecar && { 'security.istio.io/tlsMode': 'istio' }) },
      annotations: { [addressAnnotation]: ip },
    },
    spec: { nodeName: 'worker-1', serviceAccountName: serviceAccount, containers: sidecar ? [app, proxy] : [app] },
  }
}

function rule(namespace: string, name: string, spec: object): object {
  return { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { namespace, name }, spec }
}

function forward({ namespace, name, ip }: ProxiedPod): object {
  return {
    kind: 'PortForward',
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    metadata: { namespace, name },
    spec: { forwards: [{ ports: [15000], target: { address: ip, port: 15000 } }] },
  }
}
