// A real Envoy in the place of a sidecar: its secrets "default" and "ROOTCA" come by SDS from files, so its admin port shows them just where
// a proxy of Istio has them, and replacing a file is a real rotation.
import { X509Certificate } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { pem } from './keys.ts'
import type { Site } from './site.ts'

export interface ProxiedPod {
  readonly namespace: string
  readonly name: string
  readonly serviceAccount: string
  readonly ip: string
}

const adminPort = 15000

/** One Envoy and the certificate it presents. */
export class Envoy {
  readonly #pod: ProxiedPod
  readonly #site: Site

  constructor(pod: ProxiedPod, site: Site) {
    this.#pod = pod
    this.#site = site
  }

  /** Starts it and waits until it is ready to serve. */
  async start(): Promise<void> {
    const { binaries, processes, mesh } = this.#site
    await this.#write('ROOTCA', { validation_context: { trusted_ca: { inline_string: await pem(mesh.root.certificate) } } })
    await this.#issue()
    const bootstrap = this.#file('bootstrap')
    await writeFile(bootstrap, JSON.stringify(this.#bootstrap()))
    // Hot restart would share memory between all Envoys of the machine, and leave it behind.
    const options = ['--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning']
    const program = processes.start(`envoy-${this.#pod.name}`, binaries.envoy, ['--config-path', bootstrap, ...options])
    await processes.ready(program, async () => (await this.#admin('/ready')).ok)
  }

  /** Gives it a new certificate and waits until that is in force. Answers its serial number, lower-case hex. */
  async rotate(): Promise<string> {
    const certificate = await this.#issue()
    // As it stands in the answer: a JSON string.
    const expected = JSON.stringify(certificate).slice(1, -1)
    await eventually(
      `the Envoy of "${this.#pod.name}" has its new certificate`,
      async () => (await this.#admin('/config_dump?mask=dynamic_active_secrets')).text(),
      dump => dump.includes(expected),
    )
    return new X509Certificate(certificate).serialNumber.toLowerCase()
  }

  /** Writes a new certificate and key for it. Answers the chain: leaf, then issuer. */
  async #issue(): Promise<string> {
    const { namespace, name, serviceAccount } = this.#pod
    const { keys, mesh } = this.#site
    const san = `critical,URI:spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`
    const { certificate, key } = await keys.issue(name, { subject: '/', san, usage: 'serverAuth,clientAuth' }, mesh.issuer)
    const chain = await pem(certificate, mesh.issuer.certificate)
    await this.#write('default', {
      tls_certificate: { certificate_chain: { inline_string: chain }, private_key: { inline_string: await pem(key) } },
    })
    return chain
  }

  /** Envoy notices a secret's file when it is replaced, not when it is written to. */
  async #write(secret: string, content: object): Promise<void> {
    const type = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret'
    const beside = this.#file(`${secret}.new`)
    await writeFile(beside, JSON.stringify({ resources: [{ '@type': type, name: secret, ...content }] }), { mode: 0o600 })
    await rename(beside, this.#file(secret))
  }

  #admin(path: string): Promise<Response> {
    return fetch(`http://${this.#pod.ip}:${adminPort}${path}`, { signal: AbortSignal.timeout(2000) })
  }

  #file(name: string): string {
    return join(this.#site.folder, `${this.#pod.name}-${name}.json`)
  }

  #bootstrap(): object {
    const { namespace, name, serviceAccount, ip } = this.#pod
    const socket = (port: number) => ({ socket_address: { address: ip, port_value: port } })
    const sds = (secret: string) => ({
      name: secret,
      sds_config: { path_config_source: { path: this.#file(secret) }, resource_api_version: 'V3' },
    })
    const tls = {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      require_client_certificate: true,
      common_tls_context: {
        tls_certificate_sds_secret_configs: [sds('default')],
        combined_validation_context: { default_validation_context: {}, validation_context_sds_secret_config: sds('ROOTCA') },
      },
    }
    const answer = {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config',
      response: { inline_string: name },
    }
    const inbound = {
      name: 'virtualInbound',
      address: socket(15006),
      filter_chains: [
        {
          transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: tls },
          filters: [{ name: 'envoy.filters.network.direct_response', typed_config: answer }],
        },
      ],
    }
    return {
      node: { id: `sidecar~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`, cluster: `${serviceAccount}.${namespace}` },
      admin: { address: socket(adminPort) },
      static_resources: { listeners: [inbound] },
    }
  }
}
