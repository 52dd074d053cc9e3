// The text form, as people read it, and the facts that stand on the certificate page.
import { expect, test } from 'vitest'
import type { CertificateReport } from '../../../../server/src/core/certificate/report.ts'
import { readCertificates, readProxyCertificates } from '../../../../server/src/core/proxy/readCertificates.ts'
import { certificateText } from '../../../../server/src/core/report/certificate.ts'
import { certificateFacts } from '../../../../server/src/core/report/certificateFacts.ts'
import { made, recorded } from '../certificate/data.ts'

const now = '2026-11-21T12:00:00Z'
const checkout = 'spiffe://cluster.local/ns/shop/sa/checkout'

test('a sidecar in words: identity first, then validity, and the path to the root', () => {
  const text = certificateText(readProxyCertificates(recorded('intermediate-ca/checkout-sidecar/config_dump.json'), checkout, now), now)
  expect(text).toMatch(
    new RegExp(
      [
        '^default · workload certificate · active since \\S+',
        '  Identity   spiffe://cluster.local/ns/shop/sa/checkout',
        '  Validity   valid · 20 h left · renews in \\d+ h( \\d+ min)?',
        '             2026-11-21T\\S+Z to 2026-11-22T\\S+Z',
        '  Subject    \\(empty\\)',
        '  Issuer     L=cluster1,CN=Intermediate CA,O=Istio',
        '  Key        RSA 2048',
      ].join('\n'),
    ),
  )
  expect(text).toContain(
    [
      '  Chain      verifies up to a root that the proxy trusts',
      '             1  this certificate',
      '             2  L=cluster1,CN=Intermediate CA,O=Istio · intermediate · RSA 4096 · 729 days left · path length 0',
      '             3  CN=Root CA,O=Istio · root · RSA 4096 · 9 years left',
      '  Also sent  CN=Root CA,O=Istio again',
      '',
      'ROOTCA · trusted roots',
    ].join('\n'),
  )
  expect(text).toMatch(/\n\nNo problems\.\n$/)
})

test('problems stand last, the worst first, with what to do', () => {
  const text = certificateText(readCertificates(made('expired.pem'), now, 'expired.pem'), now)
  expect(text.split('\n\n').at(-1)).toMatch(
    /^error {4}expired\.pem: The certificate expired 689 days ago .* \[certificate-expired\]\ninfo {5}expired\.pem: /,
  )
  expect(text).toContain('  Validity   expired 689 days ago')
})

test('a bundle is a list', () => {
  const text = certificateText(readCertificates(made('roots/test-root.pem'), now, 'roots.pem'), now)
  expect(text).toMatch(
    /^roots\.pem · CA certificates\n {2}CN=Test Root CA,O=Test Mesh · RSA 4096 · 18 years left · until 2045-01-01T00:00:00Z\n {4}SHA-256 d24eb1c9/,
  )
})

test('what /certs does not tell is not there', () => {
  const text = certificateText(readCertificates(recorded('intermediate-ca/checkout-sidecar/certs.json'), now), now)
  expect(text).toContain(`  Identity   ${checkout}\n`)
  for (const label of ['Subject', 'Issuer', 'Key ', 'Chain', 'SHA-256', 'undefined']) expect(text).not.toContain(label)
})

test('names of strangers cannot reach the terminal', () => {
  const evil = '\u001b[2J\u202eevil\nerror'
  const report = readCertificates(made('valid-chain.pem'), now)
  const [entry] = report.entries
  const chain = (entry?.chain ?? []).map(certificate => ({
    ...certificate,
    identity: evil,
    subject: evil,
    issuer: evil,
    san: [{ type: 'dns' as const, value: evil }],
  }))
  const hostile: CertificateReport = {
    ...report,
    entries: [{ name: evil, role: 'workload', state: 'active', chain, reason: evil, file: evil, trustDomain: evil, lastUpdated: evil }],
  }
  const texts = [
    certificateText(hostile, now),
    certificateText({ ...hostile, entries: hostile.entries.map(each => ({ ...each, chain: [] })) }, now),
  ]
  for (const text of texts) expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('facts: the identity, the root, the renewal, and what is sent in vain', () => {
  const facts = (proxy: string, identity: string) =>
    certificateFacts(readProxyCertificates(recorded(`${proxy}/config_dump.json`), identity, now), identity, now)
  expect(facts('intermediate-ca/checkout-sidecar', checkout)).toEqual([
    "The identity is the pod's service account: shop/checkout.",
    'The chain verifies up to a root that this proxy trusts: CN=Root CA,O=Istio.',
    expect.stringMatching(/^It is renewed by itself at half of its life, in \d+ h/),
    'The proxy also sends CN=Root CA,O=Istio twice; harmless, it comes from a chain file that already contains it.',
  ])
  expect(facts('other-trust-domain/checkout-sidecar', 'spiffe://prod.example.com/ns/shop/sa/checkout').at(-1)).toBe(
    'The proxy also sends CN=Root CA,O=Istio, which is not on the path; harmless, istiod appends every root of the mesh.',
  )
})

test('facts that do not hold are not said', () => {
  const path = 'other-trust-domain/expired-client-certificate/config_dump.json'
  const facts = certificateFacts(readProxyCertificates(recorded(path), checkout, now), checkout, now)
  expect(facts.join('\n')).not.toMatch(/identity|renewed/)
  expect(
    certificateFacts(
      readProxyCertificates(recorded('intermediate-ca/workload-cert-not-arrived/config_dump.json'), checkout, now),
      checkout,
      now,
    ),
  ).toEqual([])
})
