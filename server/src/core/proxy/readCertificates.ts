// The one door to certificates: finds out what an input is (PEM, DER, a dump of Envoy or ztunnel), reads it, judges it. Never throws.

import { derShape } from '../certificate/der.ts'
import type { Finding } from '../certificate/finding.ts'
import { type Circumstances, judge } from '../certificate/judge.ts'
import { maxInputBytes } from '../certificate/limits.ts'
import { fromBase64 } from '../certificate/pem.ts'
import { type CertificateReader, certificateReader, privateKey } from '../certificate/read.ts'
import type { Certificate, CertificateEntry, CertificateProblem, CertificateReport, CertificateSource } from '../certificate/report.ts'
import { never } from '../istio/values/principal.ts'
import { readCerts } from './envoyCerts.ts'
import { readConfigDump } from './envoyConfigDump.ts'
import { type Json, parseJson } from './json.ts'
import { type ManifestPart, manifestParts, manifestPartsOf } from './manifest.ts'
import type { Material, ProxyDump, Secret } from './secret.ts'
import { readZtunnel } from './ztunnel.ts'

/**
 * Reads a file of any supported kind. `now` is RFC 3339; `name` is what a PEM or DER file's entry is called.
 * What cannot be read becomes a problem of the report.
 */
export function readCertificates(input: Uint8Array | string, now: string, name?: string): CertificateReport {
  if (input.length > maxInputBytes) return failed('pem', name ?? 'input', tooLarge(input.length))
  // A text may start with the character 0, which is the first byte of DER too.
  if (typeof input !== 'string' && derShape(input).kind !== 'other') return fileReport('der', input, name ?? 'der', now)
  const text = textOf(input)
  if (!/^\s*[[{]/.test(text)) return textReport(text, name ?? 'pem', now)
  const dump = readDump(text, name ?? 'dump')
  return 'secrets' in dump ? dumpReport(dump, now) : 'parts' in dump ? manifestReport(dump.parts, now) : dump
}

function textReport(text: string, name: string, now: string): CertificateReport {
  const parts = manifestParts(text)
  if (parts) return manifestReport(parts, now)
  const unwrapped = unwrap(text)
  return typeof unwrapped === 'string' ? fileReport('pem', unwrapped, name, now) : fileReport('der', unwrapped, name, now)
}

/** Certificates are often handed on as base64, without the lines around it or of the whole PEM, as in a Secret. */
function unwrap(text: string): string | Uint8Array {
  const start = text.slice(0, 100).trimStart()
  // `-----BEGIN`, and a SEQUENCE with a length of two octets.
  if (!start.startsWith('LS0tLS1CRUdJTi') && !start.startsWith('MII')) return text
  const bytes = fromBase64(text.replace(/\s+/g, ''))
  if (bytes === undefined) return text
  return derShape(bytes).kind === 'other' ? new TextDecoder().decode(bytes) : bytes
}

/**
 * Reads what a running proxy answered: Envoy's `/config_dump` or, for a pod in ambient, its node's ztunnel, of which only this pod's
 * identity is kept. `expectedIdentity` is the `spiffe://…` of the pod's service account.
 */
export function readProxyCertificates(input: Uint8Array | string, expectedIdentity: string, now: string): CertificateReport {
  return dumpReader(input).of(expectedIdentity, now)
}

/** One parsed answer of a proxy, from which several reports are made: a ztunnel answers for every identity of its node. */
export interface DumpReader {
  /** Of everything in the dump, as `readCertificates`. */
  all(now: string): CertificateReport
  /** As `readProxyCertificates`. */
  of(expectedIdentity: string, now: string): CertificateReport
}

export function dumpReader(input: Uint8Array | string): DumpReader {
  const dump = input.length > maxInputBytes ? failed('envoy-config-dump', 'dump', tooLarge(input.length)) : readDump(textOf(input), 'dump')
  if (!('secrets' in dump)) {
    const report = 'parts' in dump ? failed('envoy-config-dump', 'dump', notADump) : dump
    return { all: () => report, of: () => report }
  }
  return {
    all: now => dumpReport(dump, now),
    of: (expectedIdentity, now) => dumpReport(withWorkload(dump, expectedIdentity), now, expectedIdentity),
  }
}

function textOf(input: Uint8Array | string): string {
  if (typeof input === 'string') return input.replace(/^\ufeff/, '')
  // What a redirect in a Windows shell writes.
  const little = input[0] === 0xff && input[1] === 0xfe
  const big = input[0] === 0xfe && input[1] === 0xff
  return new TextDecoder(little ? 'utf-16le' : big ? 'utf-16be' : 'utf-8').decode(input)
}

function readDump(text: string, name: string): ProxyDump | CertificateReport | { readonly parts: readonly ManifestPart[] } {
  const parsed = parseJson(text)
  switch (parsed.kind) {
    case 'value':
      return dumpOf(parsed.value) ?? objectsIn(parsed.value) ?? failed('envoy-config-dump', name, notADump)
    case 'truncated':
      return failed('envoy-config-dump', name, truncated)
    case 'invalid':
      return failed('envoy-config-dump', name, invalid(text, parsed.position))
    case 'unreasonable':
      return failed('envoy-config-dump', name, unreasonable)
    default:
      return never(parsed)
  }
}

function objectsIn(document: Json): { readonly parts: readonly ManifestPart[] } | undefined {
  const parts = manifestPartsOf(document)
  return parts && { parts }
}

function dumpOf(document: Json): ProxyDump | undefined {
  return readConfigDump(document) ?? readZtunnel(document) ?? readCerts(document)
}

/** For a running proxy the absence of its own certificate is an answer too. */
function withWorkload(dump: ProxyDump, identity: string): ProxyDump {
  const secrets =
    dump.source === 'ztunnel' ? dump.secrets.filter(({ name, role }) => role !== 'workload' || name === identity) : dump.secrets
  if (secrets.some(({ role }) => role === 'workload')) return { ...dump, secrets }
  const name = dump.source === 'ztunnel' ? identity : 'default'
  return { ...dump, secrets: [{ name, role: 'workload', state: 'missing', bundle: false, material: [] }, ...secrets] }
}

function dumpReport(dump: ProxyDump, now: string, expectedIdentity?: string): CertificateReport {
  const reader = certificateReader()
  const read = dump.secrets.map(secret => ({ secret, ...readSecret(secret, reader) }))
  const judged = read.map(({ secret, entry }) => {
    const roots = secret.roots === undefined ? trustedBy(entry, read) : certificatesOf(secret.roots, reader, entry.name).certificates
    return judge(entry, { now, live: true, roots, bundle: secret.bundle, expectedIdentity })
  })
  const problems = [...dump.problems, ...read.flatMap(({ problems }) => problems), ...judged.flatMap(({ problems }) => problems)]
  const nothing = dump.secrets.length === 0 && dump.problems.length === 0
  return {
    version: 1,
    source: dump.source,
    entries: judged.map(({ entry }) => entry),
    problems: nothing ? [noSecrets(dump.source)] : distinct(problems),
  }
}

interface ReadSecret {
  readonly secret: Secret
  readonly entry: CertificateEntry
  readonly problems: readonly CertificateProblem[]
}

function readSecret(secret: Secret, reader: CertificateReader): Omit<ReadSecret, 'secret'> {
  const { name, role, state, lastUpdated, trustDomain, reason } = secret
  const { certificates, problems } = certificatesOf(secret.material, reader, name)
  const file = secret.material.find(material => material.kind === 'file')?.path
  const optional = Object.entries({ lastUpdated, trustDomain, reason, file }).filter(([, value]) => value !== undefined)
  return { entry: { name, role, state, chain: certificates, ...Object.fromEntries(optional) }, problems }
}

function certificatesOf(materials: readonly Material[], reader: CertificateReader, entry: string) {
  const read = materials.map(material => {
    switch (material.kind) {
      case 'pem':
        return reader.pem(material.text, entry)
      case 'facts':
        return { certificates: [material.certificate], problems: [] }
      case 'file':
        return { certificates: [], problems: [] }
      default:
        return never(material)
    }
  })
  return { certificates: read.flatMap(({ certificates }) => certificates), problems: read.flatMap(({ problems }) => problems) }
}

/** The roots in `ROOTCA` verify workloads. With federation only the bundle of the identity's own trust domain counts. */
function trustedBy(entry: CertificateEntry, all: readonly ReadSecret[]): readonly Certificate[] | undefined {
  if (entry.role !== 'workload') return undefined
  const trustDomain = /^spiffe:\/\/([^/]+)/.exec(entry.chain[0]?.identity ?? '')?.[1]
  const bundles = all.filter(({ entry: { role, trustDomain: of } }) => role === 'root' && (of === undefined || of === trustDomain))
  const roots = bundles.flatMap(({ entry: { chain } }) => chain).filter(({ partial }) => !partial)
  return roots.length === 0 ? undefined : roots
}

function fileReport(source: 'pem' | 'der', input: Uint8Array | string, name: string, now: string): CertificateReport {
  const reader = certificateReader()
  const { certificates, problems } = typeof input === 'string' ? reader.pem(input, name) : reader.der(input, name)
  if (certificates.length === 0) return { version: 1, source, entries: [], problems }
  const bundle = certificates.every(({ ca }) => ca)
  const circumstances: Circumstances = { now, live: false, bundle }
  const judged = judge({ name, role: fileRole(certificates, bundle), state: 'active', chain: certificates }, circumstances)
  return { version: 1, source, entries: [judged.entry], problems: [...problems, ...judged.problems] }
}

/** Each value of the objects is an entry of its own. */
function manifestReport(parts: readonly ManifestPart[], now: string): CertificateReport {
  const reports = parts.map(
    ({ name, text }): Pick<CertificateReport, 'entries' | 'problems'> =>
      text === undefined
        ? { entries: [], problems: [{ entry: name, ...privateKey('in this object') }] }
        : fileReport('pem', text, name, now),
  )
  return {
    version: 1,
    source: 'pem',
    entries: reports.flatMap(({ entries }) => entries),
    problems: reports.flatMap(({ problems }) => problems),
  }
}

/** A file does not say what it is for; a URI among the names of a leaf says that it is meant as an identity. */
function fileRole(certificates: readonly Certificate[], bundle: boolean): CertificateEntry['role'] {
  if (bundle) return 'root'
  return certificates.some(({ ca, san }) => !ca && san.some(({ type }) => type === 'uri')) ? 'workload' : 'other'
}

function failed(source: CertificateSource, entry: string, finding: Finding): CertificateReport {
  return { version: 1, source, entries: [], problems: [{ entry, ...finding }] }
}

function tooLarge(size: number): Finding {
  const megabytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024)
  return {
    severity: 'error',
    id: 'too-large',
    message: `The input has ${megabytes(size)} MB and at most ${megabytes(maxInputBytes)} MB are read. Narrow the dump to its secrets: "/config_dump?mask=dynamic_active_secrets,dynamic_warming_secrets".`,
  }
}

const truncated: Finding = {
  severity: 'error',
  id: 'truncated-dump',
  message:
    'The dump ends in the middle of its JSON, so nothing in it can be relied on. Take it anew, narrowed to its secrets if it is large.',
}

const unreasonable: Finding = {
  severity: 'error',
  id: 'not-a-dump',
  message: 'This JSON is nested deeper, or has more values, than any dump of a proxy, so it was not read. Take the dump anew.',
}

const notADump: Finding = {
  severity: 'error',
  id: 'not-a-dump',
  message: 'This JSON is no dump that is known here. Use Envoy\'s "/config_dump" or "/certs", or the "/config_dump" of ztunnel.',
}

/** Says where, never what: the text may hold a key. */
function invalid(text: string, position: number | undefined): Finding {
  const line = position === undefined ? '' : ` (line ${text.slice(0, position).split('\n').length})`
  return { severity: 'error', id: 'not-a-dump', message: `This is not valid JSON${line}, so it is no dump of a proxy. Take the dump anew.` }
}

function noSecrets(source: CertificateSource): CertificateProblem {
  const message =
    'There is no secret in this dump: the proxy holds none, or the dump was narrowed to something else. Ask for "/config_dump" without narrowing.'
  return { entry: source, severity: 'warning', id: 'no-secrets', message }
}

/** Roots and chains share certificates, so the same thing can be found twice. */
function distinct(problems: readonly CertificateProblem[]): readonly CertificateProblem[] {
  return [...new Map(problems.map(problem => [JSON.stringify(problem), problem])).values()]
}
