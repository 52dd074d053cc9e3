// Certificates made to order: any name, time, extension, and any way to be wrong that a CA would not offer.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { bits, type Der, explicit, flags, integer, oid, sequence, set, time, value } from './der.ts'

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const kinds = {
  'RSA 2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'RSA 4096': () => generateKeyPairSync('rsa', { modulusLength: 4096 }),
  'EC P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'EC P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'EC P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
} satisfies { readonly [name: string]: () => KeyPair }

export type KeyKind = keyof typeof kinds
export const keyKinds = Object.keys(kinds) as readonly KeyKind[]

const pairs = new Map<string, KeyPair>()

/** One pair for each kind and number: making them takes longer than anything else here. */
export function keyPair(kind: KeyKind, number = 0): KeyPair {
  const known = pairs.get(`${kind} ${number}`) ?? kinds[kind]()
  pairs.set(`${kind} ${number}`, known)
  return known
}

/** One attribute of a name: its type, its value, and as which kind of string it is written. */
export interface Attribute {
  readonly type: string
  readonly text: string
  readonly string: 'utf8' | 'printable' | 'teletex' | 'ia5' | 'bmp' | 'universal'
}

/** RDNs in the order in which they are written, each with one or more attributes. */
export type MadeName = readonly (readonly Attribute[])[]

export type AlternativeName =
  | { readonly type: 'dns' | 'uri' | 'email' | 'registered'; readonly text: string }
  | { readonly type: 'ip'; readonly bytes: Der }
  | { readonly type: 'directory'; readonly name: MadeName }
  | { readonly type: 'other'; readonly oid: string; readonly text: string }

export interface MadeExtension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Der
}

export interface Order {
  readonly subject: MadeName
  readonly issuer: MadeName
  readonly serial: bigint
  readonly notBefore: Date
  readonly notAfter: Date
  /** GeneralizedTime also where UTCTime would be right. */
  readonly generalized?: boolean
  readonly key: KeyObject
  readonly signer: { readonly kind: KeyKind; readonly key: KeyObject }
  readonly hash?: 'sha256' | 'sha384' | 'sha512' | 'sha1'
  readonly extensions: readonly MadeExtension[]
}

/** DER of the certificate. */
export function issue(order: Order): Der {
  const { kind, key } = order.signer
  const algorithm = signatureAlgorithm(kind, order.hash ?? 'sha256')
  const body = sequence(
    explicit(0, integer(2n)),
    integer(order.serial),
    algorithm,
    writtenName(order.issuer),
    sequence(time(order.notBefore, order.generalized || undefined), time(order.notAfter, order.generalized || undefined)),
    writtenName(order.subject),
    order.key.export({ type: 'spki', format: 'der' }),
    ...(order.extensions.length === 0 ? [] : [explicit(3, sequence(...order.extensions.map(written)))]),
  )
  return sequence(body, algorithm, bits(sign(kind === 'Ed25519' ? null : (order.hash ?? 'sha256'), body, key)))
}

const rsa = { sha1: 5, sha256: 11, sha384: 12, sha512: 13 }
const ecdsa = { sha1: '1', sha256: '3.2', sha384: '3.3', sha512: '3.4' }

export function signatureAlgorithm(kind: KeyKind, hash: NonNullable<Order['hash']>): Der {
  if (kind === 'Ed25519') return sequence(oid('1.3.101.112'))
  if (kind.startsWith('EC')) return sequence(oid(`1.2.840.10045.4.${ecdsa[hash]}`))
  return sequence(oid(`1.2.840.113549.1.1.${rsa[hash]}`), value(0x05))
}

function written({ oid: type, critical, value: content }: MadeExtension): Der {
  return sequence(oid(type), ...(critical ? [value(0x01, Buffer.from([0xff]))] : []), value(0x04, content))
}

export function writtenName(name: MadeName): Der {
  return sequence(...name.map(rdn => set(...rdn.map(each => sequence(oid(each.type), string(each))))))
}

function string({ string: kind, text }: Attribute): Der {
  switch (kind) {
    case 'utf8':
      return value(0x0c, text)
    case 'printable':
      return value(0x13, text)
    case 'teletex':
      return value(0x14, Buffer.from(text, 'latin1'))
    case 'ia5':
      return value(0x16, text)
    case 'bmp':
      return value(0x1e, Buffer.from(text, 'utf16le').swap16())
    case 'universal':
      return value(
        0x1c,
        Buffer.concat([...text].map(character => Buffer.from((character.codePointAt(0) ?? 0).toString(16).padStart(8, '0'), 'hex'))),
      )
  }
}

export const extensions = {
  san: (names: readonly AlternativeName[], critical = false): MadeExtension => ({
    oid: '2.5.29.17',
    critical,
    value: sequence(...names.map(generalName)),
  }),
  basicConstraints: (ca: boolean, pathLength?: number, critical = true): MadeExtension => ({
    oid: '2.5.29.19',
    critical,
    value: sequence(...(ca ? [value(0x01, Buffer.from([0xff]))] : []), ...(pathLength === undefined ? [] : [integer(BigInt(pathLength))])),
  }),
  /** Bits as RFC 5280 §4.2.1.3 counts them. */
  keyUsage: (usages: readonly number[], critical = true): MadeExtension => ({ oid: '2.5.29.15', critical, value: flags(usages) }),
  extendedKeyUsage: (oids: readonly string[], critical = false): MadeExtension => ({
    oid: '2.5.29.37',
    critical,
    value: sequence(...oids.map(oid)),
  }),
  subjectKeyId: (id: Der): MadeExtension => ({ oid: '2.5.29.14', critical: false, value: value(0x04, id) }),
  authorityKeyId: (id: Der): MadeExtension => ({ oid: '2.5.29.35', critical: false, value: sequence(value(0x80, id)) }),
}

function generalName(name: AlternativeName): Der {
  switch (name.type) {
    case 'email':
      return value(0x81, name.text)
    case 'dns':
      return value(0x82, name.text)
    case 'directory':
      return value(0xa4, writtenName(name.name))
    case 'uri':
      return value(0x86, name.text)
    case 'ip':
      return value(0x87, name.bytes)
    case 'registered':
      return value(0x88, oid(name.text).slice(2))
    case 'other':
      return value(0xa0, oid(name.oid), explicit(0, value(0x0c, name.text)))
  }
}

export function pem(der: Der, label = 'CERTIFICATE'): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`
}
