// DER bytes of one certificate to the fields we show. Everything a decoder may choke on ends here, as `undefined`.
// The decoder needs the Reflect polyfill before its own first line, so that import stays on top.
import 'reflect-metadata'
import { createHash, type KeyObject, X509Certificate as NodeCertificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { rfc3339 } from './lifetime.ts'
import { distinguishedName } from './name.ts'
import { toPem } from './pem.ts'
import type { Certificate } from './report.ts'
import { identityOf } from './spiffe.ts'

/** Takes exactly the bytes of one certificate; undefined where they are none. Never throws. */
export function decodeCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return fields(der, new x509.X509Certificate(new Uint8Array(der)))
  } catch {
    // Decoders say what went wrong in terms of ASN.1 and may quote the input; the caller has better words.
    return undefined
  }
}

function fields(der: Uint8Array, certificate: x509.X509Certificate): Certificate {
  // Read once: the decoder forgets extensions that failed to decode when it is asked again.
  const extensions = certificate.extensions
  const basicConstraints = extensions.find(extension => extension instanceof x509.BasicConstraintsExtension)
  const keyUsage = extensions.find(extension => extension instanceof x509.KeyUsagesExtension)
  const extendedKeyUsage = extensions.find(extension => extension instanceof x509.ExtendedKeyUsageExtension)
  const names = extensions.find(extension => extension instanceof x509.SubjectAlternativeNameExtension)
  const ski = extensions.find(extension => extension instanceof x509.SubjectKeyIdentifierExtension)?.keyId
  const aki = extensions.find(extension => extension instanceof x509.AuthorityKeyIdentifierExtension)?.keyId
  const critical = Object.entries({ san: names, basicConstraints, keyUsage, extendedKeyUsage })
    .filter(([, extension]) => extension?.critical)
    .map(([name]) => name)
  const san = (names?.names.items ?? []).map(({ type, value }) => ({ type: sanTypes.get(type) ?? ('other' as const), value }))
  const identity = identityOf(san)
  const native = nativeCertificate(der)
  return {
    ...(identity === undefined ? {} : { identity }),
    subject: distinguishedName(certificate.subjectName),
    issuer: distinguishedName(certificate.issuerName),
    serial: serial(certificate.serialNumber),
    notBefore: rfc3339(certificate.notBefore),
    notAfter: rfc3339(certificate.notAfter),
    sha256: createHash('sha256').update(der).digest('hex'),
    sha1: createHash('sha1').update(der).digest('hex'),
    san,
    key: keyFacts(publicKey(native)),
    signature: signatureName(certificate.signatureAlgorithm as WebAlgorithm),
    ca: basicConstraints?.ca ?? false,
    pathLength: basicConstraints?.pathLength ?? null,
    keyUsage: keyUsage === undefined ? [] : keyUsageNames.filter((_, bit) => (keyUsage.usages & (1 << bit)) !== 0),
    extendedKeyUsage: (extendedKeyUsage?.usages ?? []).map(oid => extendedKeyUsageNames.get(`${oid}`) ?? `${oid}`),
    ...(ski === undefined ? {} : { ski: ski.toLowerCase() }),
    ...(aki === undefined ? {} : { aki: aki.toLowerCase() }),
    selfSigned: native !== undefined && isSelfSigned(native),
    critical,
    pem: toPem(der),
  }
}

/** Whether `issuer` signed `certificate`, by the signature alone. False where either cannot be used for that. */
export function signedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (certificate.pem === undefined || issuer.pem === undefined) return false
  try {
    return new NodeCertificate(certificate.pem).verify(new NodeCertificate(issuer.pem).publicKey)
  } catch {
    // A key or signature of a kind that this runtime does not know proves nothing.
    return false
  }
}

function nativeCertificate(der: Uint8Array): NodeCertificate | undefined {
  try {
    return new NodeCertificate(der)
  } catch {
    return undefined
  }
}

function publicKey(certificate: NodeCertificate | undefined): KeyObject | undefined {
  try {
    return certificate?.publicKey
  } catch {
    return undefined
  }
}

function isSelfSigned(certificate: NodeCertificate): boolean {
  const key = publicKey(certificate)
  try {
    return key !== undefined && certificate.subject === certificate.issuer && certificate.verify(key)
  } catch {
    return false
  }
}

function keyFacts(key: KeyObject | undefined): Certificate['key'] {
  const details = key?.asymmetricKeyDetails
  switch (key?.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return { algorithm: 'RSA', ...(details?.modulusLength === undefined ? {} : { bits: details.modulusLength }) }
    case 'ec':
      return { algorithm: 'EC', ...curveFacts(details?.namedCurve) }
    case 'ed25519':
      return { algorithm: 'Ed25519' }
    default:
      return { algorithm: key?.asymmetricKeyType ?? 'unknown' }
  }
}

function curveFacts(curve: string | undefined): { readonly bits?: number; readonly curve?: string } {
  if (curve === undefined) return {}
  return curves.get(curve) ?? { curve }
}

/** How the decoder describes a signature algorithm; its own type leaves out the name. */
interface WebAlgorithm {
  readonly name: string
  readonly hash?: { readonly name: string } | string
}

/** openssl's name, such as `ecdsa-with-SHA256`; the dotted OID where we have none. */
function signatureName(algorithm: WebAlgorithm): string {
  const hash = (typeof algorithm.hash === 'string' ? algorithm.hash : algorithm.hash?.name)?.replace('-', '')
  switch (algorithm.name) {
    case 'RSASSA-PKCS1-v1_5':
      return `${hash?.toLowerCase()}WithRSAEncryption`
    case 'ECDSA':
      return `ecdsa-with-${hash}`
    case 'RSA-PSS':
      return 'rsassaPss'
    default:
      return oldSignatures.get(algorithm.name) ?? algorithm.name
  }
}

function serial(hex: string): string {
  return hex.toLowerCase().replace(/^00(?=.)/, '')
}

const sanTypes: ReadonlyMap<string, Certificate['san'][number]['type']> = new Map([
  [x509.URL, 'uri'],
  [x509.DNS, 'dns'],
  [x509.IP, 'ip'],
  [x509.EMAIL, 'email'],
])

const curves: ReadonlyMap<string, { readonly bits: number; readonly curve: string }> = new Map([
  ['prime256v1', { bits: 256, curve: 'P-256' }],
  ['secp384r1', { bits: 384, curve: 'P-384' }],
  ['secp521r1', { bits: 521, curve: 'P-521' }],
])

const oldSignatures: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.2', 'md2WithRSAEncryption'],
  ['1.2.840.113549.1.1.4', 'md5WithRSAEncryption'],
])

/** RFC 5280 §4.2.1.3, in the order of its bits. */
const keyUsageNames = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]

const extendedKeyUsageNames: ReadonlyMap<string, string> = new Map([
  ['2.5.29.37.0', 'anyExtendedKeyUsage'],
  ['1.3.6.1.5.5.7.3.1', 'serverAuth'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth'],
  ['1.3.6.1.5.5.7.3.3', 'codeSigning'],
  ['1.3.6.1.5.5.7.3.4', 'emailProtection'],
  ['1.3.6.1.5.5.7.3.8', 'timeStamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning'],
])
