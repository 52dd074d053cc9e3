// Whether the client sends what configuration says, and what the server can take.
import type { TlsMode } from '../../decide/mtls/clientTls.ts'
import type { Accepts } from './accepts.ts'
import { readTheProxy } from './enrolment.ts'
import type { Meant } from './meant.ts'
import { callAnother, encryptIt, nowhere } from './plaintext.ts'
import { type ConnectionQuestion, enforces, nameOf } from './question.ts'
import { configName, isMeshMutual, type Sends } from './sends.ts'
import { type Finding, failed, ok, unknown } from './step.ts'

type Known = Exclude<Sends, { kind: 'unknown' }>

export function clientTls(question: ConnectionQuestion, sends: Sends, accepts: Accepts): Finding {
  if (sends.kind === 'unknown') {
    const remedy = question.from.live ? (callAnother(question) ?? otherWay) : (question.from.remedy ?? readTheProxy)
    return unknown(sentence(sends.because), remedy, nowhere(question))
  }
  const { meant } = question
  const mode = sentMode(sends)
  const wanted = meant?.client
  if (wanted && wanted.tls !== mode && !meant?.bypassed?.from && !isBetter(wanted, mode, accepts)) {
    return failed(
      `The client sends ${words[mode]}, but configuration says ${words[wanted.tls]}: ${ended(wanted.reason)}`,
      `Its proxy has not received this configuration, or refused it: look at its sync state (istioctl proxy-status) and at istiod's log.`,
      evidenceOf(question, sends),
    )
  }
  if (sends.kind === 'tls' && sends.inner)
    return unanswered('The client sends TLS for the application, inside a tunnel with the mTLS of the mesh', question, sends)
  return judged[mode](question, sends, accepts)
}

/** That no rule asks for mTLS breaks nothing where the client sends it and the server answers it: what istiod thinks of the endpoint is less certain. */
function isBetter(wanted: NonNullable<Meant['client']>, mode: TlsMode, accepts: Accepts): boolean {
  const answered = accepts.kind === 'known' && accepts.tls?.requiresClientCertificate
  return wanted.auto === true && wanted.tls === 'DISABLE' && mode === 'ISTIO_MUTUAL' && answered === true
}

const otherWay = 'Look at what the proxy knows of the server (istioctl proxy-config clusters and endpoints).'

type Judge = (question: ConnectionQuestion, sends: Known, accepts: Accepts) => Finding

const judged: Readonly<Record<TlsMode, Judge>> = {
  DISABLE: (question, sends, accepts) => {
    const evidence = evidenceOf(question, sends)
    const why = sends.kind === 'plaintext' ? `: ${sends.because}` : ''
    const taken = takenBy(question, accepts)
    if (!taken) return ok(`The client sends plaintext${why}.`, evidence)
    if (taken.plaintext) return ok(`The client sends plaintext${why}. The server takes it.`, evidence)
    const answersTls = accepts.kind === 'known' && accepts.tls && !accepts.tls.requiresClientCertificate
    if (answersTls || question.to.proxy === 'gateway') {
      return ok(`The client's proxy adds no TLS; the application itself must, for the server answers only TLS.`, evidence)
    }
    return failed(
      `The client sends plaintext, and the server takes only mutual TLS${policyOf(question)}${why}.`,
      encryptIt(question, sends),
      evidence,
    )
  },
  ISTIO_MUTUAL: (question, sends, accepts) => {
    const taken = takenBy(question, accepts)
    const evidence = evidenceOf(question, sends)
    // HBONE is answered whatever mode the port has.
    const isTunnel = sends.kind === 'tls' && sends.tunnel
    if (!enforces(question) || !taken || taken.mutual || isTunnel) return ok('The client sends Istio mTLS.', evidence)
    return failed(
      `The client sends Istio mTLS, but mutual TLS is turned off at the server${policyOf(question)}.`,
      'Turn it on there (PeerAuthentication with mode PERMISSIVE or STRICT for this port), or set tls.mode DISABLE in a DestinationRule for this host.',
      evidence,
    )
  },
  SIMPLE: (question, sends, accepts) => {
    const evidence = evidenceOf(question, sends)
    const what = `The client sends TLS without a certificate${by(sends)}`
    const answers = accepts.kind === 'known' ? accepts.tls : undefined
    if (answers && !answers.requiresClientCertificate) return ok(`${what}. The server asks for none.`, evidence)
    if (answers || takenBy(question, accepts)?.plaintext === false) {
      return failed(
        `${what}, and the server demands one.`,
        `Set tls.mode ISTIO_MUTUAL in ${sends.config === undefined ? 'the DestinationRule of this host' : configName(sends.config)}, or remove its tls settings.`,
        evidence,
      )
    }
    return unanswered(what, question, sends)
  },
  MUTUAL: (question, sends, accepts) => {
    const what = `The client sends mutual TLS with a certificate that is not the mesh's${by(sends)}`
    const evidence = evidenceOf(question, sends)
    if (accepts.kind === 'known' && accepts.tls) return ok(`${what}.`, evidence)
    return unknown(`${what}. Who answers it is not known.`, askTheApplication, evidence)
  },
}

/** TLS that only the application can answer: a port that says it speaks plain HTTP does not. */
function unanswered(what: string, question: ConnectionQuestion, sends: Known): Finding {
  const { meant } = question
  const evidence = evidenceOf(question, sends)
  if (!meant?.client?.conflict) return unknown(`${what}. Whether the application answers it is not known.`, askTheApplication, evidence)
  return failed(
    `${what}. ${sentence(meant.client.reason)}`,
    `Set tls.mode ISTIO_MUTUAL in ${sends.config === undefined ? 'the DestinationRule of this host' : configName(sends.config)}, or remove its tls settings.`,
    evidence,
  )
}

const askTheApplication = 'Look whether the application itself speaks TLS on this port.'

const words: Readonly<Record<TlsMode, string>> = {
  DISABLE: 'plaintext',
  ISTIO_MUTUAL: 'Istio mTLS',
  MUTUAL: "mutual TLS with a certificate that is not the mesh's",
  SIMPLE: 'TLS without a client certificate',
}

function sentMode(sends: Known): TlsMode {
  if (sends.kind === 'plaintext') return 'DISABLE'
  const tls = sends.inner ?? sends.tls
  if (tls.certificates.length === 0 && (sends.inner || !sends.tunnel)) return 'SIMPLE'
  return (sends.tunnel && !sends.inner) || isMeshMutual(tls) ? 'ISTIO_MUTUAL' : 'MUTUAL'
}

/** By the policy, where it is known: that the listener is another one is the matter of another step. */
function takenBy(question: ConnectionQuestion, accepts: Accepts): { readonly plaintext: boolean; readonly mutual: boolean } | undefined {
  const meant = question.to.proxy === 'sidecar' && enforces(question) ? question.meant?.server?.mode : undefined
  if (meant) return { plaintext: meant !== 'STRICT', mutual: meant !== 'DISABLE' }
  return accepts.kind === 'known' ? { plaintext: accepts.plaintext, mutual: accepts.tls !== undefined } : undefined
}

function policyOf({ meant, to }: ConnectionQuestion): string {
  if (to.proxy === 'gateway' || to.proxy === 'waypoint') return ''
  const { mode, policy } = meant?.server ?? {}
  return mode === undefined ? '' : ` (${mode}${policy ? ` from PeerAuthentication ${policy}` : ''})`
}

function by({ config }: Known): string {
  return config === undefined ? '' : ` (by ${configName(config)})`
}

function evidenceOf(question: ConnectionQuestion, sends: Known): readonly string[] {
  const { from, to, meant } = question
  const waypoint = meant?.waypoint
  const passes =
    waypoint !== undefined && waypoint !== nameOf(from) && from.proxy !== 'none'
      ? [`calls to its Service may pass the waypoint ${waypoint}, which then calls ${nameOf(to)} itself: check that connection too`]
      : []
  if (sends.kind === 'plaintext') return [...sends.evidence, ...nowhere(question), ...passes]
  const { sni, alpn, names } = sends.tls
  return [
    ...sends.evidence,
    ...(sni === undefined ? [] : [`SNI ${sni}`]),
    ...(alpn.length === 0 ? [] : [`ALPN ${alpn.join(', ')}`]),
    ...(names.length === 0
      ? ['demands no name of the server']
      : [`demands ${names.map(({ match, value }) => (match === 'exact' ? value : `${match} ${value}`)).join(' or ')}`]),
    ...nowhere(question),
    ...passes,
  ]
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A clause, or what is a sentence already, as one. */
export function sentence(text: string): string {
  return capital(ended(text))
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
