// Whether the server's listener is what policy says.
import type { Accepts } from './accepts.ts'
import { sentence } from './clientTls.ts'
import { readTheProxy } from './enrolment.ts'
import { type ConnectionQuestion, enforces, hasProxy } from './question.ts'
import { type Finding, failed, ok, unknown } from './step.ts'

export function serverMode(question: ConnectionQuestion, accepts: Accepts): Finding {
  const { to, port, meant } = question
  const at = `Port ${port}`
  if (!hasProxy(to)) return ok(`The server has no proxy: what arrives goes to the application as it is.`)
  if (!enforces(question)) {
    return ok(`${at} is led past the sidecar by an annotation of the pod (traffic.sidecar.istio.io), so no policy is enforced there.`)
  }
  if (accepts.kind === 'unknown') return unknown(sentence(accepts.because), to.live ? lookAtListeners : (to.remedy ?? readTheProxy))
  const evidence = [...accepts.evidence, ...(accepts.outdated === undefined ? [] : [accepts.outdated])]
  const wanted = meant?.server
  const from = wanted?.policy ? ` (PeerAuthentication ${wanted.policy})` : ''
  const received =
    accepts.outdated === undefined
      ? `The proxy has not received the policy: look at its sync state (istioctl proxy-status) and at istiod's log.`
      : `The proxy is not up to date, for ${accepts.outdated}. Repair that first.`
  switch (to.proxy) {
    case 'ztunnel': {
      // ztunnel knows no modes: it answers HBONE whatever a policy says.
      const plaintext = accepts.plaintext ? 'accepted' : 'refused'
      const differs = wanted?.plaintext !== undefined && wanted.plaintext !== 'unknown' && wanted.plaintext !== plaintext
      if (differs) return failed(`${at}: plaintext is ${plaintext}, but policy says it is ${wanted.plaintext}${from}.`, received, evidence)
      return ok(`${at} answers mutual TLS (HBONE); plaintext is ${plaintext}${from}.`, evidence)
    }
    case 'gateway':
    case 'waypoint':
      return ok(`${at} ${answers(accepts)}.`, evidence)
    default: {
      const { mode } = accepts
      if (accepts.tunnel) return ok(`${at} answers mutual TLS (HBONE).`, evidence)
      if (wanted && wanted.mode !== mode) return failed(`${at} is ${mode}, but policy says ${wanted.mode}${from}.`, received, evidence)
      return ok(`${at} is ${mode}${from}.`, evidence)
    }
  }
}

const lookAtListeners =
  'Look whether the proxy has its listeners (istioctl proxy-config listeners), and at its sync state (istioctl proxy-status).'

/** Policies for peers say nothing of gateways. */
function answers({ tls, plaintext, serverNames = [] }: Extract<Accepts, { kind: 'known' }>): string {
  if (!tls && serverNames.length > 0) return `answers TLS for ${serverNames.join(', ')}`
  if (!tls) return plaintext ? 'takes plaintext' : 'takes nothing that this client sends'
  return tls.requiresClientCertificate ? 'answers mutual TLS' : 'answers TLS and asks for no certificate'
}
