// Whether one end's chain leads to a root that the other end trusts. The clock is judged elsewhere.
import { findPath, type Path, type PathFlaw, pathFlaws } from '../../certificate/chain.ts'
import { nameOf as certificateName } from '../../certificate/finding.ts'
import type { Certificate, CertificateEntry } from '../../certificate/report.ts'
import type { TlsContext } from '../../proxy/envoy/tls.ts'
import { quoted } from './enrolment.ts'
import type { End } from './question.ts'
import { type Finding, failed, ok, unknown } from './step.ts'

/** Who shows a certificate to whom, and by which TLS settings of each. */
export interface Shown {
  readonly by: End
  readonly showing: TlsContext
  readonly to: End
  readonly verifying: TlsContext
  readonly purpose: 'serverAuth' | 'clientAuth'
}

/** What `by` shows: the leaf first. Undefined where its dump does not have it. */
export function presented({ by, showing }: Shown): CertificateEntry | undefined {
  const entries = by.live?.certificates.entries ?? []
  return showing.certificates.flatMap(name => entries.filter(each => each.name === name && each.role !== 'root'))[0]
}

/** The way from the leaf to a root of the other end; undefined where one of both is not known. */
export function pathOf(shown: Shown, now: string): Path | undefined {
  const chain = presented(shown)?.chain ?? []
  const roots = rootsOf(shown)
  const [leaf] = chain
  return leaf && roots && !leaf.partial ? findPath(leaf, chain, roots, now) : undefined
}

/** The two ends in words; which pods they are stands above. */
export function rolesOf({ purpose }: Pick<Shown, 'purpose'>) {
  return purpose === 'serverAuth'
    ? ({ by: 'the server', By: 'The server', to: 'the client', To: 'The client' } as const)
    : ({ by: 'the client', By: 'The client', to: 'the server', To: 'The server' } as const)
}

export function trust(shown: Shown, now: string): Finding {
  const { verifying, showing, purpose } = shown
  const { by, By, to, To } = rolesOf(shown)
  if (!verifying.verifies) return ok(`${To} does not verify the certificate of ${by}.`)
  const entry = presented(shown)
  const [leaf] = entry?.chain ?? []
  if (!entry || !leaf || leaf.partial) {
    const where = entry?.file === undefined ? '' : ` (it is in the file ${entry.file} of its pod)`
    return unknown(`The chain that ${by} shows is not known${where}.`, 'Take the whole /config_dump of its proxy.', [
      `secret ${showing.certificates.join(', ') || 'none'}`,
    ])
  }
  const roots = rootsOf(shown)
  if (!roots)
    return unknown(`Which roots ${to} trusts is not known.`, 'Take the whole /config_dump of its proxy.', [
      `secret ${verifying.roots ?? ''}`,
    ])
  const path = findPath(leaf, entry.chain, roots, now)
  const last = path.certificates[path.certificates.length - 1] ?? leaf
  const evidence = [
    `${By} shows ${path.certificates.map(certificateName).join(' → ')}`,
    `${To} trusts ${roots.map(rootName).join(', ') || 'no root'}`,
  ]
  if (path.end !== 'trusted') {
    return failed(
      path.end === 'incomplete'
        ? `${To} cannot verify the chain of ${by}: the issuer of ${certificateName(last)} is neither sent nor trusted.`
        : `${To} does not trust the chain of ${by}: it ends at the root ${rootName(last)}.`,
      repairOf(shown),
      evidence,
    )
  }
  const [flaw] = pathFlaws(path.certificates)
  if (flaw) {
    const issuer = path.certificates[flaw.at]
    return failed(
      `${To} refuses the chain of ${by}: ${flaws[flaw.id](issuer ? certificateName(issuer) : '')}.`,
      flaw.id === 'critical-extension' ? 'Have it reissued without that extension.' : 'Have this certificate reissued without the flaw.',
      evidence,
    )
  }
  const unusable = usageFlaw(leaf, purpose)
  if (unusable)
    return failed(`${To} refuses the certificate of ${by}: ${unusable}.`, 'Have the CA issue it for servers and clients.', evidence)
  return ok(`The chain of ${by} leads to a root that ${to} trusts: ${rootName(last)}.`, evidence)
}

/** With federation the bundle of the peer's own trust domain counts. Undefined where they are not told. */
function rootsOf({ by, showing, to, verifying }: Shown): readonly Certificate[] | undefined {
  const identity = presentedIdentity(by, showing)
  const trustDomain = /^spiffe:\/\/([^/]+)/.exec(identity ?? '')?.[1]
  const bundles = (to.live?.certificates.entries ?? []).filter(
    entry => entry.name === verifying.roots && (entry.trustDomain === undefined || entry.trustDomain === trustDomain),
  )
  const roots = bundles.flatMap(({ chain }) => chain)
  return bundles.length === 0 || bundles.some(({ file }) => file !== undefined) || roots.some(({ partial }) => partial) ? undefined : roots
}

function presentedIdentity(by: End, showing: TlsContext): string | undefined {
  return by.live?.certificates.entries.find(({ name }) => showing.certificates.includes(name))?.chain[0]?.identity
}

/** Who got certificates or roots last is up to date; the other one is restarted. */
function repairOf({ by, showing, to, verifying }: Shown): string {
  const age = (end: End, name: string | undefined) => end.live?.certificates.entries.find(each => each.name === name)?.lastUpdated
  const chain = age(by, showing.certificates[0])
  const roots = age(to, verifying.roots)
  const older = chain !== undefined && roots !== undefined ? (chain < roots ? by : to) : undefined
  return `Give both ends a common root: distribute the old and the new root together${older ? `, then restart ${quoted(older)}, whose ${older === to ? 'roots are' : 'certificate is'} the older` : ', then restart the workload that has the older one'}.`
}

const flaws = {
  'issuer-not-ca': (issuer: string) => `${issuer} signed it and is no CA`,
  'issuer-key-usage': (issuer: string) => `the CA certificate ${issuer} may not sign certificates`,
  'extended-key-usage': (issuer: string) => `the CA certificate ${issuer} is limited to other uses`,
  'critical-extension': (name: string) => `${name} has a critical extension that proxies do not know`,
  'path-length-exceeded': (issuer: string) => `more CAs stand below ${issuer} than its path length allows`,
} as const satisfies Readonly<Record<PathFlaw['id'], (name: string) => string>>

/** Source: RFC 5280 §4.2.1.3, §4.2.1.12, as BoringSSL checks them. */
function usageFlaw({ keyUsage, extendedKeyUsage }: Certificate, purpose: Shown['purpose']): string | undefined {
  if (keyUsage.length > 0 && !keyUsage.includes('digitalSignature')) return 'its key usage lacks digitalSignature'
  if (extendedKeyUsage.length === 0 || extendedKeyUsage.includes(purpose) || extendedKeyUsage.includes('anyExtendedKeyUsage'))
    return undefined
  return `its extended key usage lacks ${purpose}`
}

/** `"O=cluster.local" (3fa21b7c…)`: two roots of a rotation have the same name. */
function rootName(root: Certificate): string {
  return `${certificateName(root)} (${root.sha256.slice(0, 8)}…)`
}
