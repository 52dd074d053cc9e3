// The handshake between two pods, step by step: what is meant, what the proxies have, and the first step that fails.
import type { TlsContext } from '../../proxy/envoy/tls.ts'
import { type Accepts, acceptsOf, type Offered } from './accepts.ts'
import { authorization } from './authorization.ts'
import { clientTls } from './clientTls.ts'
import { enrolment } from './enrolment.ts'
import { identity } from './identity.ts'
import { type ConnectionQuestion, nameOf } from './question.ts'
import { type Sends, sendsOf } from './sends.ts'
import { serverMode } from './serverMode.ts'
import { type ConnectionReport, type Finding, ok, type Step, type StepId, skipped, stepIds } from './step.ts'
import { type Shown, trust } from './trust.ts'
import { validity } from './validity.ts'

/** Never throws. What is not known is `unknown`, and later steps are judged all the same. */
export function checkConnection(question: ConnectionQuestion): ConnectionReport {
  if (nameOf(question.from) === nameOf(question.to)) return withinOnePod
  const sends = sendsOf(question)
  const accepts = acceptsOf(question, offeredBy(sends))
  const handshake = handshakeOf(question, sends, accepts)
  const { now } = question
  const findings: Readonly<Record<StepId, () => Finding>> = {
    enrolment: () => enrolment(question, sends, accepts),
    'client-tls': () => clientTls(question, sends, accepts),
    'server-mode': () => serverMode(question, accepts),
    'server-chain': () => ofHandshake(handshake, ({ server }) => trust(server, now)),
    'client-chain': () =>
      ofHandshake(handshake, ({ client }) => (client ? trust(client, now) : skipped('The server asks for no certificate.'))),
    identity: () => ofHandshake(handshake, both => identity(shownIn(both))),
    validity: () => ofHandshake(handshake, both => validity(shownIn(both), now)),
    authorization: () => authorization(question, sends, accepts),
  }
  const steps: Step[] = []
  let failedStep: StepId | null = null
  for (const id of stepIds) {
    const finding = findings[id]()
    steps.push({ id, ...(failedStep === null ? finding : notReached(finding)) })
    if (finding.state === 'failed') failedStep ??= id
  }
  const open = steps.some(({ state }) => state === 'unknown')
  return { version: 1, verdict: failedStep !== null ? 'fails' : open ? 'unknown' : 'ok', failedStep, steps }
}

function offeredBy(sends: Sends): Offered {
  if (sends.kind !== 'tls') return { alpn: [], tunnel: false }
  const { alpn, sni } = sends.tls
  return { alpn, tunnel: sends.tunnel, ...(sni === undefined ? {} : { sni }) }
}

const withinOnePod: ConnectionReport = {
  version: 1,
  verdict: 'ok',
  failedStep: null,
  steps: stepIds.map(id => ({
    id,
    ...(id === 'enrolment'
      ? ok('Both ends are the same pod: over localhost nothing passes a proxy. A call through its Service may reach another pod.')
      : skipped('Nothing passes a proxy.')),
  })),
}

/** Both halves of a mutual handshake; `none` where the connection is plaintext. */
type Handshake = { readonly server: Shown; readonly client?: Shown } | 'none' | 'unknown'

function handshakeOf({ from, to }: ConnectionQuestion, sends: Sends, accepts: Accepts): Handshake {
  if (sends.kind === 'plaintext') return 'none'
  if (sends.kind === 'unknown' || accepts.kind === 'unknown' || !accepts.tls) return 'unknown'
  const client: TlsContext = sends.tls
  const server = accepts.tls
  return {
    server: { by: to, showing: server, to: from, verifying: client, purpose: 'serverAuth' },
    ...(server.requiresClientCertificate && client.certificates.length > 0
      ? { client: { by: from, showing: client, to, verifying: server, purpose: 'clientAuth' } }
      : {}),
  }
}

function shownIn({ server, client }: Exclude<Handshake, string>): readonly Shown[] {
  return client ? [server, client] : [server]
}

function ofHandshake(handshake: Handshake, judge: (handshake: Exclude<Handshake, string>) => Finding): Finding {
  if (handshake === 'none') return skipped('There is no handshake: the connection is plaintext.')
  if (handshake === 'unknown') return skipped('What is sent or accepted is not known, so there is no handshake to judge.')
  return judge(handshake)
}

/** What it would be is worth knowing, but it does not come to it. */
function notReached({ state, detail, evidence }: Finding): Finding {
  return skipped(state === 'skipped' ? detail : `Not reached. By itself: ${detail}`, evidence)
}
