// Whether the certificates that the handshake uses are valid at the given instant.
import { nameOf } from '../../certificate/finding.ts'
import { lifetimeState, timeLeft } from '../../certificate/lifetime.ts'
import type { Certificate } from '../../certificate/report.ts'
import { quoted } from './enrolment.ts'
import { type Finding, failed, ok, unknown } from './step.ts'
import { pathOf, presented, rolesOf, type Shown } from './trust.ts'

export function validity(shown: readonly Shown[], now: string): Finding {
  const used = shown.flatMap(each => usedIn(each, now).map(certificate => ({ certificate, by: each.by, role: rolesOf(each).by })))
  const evidence = shown.flatMap(each => {
    const [leaf] = usedIn(each, now)
    return leaf ? [`${rolesOf(each).By}: ${timeLeft(leaf.notAfter, now)} (${leaf.notBefore} to ${leaf.notAfter})`] : []
  })
  const wrong = used.find(({ certificate }) => lifetimeState(certificate, now) !== 'valid')
  if (wrong) {
    const { certificate, by, role } = wrong
    const expired = lifetimeState(certificate, now) === 'expired'
    return failed(
      `The certificate ${nameOf(certificate)} in the chain of ${role} ${expired ? timeLeft(certificate.notAfter, now) : `is not valid before ${certificate.notBefore}`}.`,
      expired
        ? `Find out why it was not renewed (istiod's log, the lines about "sds" in the proxy's log); restarting ${quoted(by)} asks for a new one. Open connections go on, new handshakes fail.`
        : `Compare the clocks of the node and of istiod.`,
      evidence,
    )
  }
  return used.length === 0
    ? unknown('The certificates are not known.', 'Take the whole /config_dump of both proxies.')
    : ok('Every certificate in use is valid now.', evidence)
}

function usedIn(shown: Shown, now: string): readonly Certificate[] {
  return pathOf(shown, now)?.certificates ?? presented(shown)?.chain.slice(0, 1) ?? []
}
