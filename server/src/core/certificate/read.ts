// PEM text or DER bytes → certificates, and a problem for each part that is none. Nothing here throws, and no byte of a private key is kept.
import { createHash } from 'node:crypto'
import { never } from '../istio/values/principal.ts'
import { decodeCertificate } from './decode.ts'
import { derShape } from './der.ts'
import type { Finding } from './finding.ts'
import { maxCertificates } from './limits.ts'
import { pemBlocks } from './pem.ts'
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

  /** `full`: the limit is reached, so this one stays unread. */
  function decode(der: Uint8Array): Certificate | undefined | 'full' {
    const key = createHash('sha256').update(der).digest('hex')
    if (decoded.has(key)) return decoded.get(key)
    if (decoded.size >= maxCertificates) return 'full'
    const certificate = decodeCertificate(der)
    decoded.set(key, certificate)
    return certificate
  }

  function read(parts: Iterable<Part>, entry: string): ReadCertificates {
    const certificates: Certificate[] = []
    const problems: CertificateProblem[] = []
    let left = 0
    for (const part of parts) {
      if (part.problem !== undefined) problems.push({ entry, ...part.problem })
      if (part.der === undefined) continue
      const certificate = decode(part.der)
      if (certificate === 'full') left++
      else if (certificate !== undefined) certificates.push(certificate)
      else
        problems.push({
          entry,
          severity: 'error',
          id: 'certificate-unreadable',
          message: `${part.where} cannot be decoded: its content is damaged. Get it anew from its source.`,
        })
    }
    if (left > 0)
      problems.push({
        entry,
        severity: 'warning',
        id: 'too-many-certificates',
        message: `${left} certificates were left out: at most ${maxCertificates} different ones are read from one input. Split the input to see the others.`,
      })
    return { certificates, problems }
  }

  return {
    pem: (text, entry) => read(pemParts(text), entry),
    der: (bytes, entry) => read([derPart(bytes, 'The certificate')], entry),
  }
}

interface Part {
  /** How messages call it, at the start of a sentence. */
  readonly where: string
  readonly der?: Uint8Array
  readonly problem?: Finding
}

function* pemParts(text: string): Generator<Part> {
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
        yield derPart(block.der, where)
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

function derPart(bytes: Uint8Array, where: string): Part {
  const shape = derShape(bytes)
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

function broken(where: string, why: 'unterminated' | 'base64' | 'empty'): Finding {
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
