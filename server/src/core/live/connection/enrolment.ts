// Whether both ends have what the call needs: a proxy, its certificate, the roots to verify the other with.
import type { CertificateEntry } from '../../certificate/report.ts'
import type { Accepts } from './accepts.ts'
import { type ConnectionQuestion, type End, enforces, hasProxy, nameOf } from './question.ts'
import { configName, isMeshMutual, type Sends } from './sends.ts'
import { type Finding, failed, ok, unknown } from './step.ts'

export function enrolment(question: ConnectionQuestion, sends: Sends, accepts: Accepts): Finding {
  const { from, to, port } = question
  const secrets = new Map([
    [from, sends.kind === 'tls' ? sends.tls.certificates : []],
    [to, accepts.kind === 'known' ? (accepts.tls?.certificates ?? []) : []],
  ])
  const certificate = (end: End) => certificateOf(end, secrets.get(end) ?? [])
  const evidence = [`Client ${describe(from, certificate(from))}`, `Server ${describe(to, certificate(to))}`]
  if (!hasProxy(from) && accepts.kind === 'known' && !accepts.plaintext && accepts.tls?.requiresClientCertificate) {
    return failed(
      `The client has no proxy, and the server takes only mutual TLS on port ${port}.`,
      `Add ${quoted(from)} to the mesh (injection or ambient mode, then restart it), or let ${quoted(to)} take plaintext on this port for a while (PeerAuthentication with mode PERMISSIVE).`,
      evidence,
    )
  }
  if (!enforces(question) && sends.kind === 'tls' && isMeshMutual(sends.tls)) return nothingAnswers(question, sends, evidence)
  // A certificate is needed unless it is certain that nobody shows one.
  const waiting = sends.kind === 'plaintext' ? undefined : [from, to].find(end => hasProxy(end) && isMissing(certificate(end)))
  if (waiting) {
    return failed(
      `The ${waiting === from ? 'client' : 'server'}'s proxy ${words[certificate(waiting)]}, so it takes part in no mutual TLS.`,
      `Find out why none comes: whether istiod answers the proxy, whether the service account still exists, and the lines about "sds" in the proxy's log.`,
      evidence,
    )
  }
  const mute = [from, to].find(end => hasProxy(end) && !end.live)
  if (mute) {
    const why = mute.silent ?? 'it was not asked'
    return unknown(
      `What the ${mute === from ? 'client' : 'server'}'s proxy has is not known: ${why}${why.endsWith('.') ? '' : '.'}`,
      mute.remedy ?? readTheProxy,
      evidence,
    )
  }
  const untold = sends.kind === 'plaintext' ? undefined : [from, to].find(end => hasProxy(end) && !tellsCertificates(end))
  if (untold && certificate(untold) === 'unknown') {
    return unknown(
      `What the ${untold === from ? 'client' : 'server'}'s proxy has is not known: its dump does not tell of certificates.`,
      'Take the whole /config_dump of its proxy.',
      evidence,
    )
  }
  const without = [from, to].filter(end => !hasProxy(end))
  const who = without.length === 2 ? 'Neither end has a' : without.includes(from) ? 'The client has no' : 'The server has no'
  return ok(without.length === 0 ? 'Both ends have a proxy.' : `${who} proxy, and plaintext is taken.`, evidence)
}

function nothingAnswers({ to, port }: ConnectionQuestion, { config }: Sends & { kind: 'tls' }, evidence: readonly string[]): Finding {
  const rule = config === undefined ? 'the DestinationRule that demands mutual TLS for this host' : configName(config)
  if (hasProxy(to)) {
    return failed(
      `An annotation of the server's pod leads port ${port} past its sidecar, so nothing answers the mutual TLS that the client sends.`,
      `Let the sidecar take the port (annotations traffic.sidecar.istio.io/excludeInboundPorts and includeInboundPorts), or set tls.mode DISABLE for it in ${rule}.`,
      evidence,
    )
  }
  return failed(
    `The server has no proxy, so nothing answers the mutual TLS that the client sends.`,
    `Add ${quoted(to)} to the mesh (injection or ambient mode, then restart it), or remove the tls settings of ${rule}.`,
    evidence,
  )
}

export const readTheProxy = 'Reading a proxy needs the verbs get and create on pods/portforward; or give its saved /config_dump.'

type Held = 'held' | 'waiting' | 'none' | 'unknown'

/** In words that follow "the proxy". */
const words: Readonly<Record<Held, string>> = {
  held: 'has a certificate',
  waiting: 'still waits for its certificate',
  none: 'holds no certificate',
  unknown: 'what it has is not known',
}

function isMissing(held: Held): boolean {
  return held === 'waiting' || held === 'none'
}

function describe(end: End, held: Held): string {
  const state = !hasProxy(end) || !end.live ? '' : `, ${words[held]}`
  return `${nameOf(end)}: ${end.proxy === 'none' ? 'no proxy' : end.proxy}${state}`
}

/** `used`: the names of the secrets that it would show. */
function certificateOf({ live, proxy, expectedIdentity }: End, used: readonly string[]): Held {
  if (!live) return 'unknown'
  const { entries } = live.certificates
  // A ztunnel holds those of all pods of its node.
  const isOwn = ({ role, name }: CertificateEntry) => role === 'workload' && (proxy !== 'ztunnel' || name === expectedIdentity)
  const own = entries.filter(isOwn)
  if (own.some(hasContent) || entries.some(each => used.includes(each.name) && hasContent(each)) || used.includes('inline')) return 'held'
  if (own.some(({ state }) => state === 'warming')) return 'waiting'
  const isUnlisted = tellsCertificates({ live }) && used.length > 0 && !entries.some(({ name }) => used.includes(name))
  return own.length > 0 || (live.envoy && isUnlisted) ? 'none' : 'unknown'
}

/** Of those of Envoy it is told by a section; of a ztunnel's by one that names any. */
function tellsCertificates({ live }: Pick<End, 'live'>): boolean {
  return live?.envoy ? live.envoy.has.has('secrets') : (live?.certificates.entries.length ?? 0) > 0
}

function hasContent({ chain, file }: CertificateEntry): boolean {
  return chain.length > 0 || file !== undefined
}

export function quoted(end: End): string {
  return `"${nameOf(end)}"`
}
