// PEM text or DER bytes → certificates, and a problem for each part that is none. Nothing here throws, and no byte of a private key is kept.
import { createHash } from 'node:crypto'
import { never } from '../istio/values/principal.ts'
import { type RevocationList, readRevocationList } from './crl.ts'
import { decodeCertificate } from './decode.ts'
import { type DerShape, derShape } from './der.ts'
import type { Finding } from './finding.ts'
import { harmless } from './harmless.ts'
import { maxBlocks, maxBundleBytes, maxCertificateBytes, maxCertificates, maxDamagedBytes, maxDecodedBytes, maxListed } from './limits.ts'
import { type PemBlock, pemBlocks } from './pem.ts'
import { certificatesInPkcs7 } from './pkcs7.ts'
import type { Certificate, CertificateProblem } from './report.ts'

export interface ReadCertificates {
  readonly certificates: readonly Certificate[]
  readonly problems: readonly CertificateProblem[]
}

/** Reads the parts of one input. Repeated certificates are decoded once; `maxCertificates` counts different ones. */
export interface CertificateReader {
  /** `entry` is what the problems are about: the name of the secret or file. */
  pem(text: string, entry: string): ReadCertificates
  der(bytes: Uint8Array, entry: string): ReadCertificates
}

export function certificateReader(): CertificateReader {
  const decoded = new Map<string, Certificate | undefined>()
  const affordable = allowance(maxDecodedBytes)
  const affordableList = allowance(maxBundleBytes)
  let damagedBytes = 0
  let listed = 0

  /** `full`: the limit is reached, so this one stays unread. */
  function decode(der: Uint8Array): Certificate | undefined | 'full' {
    const key = createHash('sha256').update(der).digest('hex')
    if (decoded.has(key)) return decoded.get(key)
    if (decoded.size >= maxCertificates || damagedBytes > maxDamagedBytes || !affordable(der.length)) return 'full'
    const certificate = decodeCertificate(der)
    if (certificate === undefined) damagedBytes += der.length
    decoded.set(key, certificate)
    return certificate
  }

  function read(parts: Iterable<Part>, entry: string, mayBeList: Allowance): ReadCertificates {
    const certificates: Certificate[] = []
    const problems: CertificateProblem[] = []
    let left = 0
    for (const part of parts) {
      if (part.problem !== undefined) problems.push({ entry, ...part.problem })
      if (part.der === undefined) continue
      const certificate = listed >= maxListed ? 'full' : part.der.length > maxCertificateBytes ? undefined : decode(part.der)
      if (certificate === 'full') left++
      else if (certificate !== undefined) {
        certificates.push(certificate)
        listed++
        if (certificate.malformed) problems.push({ entry, ...malformed(part.where, certificate.malformed) })
      } else problems.push({ entry, ...notDecoded(part.der, part.where, mayBeList) })
    }
    if (left > 0)
      problems.push({
        entry,
        severity: 'warning',
        id: 'too-many-certificates',
        message: `${left} certificates were left out: at most ${maxCertificates} different ones are read from one input, and ${maxListed} in all. Split the input to see the others.`,
      })
    return { certificates, problems }
  }

  return {
    // The labels of PEM say what is a revocation list.
    pem: (text, entry) => read(pemParts(text, affordableList), entry, () => false),
    der: (bytes, entry) => read(derParts(bytes, 'The certificate', affordableList), entry, affordableList),
  }
}

/** Whether so many more bytes may be decoded; if so, they count as decoded from then on. */
type Allowance = (bytes: number) => boolean

function allowance(most: number): Allowance {
  let left = most
  return bytes => {
    if (bytes > left) return false
    left -= bytes
    return true
  }
}

/** A revocation list starts as a certificate does. */
function notDecoded(der: Uint8Array, where: string, affordable: Allowance): Finding {
  const list = affordable(der.length) ? readRevocationList(der) : undefined
  if (list) return revocationList(list, where)
  const why =
    der.length > maxCertificateBytes ? 'it is larger than any certificate' : 'its content is damaged, or far more than a certificate holds'
  return { severity: 'error', id: 'certificate-unreadable', message: `${where} cannot be decoded: ${why}. Get it anew from its source.` }
}

function revocationList({ issuer, entries, nextUpdate }: RevocationList, where: string): Finding {
  const revoked = entries === 0 ? 'no certificate' : entries === 1 ? '1 certificate' : `${entries} certificates`
  const next = nextUpdate === undefined ? 'It does not say when the next one is due.' : `The next one is due at ${nextUpdate}.`
  return {
    severity: 'info',
    id: 'revocation-list',
    message: `${where} is a revocation list (CRL) of "${harmless(issuer)}" that revokes ${revoked}. ${next}`,
  }
}

function malformed(where: string, extensions: readonly string[]): Finding {
  return {
    severity: 'warning',
    id: 'extension-unreadable',
    message: `${where} holds extensions that cannot be decoded (${extensions.join(', ')}); they are shown as absent, and peers refuse the certificate. Have the CA issue it anew.`,
  }
}

interface Part {
  /** How messages call it, at the start of a sentence. */
  readonly where: string
  readonly der?: Uint8Array
  readonly problem?: Finding
}

function* pemParts(text: string, affordable: Allowance): Generator<Part> {
  const blocks = pemBlocks(text)
  if (blocks.length === 0) {
    const what = text.trim() === '' ? 'It is empty' : 'No line "-----BEGIN CERTIFICATE-----" is in it'
    yield {
      where: 'The text',
      problem: { severity: 'error', id: 'not-a-certificate', message: `${what}, so there is no certificate to show.` },
    }
  }
  for (const block of blocks) {
    const where = `The block at line ${block.line}`
    switch (block.kind) {
      case 'certificate':
      case 'pkcs7':
        yield* derParts(block.der, where, affordable)
        break
      case 'crl':
        yield revocationPart(block.der, where, affordable)
        break
      case 'rest':
        yield {
          where,
          problem: {
            severity: 'warning',
            id: 'too-many-certificates',
            message: `What stands from line ${block.line} on was left out: at most ${maxBlocks} blocks are read from one input. Split it to see the others.`,
          },
        }
        break
      case 'private-key':
        yield { where, problem: privateKey(`at line ${block.line}`) }
        break
      case 'other':
        yield {
          where,
          problem: { severity: 'info', id: 'not-a-certificate', message: `${where} is ${block.what}, not a certificate. It was left out.` },
        }
        break
      case 'broken':
        yield { where, problem: broken(where, block.why) }
        break
      default:
        never(block)
    }
  }
}

function* derParts(bytes: Uint8Array, where: string, affordable: Allowance): Generator<Part> {
  const shape = derShape(bytes)
  if (shape.kind === 'pkcs7') yield* bundleParts(bytes, where, affordable)
  else yield derPart(bytes, shape, where)
}

function revocationPart(der: Uint8Array, where: string, affordable: Allowance): Part {
  const list = affordable(der.length) ? readRevocationList(der) : undefined
  if (list) return { where, problem: revocationList(list, where) }
  const message = `${where} is labelled as a revocation list and was left out: it is damaged or too large.`
  return { where, problem: { severity: 'warning', id: 'not-a-certificate', message } }
}

function* bundleParts(bytes: Uint8Array, where: string, affordable: Allowance): Generator<Part> {
  const found = affordable(bytes.length) ? certificatesInPkcs7(bytes) : undefined
  const empty = found?.length === 0
  if (!found || empty) {
    const message = empty
      ? `${where} is a PKCS#7 message without certificates, so there is nothing to show.`
      : `${where} is no PKCS#7 bundle that can be read. Export the certificates as PEM, without keys.`
    yield { where, problem: { severity: 'error', id: empty ? 'not-a-certificate' : 'certificate-unreadable', message } }
  }
  for (const der of found ?? []) yield { where, der }
}

function derPart(bytes: Uint8Array, shape: Exclude<DerShape, { kind: 'pkcs7' }>, where: string): Part {
  switch (shape.kind) {
    case 'certificate':
      if (!shape.trailing) return { where, der: bytes }
      return {
        where,
        der: bytes.slice(0, shape.length),
        problem: {
          severity: 'info',
          id: 'trailing-data',
          message: `${where} has ${bytes.length - shape.length} more bytes behind the certificate. They were not read.`,
        },
      }
    case 'truncated':
      return {
        where,
        problem: {
          severity: 'error',
          id: 'truncated-certificate',
          message: `${where} is cut off: ${shape.actual} of ${shape.expected} bytes are there. Copy the whole certificate.`,
        },
      }
    case 'private-key':
      return { where, problem: privateKey('where a certificate should be') }
    case 'other':
      return {
        where,
        problem: { severity: 'error', id: 'not-a-certificate', message: `${where} is not an X.509 certificate, so it was left out.` },
      }
    default:
      return never(shape)
  }
}

function broken(where: string, why: Extract<PemBlock, { kind: 'broken' }>['why']): Finding {
  switch (why) {
    case 'unterminated':
      return {
        severity: 'error',
        id: 'truncated-block',
        message: `${where} has no END line, so the certificate is incomplete. Copy it up to and with "-----END CERTIFICATE-----".`,
      }
    case 'base64':
      return {
        severity: 'error',
        id: 'certificate-unreadable',
        message: `${where} is not valid base64: characters were changed or lost. Copy the certificate anew.`,
      }
    case 'too-large':
      return {
        severity: 'error',
        id: 'certificate-unreadable',
        message: `${where} is larger than any certificate or bundle, so it was not read.`,
      }
    case 'empty':
      return { severity: 'error', id: 'not-a-certificate', message: `${where} is empty: there is nothing between its BEGIN and END lines.` }
    default:
      return never(why)
  }
}

/** Says that a key is there and nothing about it. */
export function privateKey(place: string): Finding {
  return {
    severity: 'warning',
    id: 'private-key-present',
    message: `A private key stands ${place}. It was not read and is shown nowhere. Whoever has this file has the key: keep it apart from certificates.`,
  }
}
