// No input makes a reader throw, hang or take the memory: each of the worst in a process with 200 MB, and recorded ones damaged everywhere.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRevocationList } from '../../../../server/src/core/certificate/crl.ts'
import { decodeCertificate } from '../../../../server/src/core/certificate/decode.ts'
import { certificateReader } from '../../../../server/src/core/certificate/read.ts'
import { made, recorded } from '../certificate/data.ts'
import { bits, explicit, integer, oid, sequence, set, time, value } from '../certificate/made/der.ts'
import { dump } from './dumps.ts'
import { hostileInputs, readAll, readLiveParts } from './hostile.ts'

describe('in 200 MB', () => {
  // The real one is the largest that is read: parsing it is most of its time.
  const slow = 'a real dump, many times'
  test.each(Object.keys(hostileInputs))(
    '%s',
    name => {
      const script = join(import.meta.dirname, 'hostile.ts')
      const { stdout, stderr } = spawnSync(process.execPath, ['--max-old-space-size=200', '--no-warnings', script, name], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      expect(stderr).toBe('')
      // A second, with room for a machine that does other things beside.
      expect(JSON.parse(stdout).ms).toBeLessThan(name === slow ? 15_000 : 4_000)
    },
    70_000,
  )
})

const time15 = { interruptAfterTimeLimit: 5_000 }

function derOf(pem: string): Buffer {
  return Buffer.from(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END/.exec(pem)?.[1] ?? '', 'base64')
}

const leaf = derOf(made('valid-chain.pem'))
const bundle = sequence(
  oid('1.2.840.113549.1.7.2'),
  explicit(0, sequence(integer(1n), set(), sequence(oid('1.2.840.113549.1.7.1')), explicit(0, leaf, derOf(made('ec-p384.pem'))), set())),
)
const revoked = (serial: bigint) => sequence(integer(serial), time(new Date('2026-11-01T00:00:00Z')))
const list = sequence(
  sequence(
    integer(1n),
    sequence(oid('1.2.840.10045.4.3.2')),
    sequence(set(sequence(oid('2.5.4.3'), value(0x0c, 'Test CA')))),
    time(new Date('2026-11-01T00:00:00Z')),
    time(new Date('2026-12-01T00:00:00Z')),
    sequence(revoked(1n), revoked(2n)),
  ),
  sequence(oid('1.2.840.10045.4.3.2')),
  bits(new Uint8Array(8)),
)

test('the inputs that are damaged below are whole before', () => {
  expect(decodeCertificate(leaf)).toBeDefined()
  expect(certificateReader().der(bundle, '').certificates).toHaveLength(2)
  expect(readRevocationList(list)).toMatchObject({ issuer: 'CN=Test CA', entries: 2, nextUpdate: '2026-12-01T00:00:00Z' })
})

describe.each(Object.entries({ certificate: leaf, 'PKCS#7 bundle': bundle, 'revocation list': list }))('a %s', (_, whole) => {
  test('cut off at each of its bytes', () => {
    for (let length = 0; length < whole.length; length++) readAll(whole.subarray(0, length))
  })

  test('with each of its bytes changed', () => {
    const others = [0x00, 0x30, 0x7f, 0x80, 0x84, 0xff]
    for (let at = 0; at < whole.length; at++) {
      for (const turn of [at, at + 3]) {
        const changed = Buffer.from(whole)
        changed[at] = others[turn % others.length] ?? 0
        readAll(changed)
      }
    }
  }, 30_000)
})

const texts = {
  'secrets of a sidecar': recorded('intermediate-ca/checkout-sidecar/config_dump.json'),
  'what a server does': JSON.stringify(dump('policy-variants/deny-tcp-port-9090')),
  'a gateway': JSON.stringify(dump('self-signed-ca/ingress-gateway')),
  'its clusters': JSON.stringify(dump('self-signed-ca/ingress-gateway/clusters')),
  'what /certs answers': recorded('intermediate-ca/checkout-sidecar/certs.json'),
}

describe.each(Object.entries(texts))('%s', (_, text) => {
  test('cut off anywhere', () => {
    fc.assert(
      fc.property(fc.nat(text.length), length => {
        readAll(text.slice(0, length))
      }),
      { numRuns: 100, ...time15 },
    )
  })

  test('with values that are something else', () => {
    const names = [...new Set(Object.keys(flat(JSON.parse(text))))]
    const odd = fc.constantFrom<unknown>(null, 0, -1, '', 'a', true, [], {}, [[]], [null], { __proto__: null }, 1e308, '\0', ['x', 1, {}])
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names), odd), { minLength: 1, maxLength: 5 }), changes => {
        const replaced = new Map(changes)
        readLiveParts(JSON.stringify(JSON.parse(text), (key, value) => (replaced.has(key) ? replaced.get(key) : value)))
      }),
      { numRuns: 150, ...time15 },
    )
  }, 15_000)

  test('with other characters', () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.constantFrom('', '"', '{', '[', '}', ',', '\\', '\0', '1'), (at, inserted) => {
        readLiveParts(text.slice(0, at) + inserted + text.slice(at + 1))
      }),
      { numRuns: 100, ...time15 },
    )
  }, 15_000)
})

/** Every name of a field in the document. */
function flat(value: unknown, found: Record<string, true> = {}): Record<string, true> {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, child] of Object.entries(value)) {
    if (!Array.isArray(value)) found[key] = true
    flat(child, found)
  }
  return found
}
