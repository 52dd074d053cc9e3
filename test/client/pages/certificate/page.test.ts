import { describe, expect, test } from 'vitest'
import { identityOf, jsonOf, pemOf } from '../../../../client/src/pages/certificate/copy.ts'
import { certificatePage, loadingPage, pageCommands, problemPage } from '../../../../client/src/pages/certificate/page.ts'
import { nextLook, rotationOf } from '../../../../client/src/pages/certificate/rotation.ts'
import type { CertificateInspection } from '../../../../server/src/protocol.ts'
import { textOf } from '../textOf.ts'
import { inspection, intermediate, judged, leaf, root, withEntries } from './sample.ts'

const nonce = '0123456789abcdef'
const problem = { message: '"shop/legacy" has no proxy.', remedy: 'Inject one.' }

describe.each([
  ['an answer', certificatePage(inspection, nonce)],
  ['a problem', problemPage(inspection.pod, problem, nonce)],
  ['the wait', loadingPage(inspection.pod, nonce)],
])('the page of %s', (_name, page) => {
  test('runs nothing and loads nothing', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'"`)
    expect(page).not.toMatch(/<script|<img|<iframe|<link|\son\w+=|\sstyle=|url\(|@import|https?:/i)
    expect(page.match(/<style/g)).toHaveLength(1)
    expect(page).toContain(`<style nonce="${nonce}">`)
  })

  test('links only to commands that it may run, without arguments', () => {
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)
    expect(links.every(href => pageCommands.some(command => href === `command:${command}`))).toBe(true)
  })

  test('takes every colour from the theme', () => {
    expect(page).not.toMatch(/#[0-9a-f]{3,8}\b(?!;? \{)|rgb\(|hsl\(/i)
  })
})

describe('a certificate in words', () => {
  const text = textOf(certificatePage(inspection, nonce))

  test.each([
    'checkout-7d9f-x2 · shop',
    'spiffe://cluster.local/ns/shop/sa/checkout',
    '✓ valid · renews in 5 h 12 min',
    'Issued 2026-11-21 06:12:00 UTC',
    'Renewal 2026-11-21 18:12:00 UTC',
    'Time left 17 h 12 min',
    'Expires 2026-11-22 06:12:00 UTC',
    'This workload (subject empty) EC P-256 · lives 24 h server + client ✓ signed by →',
    'Intermediate CN=Intermediate,O=Istio RSA 4096 · 2 years left path length 0 ✓ signed by →',
    'Root O=cluster.local RSA 2048 · 9 years left ✓ a root this proxy trusts',
    "✓ The identity is the pod's service account: shop/checkout.",
    '! The proxy also sends the root; harmless',
    'SHA-256 fingerprint ab:ab:ab',
    'Key usage digitalSignature',
    "Read from the pod's Envoy at 2026-11-21 13:00:00 UTC.",
  ])('says "%s"', sentence => {
    expect(text).toContain(sentence)
  })

  test('the bar has its marker, and a label for those who do not see it', () => {
    const page = certificatePage(inspection, nonce)
    expect(page).toContain('#bar-0 { --now: 28.33%; }')
    expect(page).toContain('aria-label="28 % of the validity is over; valid · renews in 5 h 12 min"')
    expect(page).toContain('class="renewal"')
  })
})

describe('what is wrong stands on the page', () => {
  test('expired', () => {
    const text = textOf(certificatePage({ ...inspection, readAt: '2026-11-22T09:12:00Z' }, nonce))
    expect(text).toContain('✗ expired 3 h ago')
    expect(text).toContain('Time left none')
  })

  test.each([
    ['untrusted', [leaf, intermediate, root], '✗ not a root this proxy trusts'],
    ['incomplete', [leaf], 'server + client issued by → ✗ Missing CN=Intermediate,O=Istio The proxy neither sends nor trusts it.'],
  ] as const)('a chain whose end is %s', (end, path, words) => {
    expect(textOf(certificatePage(withEntries([judged(path, end, path)]), nonce))).toContain(words)
  })

  test('certificates that lead nowhere', () => {
    const text = textOf(certificatePage(withEntries([judged([leaf, root], 'incomplete', [leaf])]), nonce))
    expect(text).toContain('Also sent, on no way to the root: O=cluster.local')
  })

  test('what only names and times are known of is not praised', () => {
    const partial = {
      ...leaf,
      partial: true,
      sha256: '',
      extendedKeyUsage: [],
      keyUsage: [],
      key: { algorithm: '' },
      signature: '',
    } as const
    const text = textOf(
      certificatePage(withEntries([{ name: 'default', role: 'workload', state: 'active', chain: [partial, partial] }]), nonce),
    )
    expect(text).not.toMatch(/signed by|any use|Key usage none|Signature/)
  })

  test('a certificate that has not arrived', () => {
    const entries = withEntries([{ name: 'kubernetes://late-tls', role: 'gateway', state: 'warming', chain: [] }])
    const text = textOf(certificatePage(entries, nonce))
    expect(text).toContain('kubernetes://late-tls')
    expect(text).toContain('has not arrived')
    expect(text).not.toContain('Copy PEM')
  })

  test('no certificate at all', () => {
    expect(textOf(certificatePage(withEntries([]), nonce))).toContain('The proxy holds no certificate.')
  })

  test('an answer that could not be had, with the way out', () => {
    expect(textOf(problemPage(inspection.pod, problem, nonce))).toContain('! "shop/legacy" has no proxy. Inject one.')
  })
})

test('hostile names are shown as text, with what they hide made visible', () => {
  const hostile = '</style><script>alert(1)</script>"\'&\u202e\u0007'
  const evil = {
    ...leaf,
    identity: hostile,
    subject: hostile,
    issuer: hostile,
    serial: hostile,
    signature: hostile,
    notAfter: hostile,
    keyUsage: [hostile],
  }
  const page = certificatePage(
    {
      ...inspection,
      pod: { namespace: hostile, name: hostile, context: hostile },
      facts: [hostile],
      report: {
        ...inspection.report,
        entries: [{ name: hostile, role: 'gateway', state: 'active', chain: [evil, { ...evil, san: [{ type: 'dns', value: hostile }] }] }],
        problems: [{ entry: hostile, severity: 'error', id: 'x', message: hostile }],
      },
    },
    nonce,
  )
  expect(page).not.toMatch(/<script|\u202e|\p{Cc}(?<!\n)/u)
  expect(page.match(/<\/style>/g)).toHaveLength(1)
  expect(page).toContain('\\u{202e}\\u{7}')
})

describe('what can be copied', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMIIA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

  test('the identity and the chain as the proxy sends it', () => {
    expect(identityOf(inspection)).toBe('spiffe://cluster.local/ns/shop/sa/checkout')
    expect(pemOf(inspection)).toBe(pem)
  })

  test('nothing where a part of the chain is not there', () => {
    const { pem: _pem, ...bare } = leaf
    const partial: CertificateInspection = withEntries([
      { name: 'default', role: 'workload', state: 'active', chain: [bare, intermediate] },
    ])
    expect(pemOf(partial)).toBeUndefined()
    expect(pemOf(withEntries([]))).toBeUndefined()
    expect(identityOf(withEntries([]))).toBeUndefined()
  })
})

describe('a file', () => {
  const { readAt, text } = inspection
  const file = (entries: CertificateInspection['report']['entries']) =>
    ({ file: 'chain <b>.pem', readAt, text, facts: [], report: { version: 1, source: 'pem', entries, problems: [] } }) as const

  test('is named as it is, without what only a proxy has', () => {
    const page = textOf(certificatePage(file(inspection.report.entries), nonce))
    expect(page).toContain('chain <b>.pem')
    expect(page).toContain('Read from the file at')
    expect(page).not.toMatch(/Workload certificate|renews in/)
  })

  test('of roots lists them, and they can be copied', () => {
    const roots = file([{ name: 'roots.pem', role: 'root', state: 'active', chain: [{ ...root, pem: 'PEM' }] }])
    expect(textOf(certificatePage(roots, nonce))).toContain('CA certificates of roots.pem')
    expect(pemOf(roots)).toBe('PEM\n')
  })

  test('without a certificate says so', () => {
    expect(textOf(certificatePage(file([]), nonce))).toContain('No certificate is in it.')
  })
})

describe('a rotation', () => {
  const held = (certificate: typeof leaf): CertificateInspection =>
    withEntries([{ name: 'default', role: 'workload', state: 'active', chain: [certificate, intermediate] }])
  const before = held({ ...leaf, sha256: 'old', serial: '0a' })

  test('is another certificate in the place of one', () => {
    expect(rotationOf(before, inspection)).toMatchObject({ seenAt: inspection.readAt, before: { serial: '0a' } })
    expect([rotationOf(inspection, inspection), rotationOf(undefined, inspection), rotationOf(before, withEntries([]))]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('is told with both serials', () => {
    const page = textOf(certificatePage(inspection, nonce, { seenAt: inspection.readAt, before: { ...leaf, serial: '0a' } }))
    expect(page).toMatch(/Rotated .* ago, when this was read: new serial .*Before: serial 0a/)
  })

  test('is looked for at the renewal, at least each minute', () => {
    const renewal = (Date.parse(leaf.notBefore) + Date.parse(leaf.notAfter)) / 2
    expect([nextLook(inspection, renewal - 3_600_000), nextLook(inspection, renewal - 10_000), nextLook(inspection, renewal)]).toEqual([
      60_000, 12_000, 5_000,
    ])
  })
})

test('JSON to copy has the facts and no PEM', () => {
  expect(JSON.parse(jsonOf(inspection))).toMatchObject({ version: 1, entries: expect.any(Array) })
  expect(jsonOf(withEntries([{ name: 'default', role: 'workload', state: 'active', chain: [{ ...leaf, pem: 'SECRET' }] }]))).not.toContain(
    'SECRET',
  )
})
