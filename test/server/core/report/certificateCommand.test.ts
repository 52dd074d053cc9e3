// `istio-security certificate`: the text, the JSON of the contract, and the errors that stop it.
import { expect, test } from 'vitest'
import { type CertificateOptions, certificate } from '../../../../server/src/cli/certificate.ts'
import { made, recorded } from '../certificate/data.ts'

const io = {
  async readFile(path: string): Promise<Uint8Array> {
    if (path === 'absent.pem') throw Object.assign(new Error('ENOENT: /home/someone/absent.pem'), { code: 'ENOENT' })
    return Buffer.from(path === '-' ? recorded('intermediate-ca/checkout-sidecar/config_dump.json') : made(path))
  },
}

function run(options: Partial<CertificateOptions>) {
  return certificate({ file: 'valid-chain.pem', format: 'text', now: '2026-11-21T00:00:00Z', color: false, ...options }, io)
}

async function output(options: Partial<CertificateOptions>): Promise<string> {
  const result = await run(options)
  return result.ok ? result.output : result.error
}

test('JSON has the shape of the contract, without the certificates themselves', async () => {
  const report = JSON.parse(await output({ format: 'json' }))
  expect(report).toMatchObject({
    version: 1,
    source: 'pem',
    problems: [],
    entries: [{ name: 'valid-chain.pem', role: 'workload', state: 'active' }],
  })
  expect(Object.keys(report.entries[0].chain[0])).toEqual(
    expect.arrayContaining([
      'identity',
      'subject',
      'issuer',
      'serial',
      'notBefore',
      'notAfter',
      'sha256',
      'san',
      'key',
      'signature',
      'ca',
      'pathLength',
      'keyUsage',
      'extendedKeyUsage',
      'ski',
      'aki',
      'selfSigned',
    ]),
  )
  expect(JSON.stringify(report)).not.toMatch(/BEGIN|"pem":/)
})

test('text and JSON of standard input are the same report', async () => {
  const json = JSON.parse(await output({ file: '-', format: 'json' }))
  expect(json.source).toBe('envoy-config-dump')
  expect(await output({ file: '-' })).toContain(json.entries[0].chain[0].sha256)
})

test('colour only repeats what the words say', async () => {
  const plain = await output({ file: 'expired.pem' })
  const colored = await output({ file: 'expired.pem', color: true })
  expect(colored).toContain('\u001b[31merror\u001b[0m ')
  expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain)
})

test('a certificate that is wrong is an answer, not an error', async () => {
  expect((await run({ file: 'empty.pem' })).ok).toBe(true)
})

test.each<[string, Partial<CertificateOptions>, string]>([
  ['a file that is not there', { file: 'absent.pem' }, 'cannot read "absent.pem": there is no such file'],
  ['a time that is none', { now: 'yesterday' }, '--now "yesterday" is not an RFC 3339 time such as 2026-11-21T12:00:00Z'],
  [
    'a day that does not exist',
    { now: '2026-13-40T00:00:00Z' },
    '--now "2026-13-40T00:00:00Z" is not an RFC 3339 time such as 2026-11-21T12:00:00Z',
  ],
])('%s stops the command with one line', async (_, options, error) => {
  expect(await run(options)).toEqual({ ok: false, error })
})
