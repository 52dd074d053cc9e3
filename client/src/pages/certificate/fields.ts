// Every field of every certificate, for those who compare fingerprints. Folded away at first.
import type { Certificate, CertificateEntry } from '../../../../server/src/protocol.ts'
import { html } from '../../text.ts'
import { instant } from '../../time.ts'
import { colons, keyOf, subjectOf } from './words.ts'

export function allFields(entries: readonly CertificateEntry[]): string {
  const sections = entries.flatMap(entry => entry.chain.map((certificate, index) => section(certificate, titleOf(entry, index))))
  if (sections.length === 0) return ''
  return `<details><summary>All fields (serial, fingerprints, key usage, key ids, signature)</summary>${sections.join('\n')}</details>`
}

function titleOf({ name, chain, trustDomain }: CertificateEntry, index: number): string {
  return `${name}${trustDomain ? ` of ${trustDomain}` : ''}${chain.length > 1 ? ` · ${index + 1} of ${chain.length}` : ''}`
}

function section(certificate: Certificate, title: string): string {
  const fields = certificate.partial ? knownFields(certificate) : [...knownFields(certificate), ...decodedFields(certificate)]
  const rows = fields.filter(([, value]) => value).map(([name, value]) => `<dt>${name}</dt><dd><code>${html(value ?? '')}</code></dd>`)
  return `<section><h3>${html(title)}</h3><dl>${rows.join('\n')}</dl></section>`
}

type Field = readonly [name: string, value: string | undefined]

/** What every source tells. */
function knownFields(certificate: Certificate): readonly Field[] {
  return [
    ['Identity', certificate.identity],
    ['Serial', colons(certificate.serial)],
    ['Valid from', instant(certificate.notBefore)],
    ['Valid until', instant(certificate.notAfter)],
    ['Alternative names', `${listOf(certificate.san.map(({ type, value }) => `${type}:${value}`))}${critical(certificate, 'san')}`],
  ]
}

/** What only the certificate itself tells. */
function decodedFields(certificate: Certificate): readonly Field[] {
  const authority = certificate.ca ? `yes${certificate.pathLength === null ? '' : `, path length ${certificate.pathLength}`}` : 'no'
  return [
    ['Subject', subjectOf(certificate)],
    ['Issuer', certificate.issuer === '' ? '(issuer empty)' : certificate.issuer],
    ['SHA-256 fingerprint', colons(certificate.sha256)],
    ['SHA-1 fingerprint', certificate.sha1 && colons(certificate.sha1)],
    ['Key', keyOf(certificate)],
    ['Signature', certificate.signature],
    ['Certificate authority', `${authority}${critical(certificate, 'basicConstraints')}`],
    ['Key usage', `${listOf(certificate.keyUsage)}${critical(certificate, 'keyUsage')}`],
    ['Extended key usage', `${listOf(certificate.extendedKeyUsage)}${critical(certificate, 'extendedKeyUsage')}`],
    ['Subject key id', certificate.ski && colons(certificate.ski)],
    ['Authority key id', certificate.aki && colons(certificate.aki)],
    ['Self-signed', certificate.selfSigned ? 'yes' : 'no'],
  ]
}

function listOf(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.join(', ')
}

function critical(certificate: Certificate, extension: string): string {
  return certificate.critical?.includes(extension) ? ' (critical)' : ''
}
