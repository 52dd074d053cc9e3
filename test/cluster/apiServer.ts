// kube-apiserver on its etcd. The flags are the few without which they do not start or do not fit each other.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiClient } from './apiClient.ts'
import { Etcd } from './etcd.ts'
import { freePort } from './ports.ts'
import type { Running } from './processes.ts'
import type { Site } from './site.ts'
import { tokenOf, writeKubeconfigs, writeTokens } from './users.ts'

/** A running API server with a store behind it, empty at first. */
export class ApiServer {
  readonly url: string
  readonly admin: ApiClient
  readonly etcd: Etcd
  readonly #site: Site
  readonly #flags: readonly string[]
  #running: Running | undefined

  private constructor(url: string, admin: ApiClient, etcd: Etcd, site: Site, flags: readonly string[]) {
    this.url = url
    this.admin = admin
    this.etcd = etcd
    this.#site = site
    this.#flags = flags
  }

  /** Starts both, and writes the users' kubeconfigs. */
  static async start(site: Site): Promise<ApiServer> {
    const port = await freePort()
    const url = `https://127.0.0.1:${port}`
    const [flags, etcd] = await Promise.all([
      flagsOf(site, port),
      Etcd.start(site),
      writeTokens(join(site.folder, 'tokens.csv')),
      writeKubeconfigs(site, url),
    ])
    const admin = new ApiClient(url, await readFile(site.kubernetes.certificate, 'utf8'), tokenOf('admin'))
    const server = new ApiServer(url, admin, etcd, site, [`--etcd-servers=${etcd.url}`, ...flags])
    await server.run()
    return server
  }

  /** Ends the API server without a farewell (SIGKILL); etcd goes on. */
  async kill(): Promise<void> {
    if (this.#running) await this.#site.processes.end(this.#running)
    this.#running = undefined
  }

  /** Starts the API server on what etcd holds, with `more` flags this time. */
  async run(more: readonly string[] = []): Promise<void> {
    const { processes, binaries } = this.#site
    this.#running = processes.start('kube-apiserver', binaries.kubeApiserver, [...this.#flags, ...more])
    await processes.ready(this.#running, async () => (await this.admin.request('GET', '/readyz')).status === 200)
  }

  async restart(more: readonly string[] = []): Promise<void> {
    await this.kill()
    await this.run(more)
  }
}

async function flagsOf({ keys, kubernetes, folder }: Site, port: number): Promise<readonly string[]> {
  const [serving, toKubelet, signer] = await Promise.all([
    keys.issue('apiserver', { subject: '/CN=kubernetes', san: 'IP:127.0.0.1,DNS:localhost', usage: 'serverAuth' }, kubernetes),
    keys.issue('apiserver-to-kubelet', { subject: '/O=system:masters/CN=kube-apiserver', usage: 'clientAuth' }, kubernetes),
    keys.signer('service-accounts'),
  ])
  return [
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
    `--service-account-issuer=${issuer}`,
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

/** Whose tokens of service accounts it accepts. */
export const issuer = 'https://kubernetes.default.svc'
