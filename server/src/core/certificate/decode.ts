// DER bytes of one certificate to the fields we show. Everything a decoder may choke on ends here, as `undefined`. Source: RFC 5280 §4.1.
// The decoder needs the Reflect polyfill before its own first line, so that import stays on top.
import 'reflect-metadata'
import { createHash, X509Certificate as NodeCertificate } from 'node:crypto'
import { Certificate as Structure, Version } from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'
import { keyFacts, signatureName } from './algorithms.ts'
import { checkedTime, hexOf, structure } from './asn1.ts'
import { readExtensions } from './extensions.ts'
import { rfc3339 } from './lifetime.ts'
import { distinguishedName } from './name.ts'
import { toPem } from './pem.ts'
import type { Certificate } from './report.ts'
import { identityOf } from './spiffe.ts'

/** Takes exactly the bytes of one certificate; undefined where they are none. Never throws. */
export function decodeCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return fields(der, structure(der, Structure))
  } catch {
    // Decoders say what went wrong in terms of ASN.1 and may quote the input; the caller has better words.
    return undefined
  }
}

function fields(der: Uint8Array, asn: Structure): Certificate {
  const certificate = new x509.X509Certificate(asn)
  const { version, serialNumber, subject, issuer, subjectPublicKeyInfo, extensions } = asn.tbsCertificate
  const read = readExtensions(extensions ?? [])
  const identity = identityOf(read.facts.san)
  const names = { subject: distinguishedName(subject), issuer: distinguishedName(issuer) }
  return {
    ...(identity === undefined ? {} : { identity }),
    ...names,
    serial: serial(serialNumber),
    notBefore: rfc3339(checkedTime(certificate.notBefore)),
    notAfter: rfc3339(checkedTime(certificate.notAfter)),
    sha256: createHash('sha256').update(der).digest('hex'),
    sha1: createHash('sha1').update(der).digest('hex'),
    key: keyFacts(subjectPublicKeyInfo),
    signature: signatureName(asn.signatureAlgorithm.algorithm),
    ...read.facts,
    selfSigned: names.subject === names.issuer && verifiesItself(der),
    critical: read.critical,
    ...(read.malformed.length === 0 ? {} : { malformed: read.malformed }),
    ...(read.unknownCritical.length === 0 ? {} : { unknownCritical: read.unknownCritical }),
    ...(version === Version.v1 && extensions === undefined ? { version1: true as const } : {}),
    pem: toPem(der),
  }
}

/** Whole octets, with `-` where it is negative, as CAs must not write it. Not the decoder's text, which leaves the sign out. */
function serial(octets: ArrayBuffer): string {
  const number = BigInt.asIntN(octets.byteLength * 8, BigInt(`0x${hexOf(octets)}`))
  const digits = (number < 0n ? -number : number).toString(16)
  return `${number < 0n ? '-' : ''}${digits.padStart(digits.length + (digits.length % 2), '0')}`
}

function verifiesItself(der: Uint8Array): boolean {
  try {
    const certificate = new NodeCertificate(der)
    return certificate.verify(certificate.publicKey)
  } catch {
    return false
  }
}
