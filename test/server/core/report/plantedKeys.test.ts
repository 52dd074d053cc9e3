// Private keys planted wherever a proxy, a file or a log may carry one: no report, text or page shows a part of them.
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { withoutPrivateKeys } from '../../../../server/src/core/certificate/privateKeys.ts'
import { checkConnection } from '../../../../server/src/core/live/connection/connection.ts'
import { endOf, readLive } from '../../../../server/src/core/live/connection/ends.ts'
import { gatewayReport } from '../../../../server/src/core/live/gateway/gateway.ts'
import { readGatewayTexts } from '../../../../server/src/core/live/gateway/said.ts'
import type { Json, JsonObject } from '../../../../server/src/core/proxy/json.ts'
import { readCertificates } from '../../../../server/src/core/proxy/readCertificates.ts'
import { certificateText } from '../../../../server/src/core/report/certificate.ts'
import { connectionText } from '../../../../server/src/core/report/connection.ts'
import { gatewayText } from '../../../../server/src/core/report/gateway.ts'
import { made } from '../certificate/data.ts'
import { explicit, integer, oid, sequence, set, value } from '../certificate/made/der.ts'
import { dump, objectsIn } from '../proxy/dumps.ts'

const now = '2026-11-21T09:00:00Z'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

const keys: Readonly<Record<string, string>> = {
  plain: rsa.export({ type: 'pkcs8', format: 'pem' }).toString(),
  encrypted: rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'throw-away' }).toString(),
  RSA: rsa.export({ type: 'pkcs1', format: 'pem' }).toString(),
  'encrypted RSA': rsa.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'throw-away' }).toString(),
  EC: ec.export({ type: 'sec1', format: 'pem' }).toString(),
}

/** Whether 16 characters of the key's base64, or 12 of its bytes as hex, stand in the output, wherever base64 was made of it again. */
function leaks(output: string, key: string): boolean {
  const lines = key.split('\n').filter(line => line.length >= 40 && !/[-:]/.test(line))
  const parts = lines.flatMap(line => [0, 16, 32].map(at => line.slice(at, at + 16)).filter(part => part.length === 16))
  const again = [0, 1, 2].flatMap(shift =>
    lines.map(line =>
      Buffer.from(' '.repeat(shift) + line)
        .toString('base64')
        .slice(4, 40),
    ),
  )
  const hex = lines.map(line => Buffer.from(line, 'base64').toString('hex').slice(0, 24))
  return [...parts, ...again, ...hex].some(part => output.includes(part))
}

function camel(document: Json): Json {
  if (Array.isArray(document)) return (document as readonly Json[]).map(camel)
  if (typeof document !== 'object' || document === null) return document
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => [key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), camel(value)]),
  )
}

/** The key in the fields where Envoy keeps one, in what it says of a failure, and in names. */
function planted(name: string, key: string): JsonObject {
  const document = dump(name)
  const base64 = Buffer.from(key).toString('base64')
  for (const object of [...objectsIn(document)] as Record<string, Json>[]) {
    if ('private_key' in object) object.private_key = { inline_bytes: base64, inline_string: key, password: { inline_string: key } }
    if ('last_updated' in object) object.error_state = { details: `Failed to load ${key} or ${base64}`, last_update_attempt: now }
    if ('typed_config' in object) object.stat_prefix = `prefix ${key}`
    if ('domains' in object) object.name = `host ${key}`
    if ('workload' in object) object.workload = key
  }
  return document
}

const log = (key: string) => `2026-11-21T08:00:00Z\twarning\tenvoy config\tgRPC config: Failed to load certificate chain: ${key}\n`

function everyOutput(text: string, key: string): string {
  const certificates = readCertificates(text, now, 'input')
  const live = readLive(text, now)
  const end = live && endOf(live, { namespace: 'shop', name: 'checkout-1' })
  const connection = end && checkConnection({ from: end, to: end, port: 9080, now })
  const said = readGatewayTexts({ dump: text, clusters: text, log: log(key) }, now)
  const gateway = said && gatewayReport(said)
  return [
    JSON.stringify(certificates),
    certificateText(certificates, now),
    JSON.stringify(connection ?? null),
    connection ? connectionText(connection, { from: 'a', to: 'b', port: 9080, color: false }) : '',
    JSON.stringify(gateway ?? null),
    gateway ? gatewayText(gateway, { now, color: true, width: 100 }) : '',
  ].join('\n')
}

describe.each(Object.entries(keys))('a %s key', (_, key) => {
  test('the detector sees it', () => {
    expect([
      leaks(key, key),
      leaks(Buffer.from(key).toString('base64'), key),
      leaks(Buffer.from(`ab${key}`).toString('base64'), key),
    ]).toEqual([true, true, true])
  })

  test.each([
    'intermediate-ca/checkout-sidecar',
    'self-signed-ca/ingress-gateway',
    'policy-variants/request-authentication-empty-jwks-nack',
  ])('in the dump of %s, in snake and in camel case', name => {
    const document = planted(name, key)
    expect(leaks(everyOutput(JSON.stringify(document), key), key)).toBe(false)
    expect(leaks(everyOutput(JSON.stringify(camel(document), null, 2), key), key)).toBe(false)
  })

  test('in a dump that is cut off, or no JSON', () => {
    const text = JSON.stringify(planted('self-signed-ca/ingress-gateway', key))
    for (const part of [0.1, 0.35, 0.6, 0.9]) expect(leaks(everyOutput(text.slice(0, text.length * part), key), key)).toBe(false)
    expect(leaks(everyOutput(`{"a": ${key}`, key), key)).toBe(false)
  })

  test('in a ztunnel’s words and chain', () => {
    const identity = 'spiffe://cluster.local/ns/shop/sa/a'
    const pem = Buffer.from(key + made('rsa-2048.pem')).toString('base64')
    const text = JSON.stringify({
      workloads: [{ namespace: 'shop', name: key }],
      certificates: [{ identity, state: `Unavailable: ${key}`, certChain: [{ pem }, { pem: key }] }],
    })
    expect(leaks(everyOutput(text, key), key)).toBe(false)
  })

  test('in a file: between blocks, in PKCS#7 and in PKCS#12', () => {
    const der = Buffer.from(
      key
        .split('\n')
        .filter(line => !/[-:]/.test(line))
        .join(''),
      'base64',
    )
    const held = (inside: Uint8Array) =>
      sequence(oid('1.2.840.113549.1.7.2'), explicit(0, sequence(integer(1n), set(), sequence(), explicit(0, inside), set())))
    const store = sequence(integer(3n), sequence(oid('1.2.840.113549.1.7.1'), explicit(0, value(0x04, der))))
    for (const file of [made('rsa-2048.pem') + key, key, `text\n${key.slice(0, -40)}`, held(der), store]) {
      const report = readCertificates(file, now, 'file')
      expect(leaks(JSON.stringify(report) + certificateText(report, now), key)).toBe(false)
    }
  })

  test('in any text, whole or cut, as it is, as JSON or as base64', () => {
    const texts = [
      key,
      key.slice(0, 300),
      JSON.stringify(key),
      JSON.stringify(JSON.stringify(key)),
      key.replaceAll('\n', '\r\n'),
      key.replaceAll('\n', ' '),
      Buffer.from(key).toString('base64'),
    ]
    for (const text of texts) expect(leaks(withoutPrivateKeys(`before "${text}" behind`), key)).toBe(false)
    expect(JSON.parse(withoutPrivateKeys(JSON.stringify({ a: key, b: 1 })))).toMatchObject({ b: 1 })
  })
})

test('what is no key stays as it is', () => {
  const text = `${made('valid-chain.pem')} a-b {"c": "LS0tLS1CRUdJTi"}`
  expect(withoutPrivateKeys(text)).toBe(text)
  const base64 = Buffer.from(made('valid-chain.pem')).toString('base64')
  expect(withoutPrivateKeys(base64)).toBe(base64)
})
