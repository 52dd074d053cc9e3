// Real proxies, recorded: every secret is found in every form of dump, with the facts that openssl sees, and judged as it was.
import { describe, expect, test } from 'vitest'
import type { CertificateReport } from '../../../../server/src/core/certificate/report.ts'
import { readCertificates, readProxyCertificates } from '../../../../server/src/core/proxy/readCertificates.ts'
import { asOpenssl, comparable, type ExpectedSecret, made, recorded, recordedFiles, recordedProxies } from '../certificate/data.ts'

const now = '2026-11-21T12:00:00Z'

function expectedSecrets(proxy: string): readonly ExpectedSecret[] {
  return JSON.parse(recorded(`${proxy}/expected.certificates.json`))
}

function summary({ entries }: CertificateReport) {
  return entries
    .map(({ name, state, lastUpdated, chain }) => ({ name, state, lastUpdated, certificates: chain.map(asOpenssl) }))
    .sort(byName)
}

function expectedSummary(secrets: readonly ExpectedSecret[]) {
  return secrets
    .map(({ name, state, last_updated, certificates }) => ({
      name,
      state: state === 'dynamic_active_secrets' ? 'active' : 'warming',
      lastUpdated: last_updated,
      certificates: certificates.map(comparable),
    }))
    .sort(byName)
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1
}

test('there are proxies to compare with', () => {
  expect(recordedProxies.length).toBe(12)
})

test.each(recordedProxies.filter(proxy => `${proxy}/config_dump.json` in recordedFiles))(
  '%s: its /config_dump holds the secrets that openssl reads',
  proxy => {
    const report = readCertificates(recorded(`${proxy}/config_dump.json`), now)
    expect(report.source).toBe('envoy-config-dump')
    expect(summary(report)).toEqual(expectedSummary(expectedSecrets(proxy)))
  },
)

describe.each(recordedProxies)('%s', proxy => {
  const expected = expectedSecrets(proxy)

  test('its answers to ?resource= hold them too', () => {
    const active = readCertificates(recorded(`${proxy}/config_dump.dynamic_active_secrets.json`), now)
    const warming = readCertificates(recorded(`${proxy}/config_dump.dynamic_warming_secrets.json`), now)
    expect([...summary(active), ...summary(warming)].sort(byName)).toEqual(expectedSummary(expected))
  })

  test('what istioctl prints of it as JSON, in camel case, holds them too', () => {
    const report = readCertificates(recorded(`${proxy}/expected.istioctl-secret.json`), now)
    expect(report.entries.map(({ name, state, chain }) => [name, state, chain.length]).sort()).toEqual(
      expected
        .map(({ name, state, certificates }) => [name, state === 'dynamic_active_secrets' ? 'active' : 'warming', certificates.length])
        .sort(),
    )
  })

  test('the first serial and the times of each secret are those that istioctl printed', () => {
    const { entries } = readCertificates(recorded(`${proxy}/expected.istioctl-secret.json`), now)
    const rows = recorded(`${proxy}/expected.istioctl-secret.txt`).trim().split('\n').slice(1)
    const printed = rows
      .map(row => row.split(/\s{2,}/))
      .map(cells => (cells.includes('ACTIVE') ? [cells[0], ...cells.slice(-3)] : [cells[0]]))
    const ours = entries.map(({ name, chain: [first] }) =>
      first === undefined ? [name] : [name, first.serial.replace(/^0+/, ''), first.notAfter, first.notBefore],
    )
    expect(ours.sort()).toEqual(printed.map(cells => cells.map(cell => cell?.trim().replace(/^0+/, ''))).sort())
  })

  test('its /certs holds certificates of its dump, and nothing else', () => {
    const report = readCertificates(recorded(`${proxy}/certs.json`), now)
    const known = new Map(
      expected.flatMap(({ certificates }) => certificates).map(certificate => [certificate.serialHex.toLowerCase(), certificate]),
    )
    for (const certificate of report.entries.flatMap(({ chain }) => chain)) {
      expect(known.get(certificate.serial)).toMatchObject({ notBefore: certificate.notBefore, notAfter: certificate.notAfter })
    }
    expect(report.problems.map(({ id }) => id)).toContain(report.entries.length === 0 ? 'no-secrets' : 'certificate-partial')
  })
})

describe('what is wrong with a recorded proxy', () => {
  function found(proxy: string, identity: string, at = now) {
    const { entries, problems } = readProxyCertificates(recorded(`${proxy}/config_dump.json`), identity, at)
    return {
      path: entries.find(({ name }) => name === 'default')?.path,
      problems: problems.map(({ entry, severity, id }) => `${severity} ${entry} ${id}`),
    }
  }

  test('nothing, for a healthy sidecar; the root that it sends twice is no part of its path', () => {
    const { path, problems } = found('intermediate-ca/checkout-sidecar', 'spiffe://cluster.local/ns/shop/sa/checkout')
    expect(problems).toEqual([])
    expect(path).toMatchObject({ end: 'trusted', certificates: { length: 3 } })
  })

  test('nothing, for a chain of four behind which an unrelated root stands', () => {
    const { path, problems } = found('other-trust-domain/checkout-sidecar', 'spiffe://prod.example.com/ns/shop/sa/checkout')
    expect(problems).toEqual([])
    expect(path).toMatchObject({ end: 'trusted', certificates: { length: 4 } })
  })

  test('a gateway waits for a secret that does not exist', () => {
    const { problems } = found('self-signed-ca/ingress-gateway', 'spiffe://cluster.local/ns/istio-system/sa/ingress')
    expect(problems).toEqual(['warning kubernetes://late-tls secret-warming'])
  })

  test('a certificate did not arrive', () => {
    const { problems } = found('intermediate-ca/workload-cert-not-arrived', 'spiffe://cluster.local/ns/shop/sa/checkout')
    expect(problems).toEqual(['error default secret-warming', 'error ROOTCA secret-warming'])
  })

  test('a certificate of 70 seconds is fine, overdue, and expired in turn', () => {
    const at = (time: string) =>
      found('other-trust-domain/expired-client-certificate', 'spiffe://prod.example.com/ns/shop/sa/frontend', time).problems
    const [leaf] =
      expectedSecrets('other-trust-domain/expired-client-certificate').find(({ name }) => name === 'default')?.certificates ?? []
    const end = Date.parse(leaf?.notAfter ?? '')
    const later = (seconds: number) => new Date(end + seconds * 1000).toISOString()
    expect(at(later(-120))).toEqual([])
    expect(at(later(-5))).toEqual(['warning default certificate-renewal-due'])
    expect(at(later(1))).toEqual(['error default certificate-expired'])
  })

  test('a proxy presents another identity than its pod should have', () => {
    const { problems } = found('self-signed-ca/checkout-sidecar', 'spiffe://cluster.local/ns/shop/sa/frontend')
    expect(problems).toEqual(['error default identity-unexpected'])
  })
})

describe('forms of a dump that were not recorded', () => {
  const chain = made('valid-chain.pem')
  const root = made('roots/test-root.pem')
  const otherRoot = made('roots/other-root.pem')
  const leafEntry = { name: 'default', secret: { tls_certificate: { certificate_chain: { inline_string: chain } } } }

  function dump(...secrets: readonly object[]): CertificateReport {
    return readCertificates(JSON.stringify({ configs: [{ dynamic_active_secrets: secrets }] }), now)
  }

  test('certificates as a string instead of bytes', () => {
    expect(dump(leafEntry).entries[0]?.chain).toHaveLength(3)
  })

  test('secrets that stand in the bootstrap', () => {
    const report = readCertificates(JSON.stringify({ configs: [{ static_secrets: [leafEntry] }] }), now)
    expect(report.entries).toMatchObject([{ name: 'default', role: 'workload', state: 'active' }])
  })

  test('certificates that the proxy reads from disk: the path is all there is', () => {
    const report = dump({ name: 'default', secret: { tls_certificate: { certificate_chain: { filename: '/etc/certs/cert-chain.pem' } } } })
    expect(report.entries).toEqual([{ name: 'default', role: 'workload', state: 'active', file: '/etc/certs/cert-chain.pem', chain: [] }])
    expect(report.problems.map(({ id }) => id)).toEqual(['certificate-on-disk'])
  })

  test('one bundle for each trust domain: an identity is verified by its own alone', () => {
    const bundles = (domains: readonly (readonly [string, string])[]) => ({
      name: 'ROOTCA',
      secret: {
        validation_context: {
          custom_validator_config: {
            name: 'envoy.tls.cert_validator.spiffe',
            typed_config: {
              trust_domains: domains.map(([name, pem]) => ({ name, trust_bundle: { inline_bytes: Buffer.from(pem).toString('base64') } })),
            },
          },
        },
      },
    })
    const right = dump(
      leafEntry,
      bundles([
        ['cluster.local', root],
        ['other.example.org', otherRoot],
      ]),
    )
    expect(right.entries.map(({ name, trustDomain, path }) => [name, trustDomain, path?.end])).toEqual([
      ['default', undefined, 'trusted'],
      ['ROOTCA', 'cluster.local', undefined],
      ['ROOTCA', 'other.example.org', undefined],
    ])
    const swapped = dump(
      leafEntry,
      bundles([
        ['cluster.local', otherRoot],
        ['other.example.org', root],
      ]),
    )
    expect(swapped.problems.map(({ id }) => id)).toEqual(['chain-untrusted'])
  })

  test('a secret in use whose update is awaited is shown once', () => {
    const report = readCertificates(
      JSON.stringify({ configs: [{ dynamic_active_secrets: [leafEntry], dynamic_warming_secrets: [{ name: 'default' }] }] }),
      now,
    )
    expect(report.entries.map(({ state }) => state)).toEqual(['active'])
  })

  test('tokens and session keys are no certificates', () => {
    expect(dump({ name: 'token', secret: { generic_secret: { secret: { inline_string: 'x' } } } }).entries).toEqual([])
  })

  test('SPIRE names its secrets by identity and trust domain', () => {
    const leaf = { name: 'spiffe://cluster.local/ns/shop/sa/checkout', secret: leafEntry.secret }
    const trust = { name: 'spiffe://cluster.local', secret: { validation_context: { trusted_ca: { inline_string: root } } } }
    expect(dump(leaf, trust).entries.map(({ role, path }) => [role, path?.end])).toEqual([
      ['workload', 'trusted'],
      ['root', undefined],
    ])
  })
})

describe('ztunnel', () => {
  const identity = 'spiffe://cluster.local/ns/shop/sa/checkout'
  const [leaf, intermediate, root] = made('valid-chain.pem')
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .map(pem => ({ pem: Buffer.from(pem).toString('base64') }))

  function read(certificates: readonly object[]): CertificateReport {
    return readCertificates(JSON.stringify({ workloads: [], services: [], certificates }), now)
  }

  test('a newer dump lists the roots that it trusts', () => {
    const { entries, source } = read([{ identity, state: 'Available', certChain: [leaf, intermediate], rootCerts: [root] }])
    expect(source).toBe('ztunnel')
    expect(entries.map(({ name, role, state, chain, path }) => [name, role, state, chain.length, path?.end])).toEqual([
      [identity, 'workload', 'active', 2, 'trusted'],
      ['ROOTCA', 'root', 'active', 1, undefined],
    ])
  })

  test('an older dump puts the root last in the chain', () => {
    const { entries } = read([{ identity, state: 'Available', certChain: [leaf, intermediate, root] }])
    expect(entries.map(({ role, path }) => [role, path?.end])).toEqual([
      ['workload', 'trusted'],
      ['root', undefined],
    ])
  })

  test('identities that share their roots share one entry for them', () => {
    const other = 'spiffe://cluster.local/ns/shop/sa/frontend'
    const both = [identity, other].map(name => ({ identity: name, state: 'Available', certChain: [leaf, intermediate], rootCerts: [root] }))
    expect(read(both).entries.filter(({ role }) => role === 'root')).toHaveLength(1)
  })

  test('without PEM the decimal serial and the times are all there is', () => {
    const { entries } = read([
      {
        identity,
        state: 'Available',
        certChain: [
          {
            serialNumber: '305554775863395697262503895661564044819',
            validFrom: '2026-11-21T00:00:00Z',
            expirationTime: '2026-11-22T00:00:00Z',
          },
        ],
      },
    ])
    expect(entries[0]?.chain).toMatchObject([
      { identity, serial: 'e5dfb59150b2ba7f108d93dcec5aa613', notAfter: '2026-11-22T00:00:00Z', partial: true },
    ])
  })

  test('for a pod only its own identity is kept, and its absence is said', () => {
    const text = JSON.stringify({
      workloads: [],
      certificates: [{ identity, state: 'Available', certChain: [leaf, intermediate], rootCerts: [root] }],
    })
    const other = 'spiffe://cluster.local/ns/bank/sa/ledger'
    expect(readProxyCertificates(text, identity, now).problems).toEqual([])
    const missing = readProxyCertificates(text, other, now)
    expect(missing.entries.filter(({ role }) => role === 'workload')).toEqual([
      { name: other, role: 'workload', state: 'missing', chain: [] },
    ])
    expect(missing.problems).toMatchObject([{ entry: other, severity: 'error', id: 'secret-missing' }])
  })

  test('an empty list is an answer', () => {
    expect(read([])).toMatchObject({ source: 'ztunnel', entries: [], problems: [{ id: 'no-secrets' }] })
  })
})

describe('an input that is no dump', () => {
  const text = recorded('self-signed-ca/checkout-sidecar/config_dump.json')

  test.each([
    ['cut off', text.slice(0, text.length / 2), 'truncated-dump'],
    ['damaged', text.replace('"configs": [', '"configs": ['.slice(0, -1)), 'not-a-dump'],
    ['another document', '{"apiVersion":"v1","kind":"Pod"}', 'not-a-dump'],
    ['a list of something', '[1, 2]', 'not-a-dump'],
    ['narrowed to listeners', '{"configs":[{"@type":"type.googleapis.com/envoy.admin.v3.ListenersConfigDump"}]}', 'no-secrets'],
    ['nothing', '{}', 'no-secrets'],
  ])('%s is named', (_, input, id) => {
    expect(readCertificates(input, now)).toMatchObject({ entries: [], problems: [{ id }] })
  })

  test('a web page instead of a dump is named', () => {
    expect(readProxyCertificates('<html>503</html>', 'spiffe://x/ns/y/sa/z', now).problems).toMatchObject([
      { id: 'not-a-dump', severity: 'error' },
    ])
  })

  test('a proxy without its own certificate is told from one that waits for it', () => {
    expect(readProxyCertificates('{}', 'spiffe://x/ns/y/sa/z', now).problems).toMatchObject([{ entry: 'default', id: 'secret-missing' }])
  })

  test('too much is refused before it is read', () => {
    expect(readCertificates(new Uint8Array(65 * 1024 * 1024), now).problems).toMatchObject([{ id: 'too-large' }])
  })
})

describe('a file', () => {
  const der = Buffer.from(made('rsa-2048.pem').match(/BEGIN CERTIFICATE-----([\s\S]*?)-----END/)?.[1] ?? '', 'base64')

  test('of DER is one certificate', () => {
    expect(readCertificates(der, now, 'leaf.der')).toMatchObject({
      source: 'der',
      entries: [{ name: 'leaf.der', role: 'workload', chain: { length: 1 } }],
    })
  })

  test('of DER that is cut off says how much is there', () => {
    expect(readCertificates(der.subarray(0, 300), now).problems).toMatchObject([
      { id: 'truncated-certificate', message: expect.stringContaining(`300 of ${der.length} bytes`) },
    ])
  })

  test('saved by a Windows shell in UTF-16 is read', () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(made('rsa-2048.pem'), 'utf16le')])
    expect(readCertificates(utf16, now).entries[0]?.chain).toHaveLength(2)
  })

  test('whose leaf is not first is warned about', () => {
    const blocks = made('rsa-2048.pem')
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .reverse()
    expect(readCertificates(blocks.join(''), now).problems.map(({ id }) => id)).toContain('leaf-not-first')
  })
})
