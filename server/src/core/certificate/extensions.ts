// The extensions of a certificate that a mesh looks at. Source: RFC 5280 §4.2.1.
import { AsnConvert } from '@peculiar/asn1-schema'
import { type Extension, type GeneralName, SubjectAlternativeName } from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'
import { BaseStringBlock } from 'asn1js'
import { structure, values } from './asn1.ts'
import { distinguishedName } from './name.ts'
import type { Certificate } from './report.ts'

export type ExtensionFacts = Pick<Certificate, 'san' | 'ca' | 'pathLength' | 'keyUsage' | 'extendedKeyUsage' | 'ski' | 'aki'>

export interface ReadExtensions {
  readonly facts: ExtensionFacts
  /** By the names of the report: those marked critical, of those that are read. */
  readonly critical: readonly string[]
  /** By the names of the report: those that are there and cannot be decoded. */
  readonly malformed: readonly string[]
  /** Dotted OIDs of those that are marked critical and known to no TLS library. */
  readonly unknownCritical: readonly string[]
}

/** One that cannot be decoded does not hide the others. */
export function readExtensions(found: readonly Extension[]): ReadExtensions {
  const read = readers.flatMap(({ oid, name, read }) => {
    const extension = found.find(({ extnID }) => extnID === oid)
    return extension ? [{ name, critical: extension.critical, facts: attempt(() => read(extension)) }] : []
  })
  return {
    facts: Object.assign({}, none, ...read.map(({ facts }) => facts ?? {})),
    critical: read.filter(({ name, critical }) => critical && criticals.has(name)).map(({ name }) => name),
    malformed: read.filter(({ facts }) => facts === undefined).map(({ name }) => name),
    unknownCritical: found.filter(({ extnID, critical }) => critical && !handled.has(extnID)).map(({ extnID }) => extnID),
  }
}

const none: ExtensionFacts = { san: [], ca: false, pathLength: null, keyUsage: [], extendedKeyUsage: [] }

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

interface Reader {
  readonly oid: string
  readonly name: string
  readonly read: (extension: Extension) => Partial<ExtensionFacts>
}

const readers: readonly Reader[] = [
  {
    oid: '2.5.29.17',
    name: 'san',
    // Not by SubjectAlternativeNameExtension, which leaves out names of other kinds.
    read: ({ extnValue }) => ({ san: Array.from(structure(extnValue.buffer, SubjectAlternativeName), generalName) }),
  },
  {
    oid: '2.5.29.19',
    name: 'basicConstraints',
    read: extension => {
      const { ca, pathLength } = new x509.BasicConstraintsExtension(AsnConvert.serialize(extension))
      return { ca, pathLength: pathLength === undefined ? null : Number(pathLength) }
    },
  },
  {
    oid: '2.5.29.15',
    name: 'keyUsage',
    read: extension => {
      const { usages } = new x509.KeyUsagesExtension(AsnConvert.serialize(extension))
      return { keyUsage: keyUsageNames.filter((_, bit) => (usages & (1 << bit)) !== 0) }
    },
  },
  {
    oid: '2.5.29.37',
    name: 'extendedKeyUsage',
    read: extension => {
      const { usages } = new x509.ExtendedKeyUsageExtension(AsnConvert.serialize(extension))
      return { extendedKeyUsage: usages.map(oid => extendedKeyUsageNames.get(`${oid}`) ?? `${oid}`) }
    },
  },
  {
    oid: '2.5.29.14',
    name: 'ski',
    read: extension => ({ ski: new x509.SubjectKeyIdentifierExtension(AsnConvert.serialize(extension)).keyId.toLowerCase() }),
  },
  {
    oid: '2.5.29.35',
    name: 'aki',
    read: extension => {
      const aki = new x509.AuthorityKeyIdentifierExtension(AsnConvert.serialize(extension)).keyId
      return aki === undefined ? {} : { aki: aki.toLowerCase() }
    },
  },
]

/** What OpenSSL and BoringSSL accept as critical: what is read here, name and policy constraints, policies (crypto/x509/v3_purp.c). */
const handled: ReadonlySet<string> = new Set([
  ...readers.map(({ oid }) => oid),
  '2.5.29.30',
  '2.5.29.31',
  '2.5.29.32',
  '2.5.29.33',
  '2.5.29.36',
  '2.5.29.54',
])

const criticals: ReadonlySet<string> = new Set(['san', 'basicConstraints', 'keyUsage', 'extendedKeyUsage'])

/** RFC 5280 §4.2.1.6. */
function generalName(name: GeneralName): Certificate['san'][number] {
  if (name.rfc822Name !== undefined) return { type: 'email', value: name.rfc822Name }
  if (name.dNSName !== undefined) return { type: 'dns', value: name.dNSName }
  if (name.uniformResourceIdentifier !== undefined) return { type: 'uri', value: name.uniformResourceIdentifier }
  if (name.iPAddress !== undefined) return { type: 'ip', value: name.iPAddress }
  if (name.registeredID !== undefined) return { type: 'other', value: name.registeredID }
  if (name.directoryName !== undefined) return { type: 'other', value: distinguishedName(name.directoryName) }
  if (name.otherName !== undefined) return { type: 'other', value: otherName(name.otherName) }
  return { type: 'other', value: '' }
}

/** `1.3.6.1.4.1.311.20.2.3: user@example.com`; of what is no text only its type. */
function otherName({ typeId, value }: NonNullable<GeneralName['otherName']>): string {
  const held = values(value)
  return held instanceof BaseStringBlock ? `${typeId}: ${held.getValue()}` : typeId
}

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
