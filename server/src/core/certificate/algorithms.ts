// Keys and signatures by their object identifiers, named as openssl names them.
import type { SubjectPublicKeyInfo } from '@peculiar/asn1-x509'
import { Integer, ObjectIdentifier, Sequence } from 'asn1js'
import { values } from './asn1.ts'
import type { Certificate } from './report.ts'

/** Takes a dotted OID. openssl's name, such as `ecdsa-with-SHA256`; the OID itself where we have none. */
export function signatureName(oid: string): string {
  return signatures.get(oid) ?? oid
}

export function keyFacts({ algorithm: { algorithm: oid, parameters }, subjectPublicKey }: SubjectPublicKeyInfo): Certificate['key'] {
  if (rsaKeys.has(oid)) return { algorithm: 'RSA', ...modulusBits(subjectPublicKey) }
  if (oid !== ellipticKey) return { algorithm: otherKeys.get(oid) ?? oid }
  const named = parameters ? values(parameters) : undefined
  if (!(named instanceof ObjectIdentifier)) return { algorithm: 'EC' }
  const curve = named.getValue()
  return { algorithm: 'EC', ...(curves.get(curve) ?? { curve }) }
}

/** RFC 8017 §A.1.1: the modulus is the first number of an RSAPublicKey. */
function modulusBits(key: ArrayBuffer): { readonly bits?: number } {
  const held = values(key)
  const modulus = held instanceof Sequence ? held.valueBlock.value[0] : undefined
  const number = modulus instanceof Integer ? modulus.toBigInt() : 0n
  return number > 0n ? { bits: number.toString(2).length } : {}
}

const ellipticKey = '1.2.840.10045.2.1'
const rsaKeys: ReadonlySet<string> = new Set(['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.10'])

const otherKeys: ReadonlyMap<string, string> = new Map([
  ['1.3.101.112', 'Ed25519'],
  ['1.3.101.113', 'Ed448'],
  ['1.2.840.10040.4.1', 'DSA'],
  ['2.16.840.1.101.3.4.3.17', 'ML-DSA-44'],
  ['2.16.840.1.101.3.4.3.18', 'ML-DSA-65'],
  ['2.16.840.1.101.3.4.3.19', 'ML-DSA-87'],
])

const curves: ReadonlyMap<string, { readonly bits: number; readonly curve: string }> = new Map([
  ['1.2.840.10045.3.1.7', { bits: 256, curve: 'P-256' }],
  ['1.3.132.0.33', { bits: 224, curve: 'P-224' }],
  ['1.3.132.0.34', { bits: 384, curve: 'P-384' }],
  ['1.3.132.0.35', { bits: 521, curve: 'P-521' }],
  ['1.3.132.0.10', { bits: 256, curve: 'secp256k1' }],
])

const signatures: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.2', 'md2WithRSAEncryption'],
  ['1.2.840.113549.1.1.4', 'md5WithRSAEncryption'],
  ['1.2.840.113549.1.1.5', 'sha1WithRSAEncryption'],
  ['1.2.840.113549.1.1.10', 'rsassaPss'],
  ['1.2.840.113549.1.1.11', 'sha256WithRSAEncryption'],
  ['1.2.840.113549.1.1.12', 'sha384WithRSAEncryption'],
  ['1.2.840.113549.1.1.13', 'sha512WithRSAEncryption'],
  ['1.2.840.113549.1.1.14', 'sha224WithRSAEncryption'],
  ['1.2.840.10045.4.1', 'ecdsa-with-SHA1'],
  ['1.2.840.10045.4.3.1', 'ecdsa-with-SHA224'],
  ['1.2.840.10045.4.3.2', 'ecdsa-with-SHA256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-with-SHA384'],
  ['1.2.840.10045.4.3.4', 'ecdsa-with-SHA512'],
  ['1.2.840.10040.4.3', 'dsaWithSHA1'],
  ['2.16.840.1.101.3.4.3.2', 'dsa_with_SHA256'],
  ['1.3.101.112', 'ED25519'],
  ['1.3.101.113', 'ED448'],
  ['2.16.840.1.101.3.4.3.17', 'ML-DSA-44'],
  ['2.16.840.1.101.3.4.3.18', 'ML-DSA-65'],
  ['2.16.840.1.101.3.4.3.19', 'ML-DSA-87'],
])
