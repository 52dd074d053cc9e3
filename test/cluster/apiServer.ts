// etcd and kube-apiserver. The flags are the few without which they do not start or do not fit each other.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiClient } from './apiClient.ts'
import { freePort } from './ports.ts'
import type { Running } from './processes.ts'
import type { Site } from './site.ts'
import { tokenOf, writeKubeconfigs, writeTokens } from './users.ts'

/** A running API server with a store behind it, empty at first. */
export class ApiServer {
  readonly url: string
  readonly admin: ApiClient
  readonly #site: Site
  readonly #flags: readonly string[]
  #running: Running | undefined

  private constructor(url: string, admin: ApiClient, site: Site, flags: readonly string[]) {
    this.url = url
    this.admin = admin
    this.#site = site
    this.#flags = flags
  }

  /** Starts both, and writes the users' kubeconfigs. */
  static async start(site: Site): Promise<ApiServer> {
    const [port, etcdPort, peerPort] = await Promise.all([freePort(), freePort(), freePort()])
    const url = `https://127.0.0.1:${port}`
    const [flags] = await Promise.all([
      flagsOf(site, port, etcdPort),
      writeTokens(join(site.folder, 'tokens.csv')),
      writeKubeconfigs(site, url),
      startEtcd(site, etcdPort, peerPort),
    ])
    const admin = new ApiClient(url, await readFile(site.kubernetes.certificate, 'utf8'), tokenOf('admin'))
    const server = new ApiServer(url, admin, site, flags)
    await server.#run()
    return server
  }

  /** Stops the API server and starts it again; etcd goes on. */
  async restart(): Promise<void> {
    if (this.#running) await this.#site.processes.end(this.#running)
    await this.#run()
  }

  async #run(): Promise<void> {
    const { processes, binaries } = this.#site
    this.#running = processes.start('kube-apiserver', binaries.kubeApiserver, this.#flags)
    await processes.ready(this.#running, async () => (await this.admin.request('GET', '/readyz')).status === 200)
  }
}

async function startEtcd({ binaries, processes, folder }: Site, port: number, peerPort: number): Promise<void> {
  const [clients, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`]
  const etcd = processes.start('etcd', binaries.etcd, [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ])
  await processes.ready(etcd, async () => (await fetch(`${clients}/health`)).ok)
}

async function flagsOf({ keys, kubernetes, folder }: Site, port: number, etcdPort: number): Promise<readonly string[]> {
  const [serving, toKubelet, signer] = await Promise.all([
    keys.issue('apiserver', { subject: '/CN=kubernetes', san: 'IP:127.0.0.1,DNS:localhost', usage: 'serverAuth' }, kubernetes),
    keys.issue('apiserver-to-kubelet', { subject: '/O=system:masters/CN=kube-apiserver', usage: 'clientAuth' }, kubernetes),
    keys.signer('service-accounts'),
  ])
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--advertise-address=127.0.0.1',
    // It would try to publish a loopback address as an endpoint, which it refuses.
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--tls-cert-file=${serving.certificate}`,
    `--tls-private-key-file=${serving.key}`,
    `--client-ca-file=${kubernetes.certificate}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${signer.publicKey}`,
    `--service-account-signing-key-file=${signer.key}`,
    `--kubelet-client-certificate=${toKubelet.certificate}`,
    `--kubelet-client-key=${toKubelet.key}`,
    `--kubelet-certificate-authority=${kubernetes.certificate}`,
    '--kubelet-preferred-address-types=InternalIP',
    // It refuses pods whose service account no controller manager has prepared.
    '--disable-admission-plugins=ServiceAccount',
  ]
}
