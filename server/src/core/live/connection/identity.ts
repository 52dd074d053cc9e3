// Whether each end is who the other demands: the names of its certificate against those that the other's proxy was told.
import { harmless } from '../../certificate/harmless.ts'
import type { Certificate } from '../../certificate/report.ts'
import type { NameMatch } from '../../proxy/envoy/tls.ts'
import { type Finding, failed, ok, unknown } from './step.ts'
import { presented, rolesOf, type Shown } from './trust.ts'

/** `shown`: the server's certificate to the client, then the client's to the server, as far as they are shown. */
export function identity(shown: readonly Shown[]): Finding {
  const findings = shown.map(one)
  const first = (state: Finding['state']) => findings.find(each => each.state === state)
  const evidence = findings.flatMap(each => each.evidence)
  const worst = first('failed') ?? first('unknown')
  return worst ? { ...worst, evidence } : ok(findings.map(({ detail }) => detail).join(' '), evidence)
}

function one(shown: Shown): Finding {
  const { verifying } = shown
  const { by, By, to, To } = rolesOf(shown)
  const leaf = presented(shown)?.chain[0]
  if (!leaf) return unknown(`The certificate of ${by} is not known.`, 'Take the whole /config_dump of its proxy.')
  const names = leaf.san.map(({ value }) => harmless(value))
  const evidence = [`${By} is ${names.join(', ') || 'nobody: its certificate has no name'}`, ...expectation(shown, leaf)]
  if (verifying.names.length === 0) return ok(`${To} takes any identity of ${by}.`, evidence)
  const demanded = verifying.names.map(({ match, value }) => `${match === 'exact' ? '' : `${match} `}"${harmless(value)}"`).join(' or ')
  const verdicts = verifying.names.map(name => matches(name, leaf))
  if (verdicts.includes('yes')) return ok(`${By} is ${quotedName(leaf)}, as ${to} demands.`, evidence)
  if (verdicts.includes('unknown'))
    return unknown(`Whether ${quotedName(leaf)} fits ${demanded} is not known.`, 'Compare them by hand.', evidence)
  const demands = shown.purpose === 'serverAuth'
  return failed(
    `${To} demands ${demanded}, but ${by} is ${quotedName(leaf)}.`,
    demands
      ? `Correct subjectAltNames in the DestinationRule or ServiceEntry of this host, or the service account of the server; without a list istiod demands the accounts of its endpoints.`
      : `Only identities of the mesh's trust domains are let in: add the trust domain of the client to trustDomainAliases, or give both the same.`,
    evidence,
  )
}

/** That the certificate is not the account's does not break a handshake that demands no name. */
function expectation({ by }: Shown, leaf: Certificate): readonly string[] {
  const { expectedIdentity } = by
  return expectedIdentity === undefined || leaf.identity === expectedIdentity ? [] : [`its service account is ${expectedIdentity}`]
}

const types: Readonly<Record<string, string>> = { uri: 'URI', dns: 'DNS', ip: 'IP_ADDRESS', email: 'EMAIL' }

/** Source: envoyproxy/envoy: source/common/tls/cert_validator/san_matcher.cc; an exact DNS name fits a certificate's wildcard. */
function matches({ match, value, ignoreCase, type }: NameMatch, { san }: Certificate): 'yes' | 'no' | 'unknown' {
  if (match === 'regex' || match === 'other') return san.length === 0 ? 'no' : 'unknown'
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text)
  const wanted = fold(value)
  const fits = san.some(name => {
    if (type !== undefined && types[name.type] !== type) return false
    const text = fold(name.value)
    if (match === 'prefix') return text.startsWith(wanted)
    if (match === 'suffix') return text.endsWith(wanted)
    if (match === 'contains') return text.includes(wanted)
    if (text === wanted) return true
    const [first, ...rest] = wanted.split('.')
    return name.type === 'dns' && first !== undefined && rest.length > 1 && text === `*.${rest.join('.')}`
  })
  return fits ? 'yes' : 'no'
}

function quotedName({ san, subject }: Certificate): string {
  return `"${harmless(san[0]?.value ?? subject)}"`
}
