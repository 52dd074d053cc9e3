// Which problems each made file has; the words are judged by people, the ids are what others rely on.
import { describe, expect, test } from 'vitest'
import { judge } from '../../../../server/src/core/certificate/judge.ts'
import { certificateReader } from '../../../../server/src/core/certificate/read.ts'
import type { Certificate, CertificateEntry } from '../../../../server/src/core/certificate/report.ts'
import { readCertificates } from '../../../../server/src/core/proxy/readCertificates.ts'
import { expectedFiles, made } from './data.ts'

/** Beside `chain-incomplete`, which most files have as information because their root is kept apart. */
const problemsOf: { readonly [file: string]: readonly string[] } = {
  'valid-chain.pem': [],
  'expired.pem': ['certificate-expired'],
  'expires-in-1h.pem': [],
  'missing-intermediate.pem': ['chain-incomplete'],
  'self-signed-leaf.pem': ['self-signed'],
  'no-san.pem': ['identity-missing'],
  'dns-san-only.pem': ['identity-missing'],
  'two-uri-sans.pem': ['identity-ambiguous'],
  'non-spiffe-uri.pem': ['identity-missing'],
  'other-trust-domain.pem': [],
  'rsa-4096.pem': [],
  'rsa-2048.pem': [],
  'ec-p384.pem': [],
  'ed25519.pem': [],
  'sha1-signature.pem': ['weak-signature'],
  'path-length-exceeded.pem': ['path-length-exceeded'],
  'no-key-usage.pem': [],
  'serial-zero.pem': [],
  'non-critical-san-empty-subject.pem': ['san-not-critical'],
  'garbage-between-blocks.pem': [],
  'crlf.pem': [],
  'truncated-der.pem': ['truncated-certificate'],
  'unterminated-block.pem': ['truncated-block'],
  'empty.pem': ['not-a-certificate'],
  'duplicate-root.pem': [],
  'bundle-200.pem': [],
}

test.each(Object.entries(expectedFiles))('%s has exactly the problems it was made for', (file, { evaluateAt }) => {
  const { problems } = readCertificates(made(file), evaluateAt, file)
  const telling = problems.filter(({ id, severity }) => id !== 'chain-incomplete' || severity !== 'info')
  expect(telling.map(({ id }) => id)).toEqual(problemsOf[file])
  expect(problems.map(({ entry }) => entry)).toEqual(problems.map(() => file))
})

test('the last second of a certificate is valid, the next is not', () => {
  const ids = (now: string) => readCertificates(made('expires-in-1h.pem'), now).problems.map(({ id }) => id)
  expect(ids('2026-11-21T12:00:00Z')).not.toContain('certificate-expired')
  expect(ids('2026-11-21T12:00:01Z')).toContain('certificate-expired')
  expect(ids('2026-11-20T11:59:59Z')).toContain('certificate-not-yet-valid')
})

describe('a certificate that a proxy holds', () => {
  const now = '2026-11-21T00:00:00Z'
  const [leaf, intermediate, root] = certificateReader().pem(made('valid-chain.pem'), '').certificates as [
    Certificate,
    Certificate,
    Certificate,
  ]
  const [otherRoot] = certificateReader().pem(made('roots/other-root.pem'), '').certificates as [Certificate]
  const entry: CertificateEntry = { name: 'default', role: 'workload', state: 'active', chain: [leaf, intermediate] }

  function judged(
    change: Partial<CertificateEntry>,
    circumstances: { roots?: readonly Certificate[]; expectedIdentity?: string; now?: string } = { roots: [root] },
  ) {
    return judge({ ...entry, ...change }, { now, live: true, bundle: false, ...circumstances })
  }
  const ids = (...args: Parameters<typeof judged>) => judged(...args).problems.map(({ severity, id }) => `${severity} ${id}`)

  test('has no problem when it leads to a trusted root', () => {
    expect(judged({})).toEqual({
      entry: { ...entry, path: { end: 'trusted', certificates: [leaf, intermediate, root].map(({ sha256 }) => sha256) } },
      problems: [],
    })
  })

  test('is an error when the trusted roots are others', () => {
    expect(ids({ chain: [leaf, intermediate, root] }, { roots: [otherRoot] })).toEqual(['error chain-untrusted'])
    expect(judged({ chain: [leaf, intermediate, root] }, { roots: [otherRoot] }).problems[0]?.message).toContain(
      '"CN=Other Root CA,O=Other Mesh"',
    )
    expect(ids({}, { roots: [otherRoot] })).toEqual(['error chain-incomplete'])
    expect(ids({ chain: [leaf] }, { roots: [root] })).toEqual(['error chain-incomplete'])
  })

  test('is not judged by trust where nothing says whom to trust', () => {
    expect(ids({}, {})).toEqual([])
  })

  test('is an error when it names another account than the pod has', () => {
    expect(ids({}, { roots: [root], expectedIdentity: 'spiffe://cluster.local/ns/shop/sa/checkout' })).toEqual([])
    expect(ids({}, { roots: [root], expectedIdentity: 'spiffe://cluster.local/ns/shop/sa/frontend' })).toEqual([
      'error identity-unexpected',
    ])
  })

  test('is a warning when its renewal is overdue, and when its CA ends before the next one would', () => {
    expect(ids({}, { roots: [root], now: '2031-06-01T00:00:00Z' })).toEqual(['warning certificate-renewal-due', 'warning issuer-expiring'])
  })

  test.each<[string, Partial<Certificate>, string]>([
    ['a CA', { ca: true }, 'error leaf-is-ca'],
    ['unfit to sign handshakes', { keyUsage: ['keyEncipherment'] }, 'error key-usage'],
    ['unfit as a client', { extendedKeyUsage: ['serverAuth'] }, 'warning extended-key-usage'],
    ['named by a malformed identity', { san: [{ type: 'uri', value: 'spiffe://UPPER/ns/a?b' }] }, 'warning identity-malformed'],
  ])('must not be %s', (_, change, expected) => {
    expect(ids({ chain: [{ ...leaf, ...change }, intermediate] })).toEqual([expected])
  })

  test.each<[CertificateEntry['role'], CertificateEntry['state'], string]>([
    ['workload', 'warming', 'error secret-warming'],
    ['root', 'warming', 'error secret-warming'],
    ['gateway', 'warming', 'warning secret-warming'],
    ['other', 'warming', 'warning secret-warming'],
    ['workload', 'missing', 'error secret-missing'],
    ['gateway', 'missing', 'warning secret-missing'],
  ])('of role %s may be %s: %s', (role, state, expected) => {
    expect(ids({ role, state, chain: [] })).toEqual([expected])
  })

  test('is not missed where its identity is no longer needed', () => {
    expect(ids({ state: 'missing', chain: [], reason: 'Unavailable: the identity is no longer needed' })).toEqual([])
  })

  test('does not let a hostile name into a message', () => {
    const { problems } = judged({ chain: [{ ...leaf, san: [{ type: 'uri', value: '\u001b]0;x\u0007\u202e' }] }, intermediate] })
    expect(problems[0]?.message).toContain('\\u{1b}]0;x\\u{7}\\u{202e}')
  })

  test('says of roots which is expired, about to, or no CA', () => {
    const rootIds = (change: Partial<Certificate>, at = now) =>
      judge({ ...entry, role: 'root', chain: [{ ...root, ...change }] }, { now: at, live: true, bundle: true }).problems.map(({ id }) => id)
    expect(rootIds({})).toEqual([])
    expect(rootIds({ ca: false })).toEqual(['root-not-ca'])
    expect(rootIds({}, '2043-01-01T00:00:00Z')).toEqual(['root-expiring'])
    expect(rootIds({}, '2046-01-01T00:00:00Z')).toEqual(['certificate-expired'])
  })
})
