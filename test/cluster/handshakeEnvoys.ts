// Two sides of a mesh in miniature, as real Envoys: a client with one outbound cluster, and a server whose inbound listener demands certificates.
// Both get their secrets by SDS from files, as the Envoy of a sidecar gets them from its agent.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ProxiedPod } from './envoy.ts'
import { type KeyPair, pem } from './keys.ts'
import type { Site } from './site.ts'

const run = promisify(execFile)

export const outboundPort = 18_080
export const inboundPort = 15_006

/** What a proxy has; whatever is absent is as in a healthy mesh. */
export interface Secrets {
  /** PEM of a chain and its key; null: none comes. */
  readonly identity?: { readonly chain: string; readonly key: string } | null
  /** PEM of what it trusts. */
  readonly roots?: string
}

/** What a client sends to the server that its one cluster leads to. */
export interface Outbound {
  /** `outbound|80||checkout.shop.svc.cluster.local` */
  readonly cluster: string
  readonly endpoint: { readonly address: string; readonly port: number }
  /** Names that the server must have one of; null: plaintext. */
  readonly names: readonly string[] | null
}

/** Starts the Envoy of a client, which sends every request at its `outboundPort` to the cluster. */
export async function startClient(site: Site, pod: ProxiedPod, secrets: Secrets, outbound: Outbound): Promise<void> {
  const { cluster, endpoint, names } = outbound
  const files = await secretsAt(site, pod, secrets)
  const upstream = {
    name: cluster,
    type: 'STATIC',
    connect_timeout: '2s',
    load_assignment: {
      cluster_name: cluster,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(endpoint.address, endpoint.port) } }] }],
    },
    ...(names && { transport_socket: tls('Upstream', { ...files, names }) }),
  }
  const routes = [{ match: { prefix: '/' }, route: { cluster } }]
  const listener = {
    name: 'outbound',
    traffic_direction: 'OUTBOUND',
    address: socket(pod.ip, outboundPort),
    filter_chains: [{ filters: [http(routes)] }],
  }
  // Its certificate is asked for by a listener too, as by that for inbound connections of every sidecar.
  const inbound = inboundListener(pod, files, [], [ok])
  await startEnvoy(site, pod, { listeners: [listener, inbound], clusters: [upstream] })
}

/** Starts the Envoy of a server that demands certificates and lets in these principals. */
export async function startServer(site: Site, pod: ProxiedPod, principals: readonly string[]): Promise<void> {
  const authenticated = (exact: string) => ({ authenticated: { principal_name: { exact: `spiffe://${exact}` } } })
  const rbac = {
    name: 'envoy.filters.network.rbac',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC',
      stat_prefix: 'tcp.',
      rules: {
        policies: {
          [`ns[${pod.namespace}]-policy[callers]-rule[0]`]: { permissions: [{ any: true }], principals: principals.map(authenticated) },
        },
      },
    },
  }
  const inbound = inboundListener(pod, await secretsAt(site, pod, {}), [rbac], [ok])
  await startEnvoy(site, pod, { listeners: [inbound], clusters: [] })
}

/** A chain of the mesh's issuer whose time is over, which `openssl req` makes none of. */
export async function expired(site: Site, pod: ProxiedPod): Promise<NonNullable<Secrets['identity']>> {
  const { keys, mesh, folder } = site
  const { key } = await keys.issue(`${pod.name}-expired`, requestOf(pod), mesh.issuer)
  const at = (name: string) => join(folder, `${pod.name}-${name}`)
  await mkdir(at('ca'))
  await Promise.all([writeFile(at('ca/index.txt'), ''), writeFile(at('ca/serial'), '1000\n')])
  await writeFile(
    at('ca.cnf'),
    `[ca]
default_ca = issuer
[issuer]
database = ${at('ca/index.txt')}
serial = ${at('ca/serial')}
new_certs_dir = ${at('ca')}
default_md = sha256
policy = anything
unique_subject = no
x509_extensions = leaf
[anything]
commonName = optional
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth,clientAuth
subjectAltName = ${requestOf(pod).san}
[req]
distinguished_name = subject
[subject]
`,
  )
  await run('openssl', ['req', '-new', '-config', at('ca.cnf'), '-key', key, '-subj', '/CN=old', '-out', at('old.csr')])
  const signer = ['-cert', mesh.issuer.certificate, '-keyfile', mesh.issuer.key, '-in', at('old.csr'), '-out', at('old.crt')]
  const times = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z']
  await run('openssl', ['ca', '-batch', '-notext', '-config', at('ca.cnf'), ...signer, ...times])
  return { chain: await pem(at('old.crt'), mesh.issuer.certificate), key: await pem(key) }
}

/** The names of the files of its secrets, once they are written. */
async function secretsAt(site: Site, pod: ProxiedPod, { identity, roots }: Secrets): Promise<SecretFiles> {
  const { mesh } = site
  const own = identity === undefined ? await issued(site, pod, mesh.issuer) : identity
  const [certificate, trust] = await Promise.all([
    write(
      site,
      pod,
      'default',
      own && { tls_certificate: { certificate_chain: { inline_string: own.chain }, private_key: { inline_string: own.key } } },
    ),
    write(site, pod, 'ROOTCA', { validation_context: { trusted_ca: { inline_string: roots ?? (await pem(mesh.root.certificate)) } } }),
  ])
  return { certificate, trust }
}

interface SecretFiles {
  readonly certificate: string
  readonly trust: string
}

async function issued({ keys, mesh }: Site, pod: ProxiedPod, by: KeyPair): Promise<NonNullable<Secrets['identity']>> {
  const { certificate, key } = await keys.issue(pod.name, requestOf(pod), by)
  return { chain: await pem(certificate, mesh.issuer.certificate), key: await pem(key) }
}

function requestOf({ namespace, serviceAccount }: ProxiedPod) {
  return {
    subject: '/',
    san: `critical,URI:spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`,
    usage: 'serverAuth,clientAuth',
  } as const
}

async function write({ folder }: Site, { name }: ProxiedPod, secret: string, content: object | null): Promise<string> {
  const type = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret'
  const file = join(folder, `${name}-${secret}.json`)
  await writeFile(file, JSON.stringify({ resources: content ? [{ '@type': type, name: secret, ...content }] : [] }), { mode: 0o600 })
  return file
}

async function startEnvoy({ binaries, processes, folder }: Site, pod: ProxiedPod, resources: object): Promise<void> {
  const { namespace, name, serviceAccount, ip } = pod
  const bootstrap = join(folder, `${name}-bootstrap.json`)
  const node = { id: `sidecar~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`, cluster: `${serviceAccount}.${namespace}` }
  await writeFile(bootstrap, JSON.stringify({ node, admin: { address: socket(ip, 15_000) }, static_resources: resources }))
  const options = ['--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning']
  const program = processes.start(`envoy-${name}`, binaries.envoy, ['--config-path', bootstrap, ...options])
  // One that waits for its certificate is not ready, and answers.
  await processes.ready(program, async () => (await fetch(`http://${ip}:15000/server_info`, { signal: AbortSignal.timeout(2000) })).ok)
}

function inboundListener(pod: ProxiedPod, secrets: SecretFiles, filters: readonly object[], routes: readonly object[]): object {
  return {
    name: 'virtualInbound',
    traffic_direction: 'INBOUND',
    address: socket(pod.ip, inboundPort),
    listener_filters: [
      { name: 'envoy.filters.listener.tls_inspector', typed_config: { '@type': `${listenerFilter}.tls_inspector.v3.TlsInspector` } },
    ],
    filter_chains: [
      {
        filter_chain_match: { transport_protocol: 'tls' },
        transport_socket: tls('Downstream', secrets),
        filters: [...filters, http(routes)],
      },
    ],
  }
}

const listenerFilter = 'type.googleapis.com/envoy.extensions.filters.listener'
const ok = { match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: 'here' } } }

function http(routes: readonly object[]): object {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      stat_prefix: 'http',
      // What went wrong in TLS, for whoever asked.
      local_reply_config: {
        body_format: { text_format_source: { inline_string: '%LOCAL_REPLY_BODY% %UPSTREAM_TRANSPORT_FAILURE_REASON%' } },
      },
      route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
      http_filters: [
        {
          name: 'envoy.filters.http.router',
          typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
        },
      ],
    },
  }
}

function tls(side: 'Upstream' | 'Downstream', { certificate, trust, names }: SecretFiles & { readonly names?: readonly string[] }): object {
  const sds = (name: string, path: string) => ({ name, sds_config: { path_config_source: { path }, resource_api_version: 'V3' } })
  const demanded = names?.map(exact => ({ san_type: 'URI', matcher: { exact } }))
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': `type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.${side}TlsContext`,
      ...(side === 'Downstream' && { require_client_certificate: true }),
      common_tls_context: {
        tls_certificate_sds_secret_configs: [sds('default', certificate)],
        combined_validation_context: {
          default_validation_context: demanded ? { match_typed_subject_alt_names: demanded } : {},
          validation_context_sds_secret_config: sds('ROOTCA', trust),
        },
      },
    },
  }
}

function socket(address: string, port: number): object {
  return { socket_address: { address, port_value: port } }
}
