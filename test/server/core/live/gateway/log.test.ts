// Lines of a log that are kept, and keys that are not, wherever the tail of the log begins and ends.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { certificateLines, refusedSecrets } from '../../../../../server/src/core/live/gateway/log.ts'

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const forms = {
  'PKCS#8': key.export({ type: 'pkcs8', format: 'pem' }) as string,
  'PKCS#1': key.export({ type: 'pkcs1', format: 'pem' }) as string,
  encrypted: key.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string,
  EC: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }) as string,
}
const time = '2026-11-21T09:00:00.000001Z'
const before = `${time}\tinfo\tsds\tSDS: PUSH resource=default`
const after = `${time}\twarning\tenvoy config\tthe certificate is there`

/** Any 12 characters of a key in a row. */
function leaks(text: string, pem: string): boolean {
  const body = pem.replace(/-----[^-]+-----|(?:Proc-Type|DEK-Info):.*/g, '').replace(/\s+/g, '')
  const runs = Array.from({ length: Math.floor(body.length / 12) }, (_, at) => body.slice(at * 12, at * 12 + 12))
  return runs.some(run => text.includes(run))
}

describe.each(Object.entries(forms))('a key in %s form', (_, pem) => {
  const block = pem.trimEnd()
  const lines = block.split('\n')
  test.each([
    ['on lines of its own', `${before}\n${block}\n${after}`],
    ['behind words about a secret', `${before}\ncertificate secret: ${block} handshake\n${after}`],
    ['on one line', `${before}\n${time} secret ${block.replaceAll('\n', '\\n')} certificate\n${after}`],
    ['as JSON', `${before}\n${JSON.stringify({ msg: 'certificate OPENSSL_internal', key: block })}\n${after}`],
    ['with a word about secrets on each line', `${before}\n${lines.map(line => `${line} secret`).join('\n')}\n${after}`],
    ['behind the time on each line', `${before}\n${lines.map(line => `${time}\tinfo\tsecret\t${line}`).join('\n')}\n${after}`],
    ['cut off at its beginning', `${lines.slice(3).join('\n')}\n${before}\n${after}`],
    ['cut off at its end', `${before}\n${after}\n${lines.slice(0, 3).join('\n')}`],
    ['twice', `${before}\n${block}\n${block}\n${after}`],
  ])('%s', (_form, text) => {
    const kept = certificateLines(text)
    expect(leaks(kept.join('\n'), pem)).toBe(false)
    expect(kept).toContain(before.replaceAll('\t', '  '))
    expect(kept).toContain(after.replaceAll('\t', '  '))
  })
})

test('a mark that a stranger wrote hides no line of the proxy', () => {
  const text = `[${time}] "GET /-----BEGIN PRIVATE KEY----- HTTP/1.1" 404 NR\n${after}\n${after}`
  expect(certificateLines(text)).toHaveLength(2)
})

test('tokens are blanked', () => {
  const [line] = certificateLines(`${time} secret Bearer abcdefgh eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln`)
  expect(line).toBe(`${time} secret [blanked] [blanked]`)
})

test.each([
  [before, true],
  [`${time}\tinfo\tReadiness succeeded in 1.2s`, false],
  [`[${time}] "GET /certificate/secret HTTP/1.1" 200 - via_upstream`, false],
  [`[${time}] "GET / HTTP/1.1" 503 UF TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED`, true],
  [`{"path":"/certificate","response_code":200}`, false],
])('%s', (line, kept) => {
  expect(certificateLines(line).length > 0).toBe(kept)
})

test('of many lines the newest, of a long one the beginning', () => {
  const lines = certificateLines(Array.from({ length: 500 }, (_, at) => `${time} secret ${at} ${'- '.repeat(2000)}`).join('\n'))
  expect(lines).toHaveLength(100)
  expect(lines[0]).toContain('secret 400 ')
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(1_100)
})

test('what Envoy refused, once for each reason, at its newest', () => {
  const refusal = (at: string, reason: string) =>
    `${at}\twarning\tenvoy config external/envoy/source/extensions/config_subscription/grpc/delta_subscription_state.cc:269\tdelta config for type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret rejected: ${reason}\tthread=20`
  const reason =
    'Failed to load private key from <inline>, Cause: error:0b000074:X.509 certificate routines:OPENSSL_internal:KEY_VALUES_MISMATCH'
  const log = [refusal('2026-11-21T08:00:00.1Z', reason), refusal('2026-11-21T09:00:00.1Z', reason)].join('\n')
  expect(refusedSecrets(certificateLines(log))).toEqual([{ reason, at: '2026-11-21T09:00:00.1Z' }])
})

const recorded: { readonly log: readonly string[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../data/proxy/refused-secrets.json'), 'utf8'),
)

test('what a real Envoy refused, as text and as JSON', () => {
  const reasons = refusedSecrets(certificateLines(recorded.log.join('\n'))).map(({ reason }) => reason)
  expect(reasons).toContain('Failed to load certificate chain from <inline>')
  expect(reasons.filter(reason => reason.endsWith('KEY_VALUES_MISMATCH'))).toHaveLength(1)
  const json = recorded.log.map(line => {
    const [time, level, scope = '', message = '', thread] = line.split('\t')
    return JSON.stringify({ time, level, scope: scope.split(' ').slice(0, 2).join(' '), msg: message, caller: scope.split(' ')[2], thread })
  })
  expect(refusedSecrets(certificateLines(json.join('\n'))).map(({ reason }) => reason)).toEqual(reasons)
})

test.each([
  `[${time}] "GET /type.googleapis.com/x.tls.v3.Secret rejected: OPENSSL_internal:KEY_VALUES_MISMATCH HTTP/1.1" 404 NR`,
  `{"path":"/"envoy tls.v3.Secret rejected: OPENSSL_internal:KEY_VALUES_MISMATCH"}`,
])('words of a request are no refusal: %s', line => {
  expect(refusedSecrets(certificateLines(line))).toEqual([])
})

test('four megabytes of anything take no time', () => {
  const started = performance.now()
  certificateLines('A'.repeat(4_000_000))
  certificateLines(`${'A'.repeat(70)}\n`.repeat(60_000))
  certificateLines('-----BEGIN PRIVATE KEY-----\n'.repeat(140_000))
  certificateLines(`${'A'.repeat(20)}\n`.repeat(2_000) + '-----END PRIVATE KEY-----\n'.repeat(60_000))
  expect(performance.now() - started).toBeLessThan(2_000)
})
