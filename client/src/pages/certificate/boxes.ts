// The chain as boxes, leaf to root, with what holds between them.
import type { Certificate, CertificateEntry } from '../../../../server/src/protocol.ts'
import { html } from '../../text.ts'
import { duration } from '../../time.ts'
import { type Chain, type ChainStep, chainOf } from './chain.ts'
import { keyOf, subjectOf, usesOf } from './words.ts'

/** The chain of one entry as a list. `now`: RFC 3339. */
export function chainBoxes(entry: CertificateEntry, roots: readonly Certificate[], now: string): string {
  const chain = chainOf(entry, roots)
  const boxes = chain.steps.map((step, index) => box(step, index === chain.steps.length - 1 ? chain.end : undefined, entry, now))
  const missing = chain.end === 'incomplete' ? `${namesIssuer}${missingBox(chain)}` : ''
  return `<ol class="chain">${boxes.join(chain.end === 'unjudged' ? namesIssuer : signedBy)}${missing}</ol>${besideLine(chain)}`
}

// The signature was verified, or only the name is known.
const signedBy = '<li class="link ok"><span class="mark">✓</span> signed by <span aria-hidden="true">→</span></li>'
const namesIssuer = '<li class="link">issued by <span aria-hidden="true">→</span></li>'

const titles = {
  workload: 'This workload',
  gateway: 'This gateway',
  other: 'This certificate',
  intermediate: 'Intermediate',
  root: 'Root',
} as const

function box({ certificate, role }: ChainStep, end: Chain['end'] | undefined, entry: CertificateEntry, now: string): string {
  const lines = [
    subjectOf(certificate),
    [keyOf(certificate), lifetimeOf(certificate, role, now)].filter(Boolean).join(' · '),
    ...(role === 'leaf' && !certificate.partial ? [usesOf(certificate)] : []),
    ...(certificate.pathLength === null ? [] : [`path length ${certificate.pathLength}`]),
  ]
  const words = lines.map(line => `<p>${html(line)}</p>`).join('')
  return `<li class="box"><h3>${titles[role === 'leaf' ? entry.role : role]}</h3>${words}${end ? endLine(end) : ''}</li>`
}

function endLine(end: Chain['end']): string {
  switch (end) {
    case 'trusted':
      return '<p class="ok"><span class="mark">✓</span> a root this proxy trusts</p>'
    case 'untrusted':
      return '<p class="error"><span class="mark">✗</span> not a root this proxy trusts</p>'
    default:
      return ''
  }
}

function missingBox({ steps }: Chain): string {
  const issuer = steps.at(-1)?.certificate.issuer ?? ''
  return `<li class="box error"><h3><span class="mark">✗</span> Missing</h3><p>${html(issuer)}</p><p>The proxy neither sends nor trusts it.</p></li>`
}

function besideLine({ beside }: Chain): string {
  return beside.length === 0 ? '' : `<p class="quiet">Also sent, on no way to the root: ${html(beside.map(subjectOf).join(' · '))}</p>`
}

function lifetimeOf(certificate: Certificate, role: ChainStep['role'], now: string): string {
  if (role === 'leaf') return `lives ${duration(Date.parse(certificate.notAfter) - Date.parse(certificate.notBefore))}`
  const left = Date.parse(certificate.notAfter) - Date.parse(now)
  return left > 0 ? `${duration(left)} left` : `expired ${duration(left)} ago`
}
