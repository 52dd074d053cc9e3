// Commands that look deeper into a gateway than its report, for people to copy. Nothing here is ever run.
import type { GatewayReport } from '../live/gateway/gatewayReport.ts'

export interface GatewayCommand {
  /** What it answers. */
  readonly title: string
  readonly command: string
}

export interface CommandCluster {
  readonly kubeconfig?: string
  readonly context?: string
}

const mostServers = 5

/** For a shell of POSIX. Names that a shell or a terminal could take for anything else than a name are left out. */
export function gatewayCommands({ gateway, servers, secrets }: GatewayReport, cluster: CommandCluster = {}): readonly GatewayCommand[] {
  const { namespace, name } = gateway
  if (namespace === null || name === null || !isPlain(namespace) || !isPlain(name)) return []
  const where = Object.entries(cluster).flatMap(([option, value]) => (value && isPrintable(value) ? [`--${option}`, quoted(value)] : []))
  const kubectl = (...words: readonly string[]) => ['kubectl', ...where, '-n', namespace, ...words].join(' ')
  const istioctl = (what: string, ...words: readonly string[]) =>
    ['istioctl', ...where, 'proxy-config', what, `${name}.${namespace}`, ...words].join(' ')
  return [
    { title: 'Secrets of the proxy, whole', command: istioctl('secret', '-o', 'json') },
    { title: 'Listeners', command: istioctl('listener') },
    { title: 'Routes', command: istioctl('route') },
    { title: 'Clusters', command: istioctl('cluster') },
    { title: 'Endpoints', command: istioctl('endpoint') },
    { title: 'What istiod sent and the proxy took', command: ['istioctl', ...where, 'proxy-status', `${name}.${namespace}`].join(' ') },
    { title: 'Log of the proxy', command: kubectl('logs', name, '-c', 'istio-proxy', '--tail=2000') },
    ...waitingSecrets(secrets).map(secret => ({
      title: `Whether the Secret "${secret}" is there, and its type`,
      command: kubectl('get', 'secret', secret),
    })),
    ...handshakes(servers).map(({ host, port }) => ({
      title: `A handshake for ${host} within the pod (adds a debug container to it)`,
      command: kubectl(
        ...['debug', name, '-it', '--image=nicolaka/netshoot', '--', 'openssl', 's_client'],
        ...['-connect', `127.0.0.1:${port}`, '-servername', host, '-showcerts'],
      ),
    })),
  ]
}

function waitingSecrets(secrets: GatewayReport['secrets']): readonly string[] {
  const names = secrets.flatMap(({ name, chain, file }) => {
    const own = /^kubernetes:\/\/([^/]+)$/.exec(name)?.[1]
    return own !== undefined && chain.length === 0 && file === null && isPlain(own) ? [own] : []
  })
  return [...new Set(names)]
}

function handshakes(servers: GatewayReport['servers']): readonly { readonly host: string; readonly port: number }[] {
  const all = servers.flatMap(({ tls, port, hosts: [host] }) =>
    tls !== 'none' && port !== null && host !== undefined && isPlain(host) && !host.startsWith('*') ? [{ host, port }] : [],
  )
  return all.slice(0, mostServers)
}

/** A DNS name or label: no word that begins with a dash can become an option. */
function isPlain(name: string): boolean {
  return /^[a-z0-9*][a-z0-9.-]{0,252}$/i.test(name)
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text)
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
