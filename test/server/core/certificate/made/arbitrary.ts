// Certificates at random: what CAs issue, and what they should not but do.
import fc from 'fast-check'
import {
  type AlternativeName,
  type Attribute,
  extensions,
  issue,
  type KeyKind,
  keyKinds,
  keyPair,
  type MadeName,
  type Order,
} from './issue.ts'

const attributeTypes = [
  '2.5.4.3',
  '2.5.4.4',
  '2.5.4.5',
  '2.5.4.6',
  '2.5.4.7',
  '2.5.4.8',
  '2.5.4.9',
  '2.5.4.10',
  '2.5.4.11',
  '2.5.4.12',
  '2.5.4.13',
  '2.5.4.15',
  '2.5.4.17',
  '2.5.4.42',
  '2.5.4.43',
  '2.5.4.44',
  '2.5.4.45',
  '2.5.4.46',
  '2.5.4.65',
  '2.5.4.97',
  '0.9.2342.19200300.100.1.1',
  '0.9.2342.19200300.100.1.25',
  '1.2.840.113549.1.9.1',
  '1.2.840.113549.1.9.2',
  '1.3.6.1.4.1.311.60.2.1.3',
  '1.3.6.1.4.1.99999.1',
]

const plain = fc.string({ unit: fc.constantFrom(...'abcXYZ019 -.:/=?()'), minLength: 1, maxLength: 12 })
const awkward = fc.string({ unit: fc.constantFrom(...'aZ ,+"\\<>;#=é\u00ff\n\t\u007f'), minLength: 1, maxLength: 8 })
const anywhere = fc.string({ unit: fc.constantFrom(...'aé中文😀\u202e ,#'), minLength: 1, maxLength: 8 })
const basicPlane = fc.string({ unit: fc.constantFrom(...'aé中文\u202e ,#'), minLength: 1, maxLength: 8 })

const attribute: fc.Arbitrary<Attribute> = fc
  .oneof(
    fc.record({ string: fc.constantFrom('printable', 'ia5', 'teletex', 'utf8', 'bmp', 'universal'), text: plain }),
    fc.record({ string: fc.constantFrom('teletex', 'utf8', 'bmp', 'universal'), text: awkward }),
    fc.record({ string: fc.constantFrom('utf8'), text: anywhere }),
    // asn1js reads the last two octets of each character of a UniversalString, which is enough for the basic plane; nobody issues such names.
    fc.record({ string: fc.constantFrom('bmp', 'universal'), text: basicPlane }),
  )
  // openssl forgets to escape a value that is this one character (RFC 4514 §2.4).
  .filter(({ text }) => text !== '#')
  .chain(value => fc.constantFrom(...attributeTypes).map(type => ({ ...value, type })))

const name: fc.Arbitrary<MadeName> = fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { maxLength: 4 })

const host = fc.string({ unit: fc.constantFrom(...'abc-.*'), minLength: 1, maxLength: 12 })
const alternativeName: fc.Arbitrary<AlternativeName> = fc.oneof(
  fc.record({ type: fc.constantFrom('dns'), text: host }),
  fc.record({ type: fc.constantFrom('email'), text: host.map(text => `${text}@example.com`) }),
  fc.record({
    type: fc.constantFrom('uri'),
    text: fc.constantFrom('spiffe://cluster.local/ns/shop/sa/a', 'spiffe://x/y', 'https://example.com/?a=b'),
  }),
  fc.record({
    type: fc.constantFrom('ip'),
    bytes: fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })),
  }),
  fc.record({ type: fc.constantFrom('registered'), text: fc.constantFrom('1.2.3.4', '2.5.4.3', '1.3.6.1.4.1.99999.123456') }),
  fc.record({ type: fc.constantFrom('directory'), name }),
  fc.record({ type: fc.constantFrom('other'), oid: fc.constantFrom('1.3.6.1.4.1.311.20.2.3', '1.3.6.1.4.1.99999.2'), text: plain }),
)

const critical = fc.boolean()
const identifier = fc.uint8Array({ minLength: 1, maxLength: 32 })

const someExtensions = fc
  .tuple(
    fc.option(fc.tuple(fc.array(alternativeName, { minLength: 1, maxLength: 5 }), critical).map(([names, c]) => extensions.san(names, c))),
    fc.option(
      fc
        .tuple(fc.boolean(), fc.option(fc.constantFrom(0, 1, 5, 300), { nil: undefined }), critical)
        .map(([ca, length, c]) => extensions.basicConstraints(ca, ca ? length : undefined, c)),
    ),
    fc.option(
      fc.tuple(fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 1 }), critical).map(([usages, c]) => extensions.keyUsage(usages, c)),
    ),
    fc.option(
      fc
        .tuple(
          fc.subarray(
            [
              '2.5.29.37.0',
              '1.3.6.1.5.5.7.3.1',
              '1.3.6.1.5.5.7.3.2',
              '1.3.6.1.5.5.7.3.3',
              '1.3.6.1.5.5.7.3.4',
              '1.3.6.1.5.5.7.3.8',
              '1.3.6.1.5.5.7.3.9',
              '1.3.6.1.4.1.99999.3',
            ],
            {
              minLength: 1,
            },
          ),
          critical,
        )
        .map(([usages, c]) => extensions.extendedKeyUsage(usages, c)),
    ),
    fc.option(identifier.map(extensions.subjectKeyId)),
    fc.option(identifier.map(extensions.authorityKeyId)),
    fc.option(fc.tuple(identifier, critical).map(([content, c]) => ({ oid: '1.3.6.1.4.1.99999.4', critical: c, value: content }))),
  )
  .chain(found =>
    fc.shuffledSubarray(
      found.filter(each => each !== null),
      { minLength: found.filter(each => each !== null).length },
    ),
  )

const instant = fc.date({ min: new Date('1950-01-01T00:00:00Z'), max: new Date('2149-12-31T23:59:59Z'), noInvalidDate: true }).map(at => {
  at.setUTCMilliseconds(0)
  return at
})

export interface Random {
  readonly order: Order
  readonly kind: KeyKind
  readonly der: Uint8Array
}

export const randomCertificate: fc.Arbitrary<Random> = fc
  .record({
    subject: name,
    issuer: fc.oneof(name, fc.constant(undefined)),
    serial: fc.oneof(
      fc.bigInt({ min: 0n, max: 300n }),
      fc.bigInt({ min: 0n, max: (1n << 160n) - 1n }),
      fc.bigInt({ min: 0n, max: 1n << 200n }),
    ),
    times: fc.tuple(instant, instant),
    generalized: fc.boolean(),
    kind: fc.constantFrom(...keyKinds),
    signer: fc.constantFrom(...keyKinds),
    hash: fc.constantFrom('sha256' as const, 'sha384' as const, 'sha512' as const, 'sha1' as const),
    extensions: someExtensions,
  })
  .map(({ kind, signer, times: [notBefore, notAfter], issuer, ...rest }) => {
    const key = issuer ? keyPair(signer) : keyPair(kind)
    const order = {
      ...rest,
      issuer: issuer ?? rest.subject,
      notBefore,
      notAfter,
      key: keyPair(kind).publicKey,
      signer: { kind: issuer ? signer : kind, key: key.privateKey },
    }
    return { order, kind, der: issue(order) }
  })
