// The recorded truth that certificate tests compare with: made files and real proxies, each with what openssl says about it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Certificate } from '../../../../server/src/core/certificate/report.ts'

export interface OpensslFacts {
  readonly error?: string
  readonly subject: string
  readonly issuer: string
  readonly serialHex: string
  readonly notBefore: string
  readonly notAfter: string
  readonly fingerprintSha256: string
  readonly fingerprintSha1: string
  readonly signatureAlgorithm: string
  readonly publicKeyAlgorithm: string
  readonly publicKeyBits: number | null
  readonly curve: string | null
  readonly subjectAltName: Extension
  readonly basicConstraints: Extension
  readonly keyUsage: Extension
  readonly extendedKeyUsage: Extension
  readonly subjectKeyIdentifier: Extension
  readonly authorityKeyIdentifier: Extension
}

type Extension = { readonly critical: boolean; readonly value: string } | null

export interface ExpectedFile {
  readonly evaluateAt: string
  readonly certificates: readonly OpensslFacts[]
  readonly opensslVerify?: {
    readonly [rootAndPurpose: string]: 'OK' | readonly { readonly code: number; readonly depth: number }[] | string
  }
}

export interface ExpectedSecret {
  readonly state: 'dynamic_active_secrets' | 'dynamic_warming_secrets'
  readonly name: string
  readonly last_updated: string
  readonly certificates: readonly OpensslFacts[]
}

const repository = join(import.meta.dirname, '../../../..')

/** File name → content of `test/data/certificates`. */
export const madeFiles = readBundle('certificates/made.json.gz')
export const expectedFiles: { readonly [file: string]: ExpectedFile } = JSON.parse(made('expected.json'))

/** Path → content of `test/data/proxy`. */
export const recordedFiles = readBundle('proxy/secrets.json.gz')
export const recordedProxies = Object.keys(recordedFiles)
  .filter(path => path.endsWith('/expected.certificates.json'))
  .map(path => path.replace('/expected.certificates.json', ''))

export function made(file: string): string {
  return madeFiles[file] ?? missing(file)
}

export function recorded(path: string): string {
  return recordedFiles[path] ?? missing(path)
}

/** A third-party recording outside the repository; undefined where it is not there, which is a failure under CI. */
export function shared(path: string): string | undefined {
  const file = join(process.env.ISTIO_SECURITY_SHARED ?? join(repository, '../shared'), 'data', path)
  if (existsSync(file)) return readFileSync(file, 'utf8')
  if (process.env.CI) throw new Error(`CI needs ${path} in ISTIO_SECURITY_SHARED`)
  return undefined
}

/** Our fields in openssl's words, to be compared with its output. */
export function asOpenssl(certificate: Certificate): Omit<OpensslFacts, 'error'> {
  const extension = (name: string, value: string): Extension =>
    value === '' ? null : { critical: certificate.critical?.includes(name) ?? false, value }
  const constraints = `CA:${certificate.ca ? 'TRUE' : 'FALSE'}${certificate.pathLength === null ? '' : `, pathlen:${certificate.pathLength}`}`
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    serialHex: certificate.serial.toUpperCase(),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    fingerprintSha256: colons(certificate.sha256),
    fingerprintSha1: colons(certificate.sha1 ?? ''),
    signatureAlgorithm: certificate.signature,
    publicKeyAlgorithm: keyNames[certificate.key.algorithm] ?? certificate.key.algorithm,
    publicKeyBits: certificate.key.bits ?? null,
    curve: certificate.key.curve ?? null,
    subjectAltName: extension('san', certificate.san.map(({ type, value }) => `${sanNames[type]}:${value}`).join(', ')),
    basicConstraints: extension('basicConstraints', constraints),
    keyUsage: extension('keyUsage', certificate.keyUsage.map(usage => usageNames[usage]).join(', ')),
    extendedKeyUsage: extension('extendedKeyUsage', certificate.extendedKeyUsage.map(usage => usageNames[usage]).join(', ')),
    subjectKeyIdentifier: extension('', colons(certificate.ski ?? '')),
    authorityKeyIdentifier: extension('', colons(certificate.aki ?? '')),
  }
}

/** openssl's facts as the report tells them: without the version, and absent basic constraints mean "no CA" (RFC 5280 §4.2.1.9). */
export function comparable(facts: OpensslFacts): Omit<OpensslFacts, 'error'> {
  const { version: _version, ...rest } = facts as OpensslFacts & { version?: number }
  return { ...rest, basicConstraints: rest.basicConstraints ?? { critical: false, value: 'CA:FALSE' } }
}

const keyNames: { readonly [ours: string]: string } = { EC: 'id-ecPublicKey', RSA: 'rsaEncryption', Ed25519: 'ED25519' }
const sanNames = { uri: 'URI', dns: 'DNS', ip: 'IP Address', email: 'email', other: 'othername' }
const usageNames: { readonly [ours: string]: string } = {
  digitalSignature: 'Digital Signature',
  nonRepudiation: 'Non Repudiation',
  keyEncipherment: 'Key Encipherment',
  keyCertSign: 'Certificate Sign',
  cRLSign: 'CRL Sign',
  serverAuth: 'TLS Web Server Authentication',
  clientAuth: 'TLS Web Client Authentication',
}

function colons(hex: string): string {
  return (hex.toUpperCase().match(/../g) ?? []).join(':')
}

function readBundle(path: string): { readonly [file: string]: string } {
  return JSON.parse(gunzipSync(readFileSync(join(repository, 'test/data', path))).toString('utf8'))
}

function missing(path: string): never {
  throw new Error(`no recorded file ${path}`)
}
