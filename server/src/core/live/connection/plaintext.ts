// A client that sends plaintext to a server that takes none: the repair of what left the TLS out.
import { quoted } from './enrolment.ts'
import { type ConnectionQuestion, hasProxy } from './question.ts'
import { configName, type PlaintextCause, type Sends } from './sends.ts'

type Plaintext = Extract<Sends, { kind: 'plaintext' }>

export function encryptIt(question: ConnectionQuestion, sends: Exclude<Sends, { kind: 'unknown' }>): string {
  if (sends.kind === 'tls') return relaxed(question)
  return callAnother(question) ?? repairs[sends.cause](question, sends)
}

/** Evidence; nothing where somebody has the port, or that is not certain. */
export function nowhere(question: ConnectionQuestion): readonly string[] {
  return otherPorts(question) ? [`no Service and no container has port ${question.port}`] : []
}

const most = 5

/** Undefined where the port can be the right one. What listens without being declared may be there all the same. */
export function callAnother(question: ConnectionQuestion): string | undefined {
  const ports = otherPorts(question)
  if (!ports) return undefined
  const some = ports.length === 0 ? '' : ` (${ports.slice(0, most).join(', ')}${ports.length > most ? ' …' : ''})`
  return `Call a port that the server has${some}. If its application does listen on port ${question.port}, add the port to a Service.`
}

/** Of a gateway, its Gateways name the ports. */
function otherPorts({ to, port, meant }: ConnectionQuestion): readonly number[] | undefined {
  const isApplication = to.proxy === 'sidecar' || to.proxy === 'ztunnel' || to.proxy === 'none'
  return isApplication && !meant?.ports?.includes(port) ? meant?.ports : undefined
}

const repairs: Readonly<Record<PlaintextCause, (question: ConnectionQuestion, sends: Plaintext) => string>> = {
  'no-proxy': question =>
    `Add ${quoted(question.from)} to the mesh (injection or ambient mode, then restart it), or ${lower(relaxed(question))}`,
  annotation: question => `Remove the annotation from the client's pod, or ${lower(relaxed(question))}`,
  'no-cluster': question => {
    const hosts = question.meant?.hosts ?? []
    if (hosts.length > 0) {
      const names = [...new Set(hosts.map(({ host }) => `"${host}"`))].slice(0, most).join(', ')
      return `Let the client see the Service that leads there (${names}): look at exportTo, at Sidecar objects of its namespace, and at the sync state of its proxy (istioctl proxy-status).`
    }
    return `Add port ${question.port} to a Service of the server, and call it by the name of that Service; or ${lower(relaxed(question))}`
  },
  cluster: (_, { config }) =>
    config === undefined
      ? 'Remove what turns TLS off for this host (a DestinationRule with tls.mode DISABLE, enableAutoMtls: false).'
      : `Set tls.mode ISTIO_MUTUAL in ${configName(config)}, or remove its tls settings: then the proxy sends mutual TLS by itself.`,
  'no-hbone': question =>
    question.to.proxy === 'sidecar'
      ? `Let the sidecar of the server take HBONE, or ${lower(relaxed(question))}`
      : `Look whether the server is captured (annotation ambient.istio.io/redirection of its pod), or ${lower(relaxed(question))}`,
}

function relaxed({ to, meant }: ConnectionQuestion): string {
  const policy = meant?.server?.policy
  if (policy !== undefined) return `Set PERMISSIVE in PeerAuthentication "${policy}".`
  return `Let ${hasProxy(to) ? quoted(to) : 'the server'} take plaintext on this port (PeerAuthentication with mode PERMISSIVE).`
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
