// Whatever stands in an input and however it is damaged: nothing is thrown, and no private key comes out.
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCertificates, readProxyCertificates } from '../../../../server/src/core/proxy/readCertificates.ts'
import { certificateText } from '../../../../server/src/core/report/certificate.ts'
import { made, recorded } from './data.ts'

const now = '2026-11-21T00:00:00Z'
const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const openssh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.concat([
  Buffer.from('openssh-key-v1\0'),
  rsa.export({ type: 'pkcs8', format: 'der' }),
])
  .toString('base64')
  .replace(/.{70}/g, '$&\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
const keys: { readonly [kind: string]: string } = {
  plain: rsa.export({ type: 'pkcs8', format: 'pem' }).toString(),
  encrypted: rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'throw-away' }).toString(),
  EC: ec.export({ type: 'sec1', format: 'pem' }).toString(),
  RSA: rsa.export({ type: 'pkcs1', format: 'pem' }).toString(),
  'encrypted RSA': rsa.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'throw-away' }).toString(),
  OPENSSH: openssh,
}

/** Any run of 24 characters of a key's base64, as text or as the bytes it stands for. */
function leaks(output: string, key: string): boolean {
  const lines = key.split('\n').filter(line => line.length >= 40 && !line.startsWith('-----') && !line.includes(':'))
  return (
    lines.some(line => [0, 8, 16].some(at => output.includes(line.slice(at, at + 24)))) ||
    lines.some(line => output.includes(Buffer.from(line, 'base64').toString('hex').slice(0, 24)))
  )
}

function output(input: string | Uint8Array): string {
  const file = readCertificates(input, now, 'file')
  const proxy = readProxyCertificates(input, 'spiffe://cluster.local/ns/shop/sa/checkout', now)
  return [JSON.stringify(file), JSON.stringify(proxy), certificateText(file, now), certificateText(proxy, now)].join('\n')
}

test('the leak detector sees a key', () => {
  for (const key of Object.values(keys)) expect(leaks(key, key)).toBe(true)
})

test.each(Object.entries(keys))('a %s private key between certificates is named and not read', (_, key) => {
  const [leaf, ...rest] = made('valid-chain.pem').split(/(?<=-----END CERTIFICATE-----\n)/)
  const text = [leaf, key, ...rest].join('')
  const report = readCertificates(text, now)
  expect(report.entries[0]?.chain).toHaveLength(3)
  expect(report.problems.map(({ id }) => id)).toEqual(['private-key-present'])
  expect(leaks(output(text), key)).toBe(false)
})

test.each(Object.entries(keys))('a %s private key disguised as a certificate is not read', (_, key) => {
  const text = key.replace(/(BEGIN|END) .*PRIVATE KEY/g, '$1 CERTIFICATE')
  const report = readCertificates(text, now)
  expect(report.entries).toEqual([])
  expect(report.problems).toHaveLength(1)
  expect(leaks(output(text), key)).toBe(false)
})

test.each([
  ['PKCS#8', rsa.export({ type: 'pkcs8', format: 'der' })],
  ['PKCS#1', rsa.export({ type: 'pkcs1', format: 'der' })],
  ['SEC 1', ec.export({ type: 'sec1', format: 'der' })],
])('a %s key as DER is named and not read', (_, der) => {
  expect(readCertificates(der, now).problems.map(({ id }) => id)).toEqual(['private-key-present'])
})

const dumpPath = 'intermediate-ca/checkout-sidecar/config_dump.json'
const redacted = 'W3JlZGFjdGVkXQ=='

test.each([
  ['bytes', (key: string) => `"${Buffer.from(key).toString('base64')}"`, (text: string) => text],
  [
    'a string',
    (key: string) => JSON.stringify(key),
    (text: string) => text.replace('"private_key": {\n        "inline_bytes"', '"private_key": {\n        "inline_string"'),
  ],
])('a private key that a dump carries as %s is named and not read', (_, written, rename) => {
  const key = keys.plain ?? ''
  const dump = JSON.parse(recorded(dumpPath))
  const text = rename(JSON.stringify(dump, null, 1)).replace(`"${redacted}"`, written(key))
  const report = readCertificates(text, now)
  expect(report.problems.map(({ id }) => id)).toContain('private-key-present')
  expect(leaks(output(text), key)).toBe(false)
  expect(output(text)).not.toContain(Buffer.from(key).toString('base64').slice(100, 130))
})

test('a private key in the certificate chain of a dump is named and not read', () => {
  const key = keys.EC ?? ''
  const chain = Buffer.from(`${key}${made('valid-chain.pem')}`).toString('base64')
  const dump = {
    configs: [
      { dynamic_active_secrets: [{ name: 'default', secret: { tls_certificate: { certificate_chain: { inline_bytes: chain } } } }] },
    ],
  }
  const report = readCertificates(JSON.stringify(dump), now)
  expect(report.entries[0]?.chain).toHaveLength(3)
  expect(report.problems.map(({ id }) => id)).toContain('private-key-present')
  expect(leaks(output(JSON.stringify(dump)), key)).toBe(false)
})

test('broken JSON is not quoted in its message', () => {
  const key = keys.plain ?? ''
  for (const text of [`{"private_key": ${key}`, `{"configs": [{"a": "${key.replaceAll('\n', '\\n')}" x`, `{"a":"${key}`]) {
    expect(leaks(output(text), key)).toBe(false)
  }
})

test('random bytes never throw', () => {
  const lead = fc.constantFrom<readonly number[]>([], [0x30], [0x30, 0x82, 0x01, 0x00, 0x30, 0x10], [0x7b], [0x5b], [0xff, 0xfe])
  fc.assert(
    fc.property(lead, fc.uint8Array({ maxLength: 400 }), (first, rest) => {
      output(new Uint8Array([...first, ...rest]))
    }),
    { numRuns: 400 },
  )
})

test('random JSON of the shape of a dump never throws', () => {
  const names = [
    'configs',
    'secret',
    'name',
    'tls_certificate',
    'certificate_chain',
    'inline_bytes',
    'dynamic_active_secrets',
    'validation_context',
    'trusted_ca',
    'certificates',
    'identity',
    'certChain',
    'pem',
    'state',
    'cert_chain',
    'ca_cert',
    'serial_number',
    'valid_from',
    '@type',
    '__proto__',
  ]
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue({ maxDepth: 0 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 4 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 5 }), document => {
      output(JSON.stringify(document))
    }),
    { numRuns: 400 },
  )
})

test.each([
  ['PEM', `${made('duplicate-root.pem')}${keys.plain}${made('ec-p384.pem')}${keys.EC}`, keys.plain ?? ''],
  [
    'a dump',
    recorded(dumpPath).replace(redacted, Buffer.from(keys.plain ?? '').toString('base64')),
    Buffer.from(keys.plain ?? '')
      .toString('base64')
      .replace(/.{64}/g, '$&\n'),
  ],
])(
  '%s with characters changed, cut or repeated never throws and never leaks',
  (_, text, key) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.nat(text.length), fc.constantFrom('', '-', 'A', '\n', '"', '}', '\0', '-----END CERTIFICATE-----\n'), fc.nat(60)),
          { minLength: 1, maxLength: 6 },
        ),
        changes => {
          const mutated = changes.reduce(
            (before, [at, inserted, removed]) => before.slice(0, at) + inserted + before.slice(at + removed),
            text,
          )
          expect(leaks(output(mutated), key)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  },
  60_000,
)
