// Certificates at random: what we read is what openssl and Node read, whoever made them.
import { X509Certificate as NodeCertificate } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCertificate } from '../../../../server/src/core/certificate/decode.ts'
import type { Certificate } from '../../../../server/src/core/certificate/report.ts'
import { type Random, randomCertificate } from './made/arbitrary.ts'
import { issue, keyPair, pem } from './made/issue.ts'
import { extensionIn, type Facts, hasOpenssl, opensslFacts } from './made/openssl.ts'

const runs = { numRuns: 150, interruptAfterTimeLimit: 15_000 }
const openssl = hasOpenssl()

function read({ der }: Random): Certificate {
  const certificate = decodeCertificate(der)
  if (certificate === undefined) throw new Error(`not read: ${pem(der)}`)
  return certificate
}

test('Node reads the same', () => {
  fc.assert(
    fc.property(randomCertificate, random => {
      const ours = read(random)
      const node = new NodeCertificate(random.der)
      expect({
        serial: ours.serial,
        notBefore: Date.parse(ours.notBefore),
        notAfter: Date.parse(ours.notAfter),
        sha256: ours.sha256,
        sha1: ours.sha1,
        key: ours.key.algorithm,
        bits: ours.key.bits,
      }).toEqual({
        serial: node.serialNumber.toLowerCase().replace(/^0$/, '00'),
        notBefore: Date.parse(node.validFrom),
        notAfter: Date.parse(node.validTo),
        sha256: hex(node.fingerprint256),
        sha1: hex(node.fingerprint),
        key: keyNames[node.publicKey.asymmetricKeyType ?? ''],
        bits: bits(node.publicKey),
      })
    }),
    runs,
  )
}, 30_000)

const keyNames: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'EC', ed25519: 'Ed25519' }

function bits({ asymmetricKeyDetails: details }: NodeCertificate['publicKey']): number | undefined {
  const curves: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 }
  return details?.modulusLength ?? curves[details?.namedCurve ?? '']
}

test.skipIf(!openssl)(
  'openssl reads the same',
  () => {
    fc.assert(
      fc.property(randomCertificate, random => {
        const ours = read(random)
        const theirs = opensslFacts(pem(random.der))
        if (theirs === undefined) throw new Error('openssl reads nothing')
        expect(inOpensslsWords(ours)).toEqual(expectedOf(theirs))
      }),
      runs,
    )
  },
  30_000,
)

function inOpensslsWords(ours: Certificate) {
  const extension = (name: string, value: string) =>
    value === '' ? undefined : { critical: ours.critical?.includes(name) ?? false, value }
  const { subject, issuer, serial, notBefore, notAfter, sha256, signature, ski, aki } = ours
  return {
    subject,
    issuer,
    serial,
    notBefore,
    notAfter,
    sha256,
    signature,
    keyUsage: extension('keyUsage', ours.keyUsage.map(each => usages[each] ?? each).join(', ')),
    extendedKeyUsage: extension('extendedKeyUsage', ours.extendedKeyUsage.map(each => usages[each] ?? each).join(', ')),
    constraints: `CA:${ours.ca ? 'TRUE' : 'FALSE'}${ours.pathLength === null ? '' : `, pathlen:${ours.pathLength}`}`,
    constraintsCritical: ours.critical?.includes('basicConstraints') ?? false,
    sanCritical: ours.critical?.includes('san') ?? false,
    names: ours.san.filter(({ type }) => type !== 'other').map(({ type, value }) => `${sanNames[type]}:${value}`),
    others: ours.san.filter(({ type }) => type === 'other').length,
    ski,
    aki,
  }
}

function expectedOf(theirs: Facts): ReturnType<typeof inOpensslsWords> {
  const { subject, issuer, serial, notBefore, notAfter, sha256, text } = theirs
  const constraints = extensionIn(theirs, 'Basic Constraints')
  const san = extensionIn(theirs, 'Subject Alternative Name')
  const ids = (name: string) => hex(extensionIn(theirs, name)?.value.replace('keyid:', '') ?? '') || undefined
  const known = ['DNS', 'URI', 'email', 'IP Address']
  const parts = san?.value.split(/, (?=(?:DNS|URI|email|IP Address|othername|DirName|Registered ID):)/) ?? []
  return {
    subject,
    issuer,
    serial,
    notBefore,
    notAfter,
    sha256,
    signature: /Signature Algorithm: (\S+)/.exec(text)?.[1] ?? '',
    keyUsage: extensionIn(theirs, 'Key Usage'),
    extendedKeyUsage: extensionIn(theirs, 'Extended Key Usage'),
    constraints: constraints?.value || 'CA:FALSE',
    constraintsCritical: constraints?.critical ?? false,
    sanCritical: san?.critical ?? false,
    names: parts.filter(part => known.some(each => part.startsWith(`${each}:`))).map(shortAddress),
    others: parts.filter(part => !known.some(each => part.startsWith(`${each}:`))).length,
    ski: ids('Subject Key Identifier'),
    aki: ids('Authority Key Identifier'),
  }
}

/** openssl writes every group of an IPv6 address. */
function shortAddress(name: string): string {
  const address = /^IP Address:([\dA-F:]+:[\dA-F:]+)$/.exec(name)?.[1]
  return address === undefined ? name : `IP Address:${new URL(`http://[${address}]`).hostname.slice(1, -1)}`
}

const sanNames = { uri: 'URI', dns: 'DNS', ip: 'IP Address', email: 'email', other: '' }
const usages: Readonly<Record<string, string>> = {
  digitalSignature: 'Digital Signature',
  nonRepudiation: 'Non Repudiation',
  keyEncipherment: 'Key Encipherment',
  dataEncipherment: 'Data Encipherment',
  keyAgreement: 'Key Agreement',
  keyCertSign: 'Certificate Sign',
  cRLSign: 'CRL Sign',
  encipherOnly: 'Encipher Only',
  decipherOnly: 'Decipher Only',
  anyExtendedKeyUsage: 'Any Extended Key Usage',
  serverAuth: 'TLS Web Server Authentication',
  clientAuth: 'TLS Web Client Authentication',
  codeSigning: 'Code Signing',
  emailProtection: 'E-mail Protection',
  timeStamping: 'Time Stamping',
  OCSPSigning: 'OCSP Signing',
}

function hex(colons: string): string {
  return colons.replaceAll(':', '').toLowerCase()
}

test('a time that cannot be read is not taken for another', () => {
  const key = keyPair('EC P-256')
  const at = new Date('2026-11-21T00:00:00Z')
  const order = { subject: [], issuer: [], serial: 1n, notBefore: at, notAfter: at, key: key.publicKey, extensions: [] }
  const der = Buffer.from(issue({ ...order, signer: { kind: 'EC P-256', key: key.privateKey } }))
  expect(decodeCertificate(der)).toMatchObject({ notBefore: '2026-11-21T00:00:00Z' })
  der.write('X', der.indexOf('261121000000Z') + 12)
  expect(decodeCertificate(der)).toBeUndefined()
})
