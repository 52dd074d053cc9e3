// What we read from a certificate is what openssl reads, for every made file; what openssl cannot read is a problem.
import { describe, expect, test } from 'vitest'
import { certificateReader } from '../../../../server/src/core/certificate/read.ts'
import { asOpenssl, comparable, expectedFiles, made } from './data.ts'

describe.each(Object.entries(expectedFiles))('%s', (file, expected) => {
  const { certificates, problems } = certificateReader().pem(made(file), file)
  const readable = expected.certificates.filter(({ error }) => error === undefined)

  test('every certificate that openssl reads is read, with the same facts', () => {
    expect(certificates.map(asOpenssl)).toEqual(readable.map(comparable))
  })

  test('every block that openssl cannot read is a problem', () => {
    expect(problems.filter(({ severity }) => severity === 'error').length).toBeGreaterThanOrEqual(
      expected.certificates.length - readable.length,
    )
  })
})

test.each([
  ['truncated-der.pem', 'truncated-certificate', 'line 1'],
  ['unterminated-block.pem', 'truncated-block', 'line 27'],
  ['empty.pem', 'not-a-certificate', 'empty'],
])('%s says what is wrong and where', (file, id, where) => {
  const [problem] = certificateReader().pem(made(file), file).problems
  expect(problem).toMatchObject({ entry: file, severity: 'error', id })
  expect(problem?.message).toContain(where)
})

test('the URI of a certificate with two URIs is no identity', () => {
  const [leaf] = certificateReader().pem(made('two-uri-sans.pem'), '').certificates
  expect(leaf?.san).toHaveLength(2)
  expect(leaf).not.toHaveProperty('identity')
})

test('text without a block, a damaged block and a foreign block are told apart', () => {
  const ids = (text: string) =>
    certificateReader()
      .pem(text, '')
      .problems.map(({ id }) => id)
  expect(ids('hello')).toEqual(['not-a-certificate'])
  expect(ids('-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----')).toEqual(['certificate-unreadable'])
  expect(ids('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----')).toEqual(['not-a-certificate'])
  expect(ids('-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----')).toEqual(['not-a-certificate'])
  expect(ids('-----BEGIN CERTIFICATE-----\nMAQwAAIA\n-----END CERTIFICATE-----')).toEqual(['certificate-unreadable'])
})

test('a certificate indented in YAML is read', () => {
  const indented = made('rsa-2048.pem').replace(/^/gm, '    ')
  expect(certificateReader().pem(`data:\n  root-cert.pem: |\n${indented}`, '').certificates).toHaveLength(2)
})

test('bytes behind a certificate in its block are cut off, not kept', () => {
  const block = made('rsa-2048.pem').match(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END/)?.[1] ?? ''
  const longer = Buffer.concat([Buffer.from(block, 'base64'), Buffer.from('secret')])
  const { certificates, problems } = certificateReader().der(longer, '')
  expect(problems.map(({ id }) => id)).toEqual(['trailing-data'])
  expect(certificates[0]?.pem?.replace(/\s/g, '')).toContain(block.replace(/\s/g, ''))
  expect(certificates[0]?.pem).not.toContain(Buffer.from('secret').toString('base64').slice(2, 7))
})

test('at most 1000 different certificates are read, and what was left out is counted', () => {
  const block = made('rsa-2048.pem').match(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END/)?.[1] ?? ''
  const der = Buffer.from(block, 'base64')
  const variants = Array.from({ length: 1003 }, (_, at) => {
    const changed = Buffer.from(der)
    changed.writeUInt16BE(at, changed.length - 2)
    return `-----BEGIN CERTIFICATE-----\n${changed.toString('base64')}\n-----END CERTIFICATE-----`
  })
  const { certificates, problems } = certificateReader().pem(variants.join('\n'), '')
  expect(certificates).toHaveLength(1000)
  expect(problems[0]).toMatchObject({ id: 'too-many-certificates', message: expect.stringMatching(/^3 certificates/) })
})
