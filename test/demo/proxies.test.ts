// The proxies behind the port-forward: their dumps read like real ones, and their certificates are what istiod would issue.
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { PassThrough, Writable } from 'node:stream'
import { KubeConfig, PortForward } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { admin, podOf, portForward } from './client.ts'

let demo: Demo
beforeAll(async () => {
  demo = await startDemo()
})
afterEach(() => demo.world.reset())
afterAll(() => demo.close())

const request = 'GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n'

interface SecretEntry {
  readonly name: string
  readonly secret: {
    readonly tls_certificate?: {
      readonly certificate_chain: { readonly inline_bytes: string }
      readonly private_key: { readonly inline_bytes: string }
    }
    readonly validation_context?: { readonly trusted_ca: { readonly inline_bytes: string } }
  }
}

async function secrets(namespace: string, app: string): Promise<{ active: readonly SecretEntry[]; warming: readonly SecretEntry[] }> {
  const { body } = await admin(demo, podOf(demo, namespace, app), '/config_dump?mask=dynamic_active_secrets,dynamic_warming_secrets')
  const [section] = JSON.parse(body).configs
  return { active: section.dynamic_active_secrets ?? [], warming: section.dynamic_warming_secrets ?? [] }
}

const certificates = (base64: string | undefined) =>
  (
    Buffer.from(base64 ?? '', 'base64')
      .toString()
      .match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  ).map(pem => new X509Certificate(pem))

const named = (entries: readonly SecretEntry[], name: string) => entries.find(entry => entry.name === name)?.secret
const hoursLeft = (certificate: X509Certificate | undefined) => (Date.parse(certificate?.validTo ?? '') - Date.now()) / 3_600_000

describe('port-forward', () => {
  test('each channel begins with its port, then carries the answer', async () => {
    const { data, ports } = await portForward(demo, podOf(demo, 'shop', 'frontend'), 15000, request, text => text.includes('LIVE'))
    expect(data).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]+\r\n\r\nLIVE\n$/)
    expect(ports).toEqual([15000, 15000])
  })

  test.each([
    ['billing', 'archive', 15000],
    ['billing', 'legacy', 15000],
    ['shop', 'frontend', 15999],
  ])('a dead port of %s/%s (%i) opens, says so on the error channel, and closes in order', async (namespace, app, port) => {
    const { data, error, closed } = await portForward(demo, podOf(demo, namespace, app), port, request, () => false)
    expect(data).toBe('')
    expect(error).toMatch(new RegExp(`^error forwarding port ${port} to pod ${namespace}/${app}-.*connection refused$`))
    expect(closed).toBe(1000)
  })

  test('the Kubernetes client gets an answer through it', async () => {
    const config = new KubeConfig()
    config.loadFromString(demo.kubeconfig())
    const [namespace = '', name = ''] = podOf(demo, 'shop', 'frontend').split('/')
    const input = new PassThrough()
    const received: Buffer[] = []
    const output = new Writable({
      write(part, _encoding, done) {
        received.push(part)
        done()
      },
    })
    const socket = await new PortForward(config).portForward(namespace, name, [15000], output, null, input)
    input.write(request)
    await expect.poll(() => Buffer.concat(received).toString()).toContain('LIVE')
    if ('close' in socket) socket.close()
  })

  test('an account without the permission is refused before the upgrade', async () => {
    const narrow = { ...demo, tokens: { ...demo.tokens, viewer: demo.tokens.narrow } }
    await expect(portForward(narrow, podOf(demo, 'shop', 'frontend'), 15000, request, () => true)).rejects.toThrow('403')
  })

  test('a pod that is not there is 404', async () => {
    await expect(portForward(demo, 'shop/nobody', 15000, request, () => true)).rejects.toThrow('404')
  })

  test('a proxy told to be silent opens and says nothing', async () => {
    demo.faults.inject({ kind: 'silent' }, { verb: 'portforward', namespace: 'shop' })
    const silent = portForward(demo, podOf(demo, 'shop', 'frontend'), 15000, request, () => true).then(() => 'answered')
    // A second connection, opened later, is answered; the first still waits.
    await portForward(demo, podOf(demo, 'shop', 'frontend'), 15000, request, text => text.includes('LIVE'))
    expect(await Promise.race([silent, 'waits'])).toBe('waits')
  })

  test('a connection told to break does', async () => {
    demo.faults.inject({ kind: 'cut' }, { verb: 'portforward' })
    await expect(portForward(demo, podOf(demo, 'shop', 'frontend'), 15000, request, () => true)).rejects.toThrow('socket hang up')
  })
})

describe('Envoy', () => {
  test.each([
    ['GET', '/config_dump', 200],
    ['GET', '/certs', 200],
    ['GET', '/server_info', 200],
    ['GET', '/nothing', 404],
    ['GET', '/config_dump?resource=nothing', 404],
    ['POST', '/config_dump', 405],
    ['GET', '/quitquitquit', 405],
  ])('%s %s is %i', async (method, path, status) => {
    const { data } = await portForward(demo, podOf(demo, 'shop', 'db'), 15000, `${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, text =>
      text.includes('\r\n\r\n'),
    )
    expect(data).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  test('a full dump is large, chunked and has the sections of a real one', async () => {
    const { head, body } = await admin(demo, podOf(demo, 'shop', 'frontend'), '/config_dump')
    const types = JSON.parse(body).configs.map((section: { '@type': string }) => section['@type'].split('.').at(-1))
    expect(head).toContain('transfer-encoding: chunked')
    expect(body.length).toBeGreaterThan(150_000)
    expect(types).toEqual([
      'BootstrapConfigDump',
      'ClustersConfigDump',
      'ListenersConfigDump',
      'ScopedRoutesConfigDump',
      'RoutesConfigDump',
      'SecretsConfigDump',
    ])
  })

  test('resource gives bare entries, and {} where there are none', async () => {
    const pod = podOf(demo, 'shop', 'frontend')
    const { configs } = JSON.parse((await admin(demo, pod, '/config_dump?resource=dynamic_active_secrets')).body)
    expect(configs.map((entry: SecretEntry & { '@type': string }) => [entry['@type'], entry.name])).toEqual([
      ['type.googleapis.com/envoy.admin.v3.SecretsConfigDump.DynamicSecret', 'default'],
      ['type.googleapis.com/envoy.admin.v3.SecretsConfigDump.DynamicSecret', 'ROOTCA'],
    ])
    expect((await admin(demo, pod, '/config_dump?resource=dynamic_warming_secrets')).body).toBe('{}')
  })

  test.each([
    ['shop', 'frontend', 'frontend', 'ec'],
    ['bookinfo', 'reviews', 'bookinfo-reviews', 'rsa'],
    ['bank', 'bank-wp', 'bank-wp', 'rsa'],
  ])('the certificate of %s/%s is what istiod issues', async (namespace, app, account, key) => {
    const { active } = await secrets(namespace, app)
    const [leaf, intermediate, root] = certificates(named(active, 'default')?.tls_certificate?.certificate_chain.inline_bytes)
    const [trusted] = certificates(named(active, 'ROOTCA')?.validation_context?.trusted_ca.inline_bytes)
    expect(leaf?.subject).toBeUndefined()
    expect(leaf?.subjectAltName).toBe(`URI:spiffe://cluster.local/ns/${namespace}/sa/${account}`)
    expect(leaf?.publicKey.asymmetricKeyType).toBe(key)
    expect(Date.parse(leaf?.validTo ?? '') - Date.parse(leaf?.validFrom ?? '')).toBe((24 * 60 + 2) * 60_000)
    expect(intermediate && leaf?.verify(intermediate.publicKey)).toBe(true)
    expect(root && intermediate?.verify(root.publicKey)).toBe(true)
    expect(root?.fingerprint256).toBe(trusted?.fingerprint256)
    expect(hoursLeft(leaf)).toBeGreaterThan(0)
  })

  test('no private key is in any dump', async () => {
    const { body } = await admin(demo, podOf(demo, 'istio-ingress', 'ingressgateway'), '/config_dump')
    expect(body).not.toMatch(/PRIVATE KEY|UFJJVkFURSBLRV/)
    const { active } = await secrets('istio-ingress', 'ingressgateway')
    const keys = active.flatMap(({ secret }) => secret.tls_certificate?.private_key.inline_bytes ?? [])
    expect(new Set(keys.map(key => Buffer.from(key, 'base64').toString()))).toEqual(new Set(['[redacted]']))
  })

  test('the gateway has certificates of its own, one still warming', async () => {
    const { active, warming } = await secrets('istio-ingress', 'ingressgateway')
    expect(active.map(({ name }) => name)).toEqual([
      'default',
      'ROOTCA',
      'kubernetes://bookinfo-tls',
      'kubernetes://admin-tls',
      'kubernetes://admin-tls-cacert',
    ])
    expect(warming.map(({ name }) => name)).toEqual(['kubernetes://late-tls'])
    expect((await admin(demo, podOf(demo, 'istio-ingress', 'ingressgateway'), '/ready')).body).toBe('LIVE\n')
  })

  test('a proxy whose certificate never came is warming, not ready, and has no certificate', async () => {
    const pod = podOf(demo, 'billing', 'ledger')
    const { active, warming } = await secrets('billing', 'ledger')
    expect([active, warming.map(({ name }) => name)]).toEqual([[], ['default', 'ROOTCA']])
    expect(await admin(demo, pod, '/ready')).toMatchObject({ status: 'HTTP/1.1 503 Service Unavailable', body: 'PRE_INITIALIZING\n' })
    expect(JSON.parse((await admin(demo, pod, '/certs')).body)).toEqual({ certificates: [] })
  })

  test('one certificate expired and one is due for renewal', async () => {
    const left = async (namespace: string, app: string) => {
      const { active } = await secrets(namespace, app)
      return Math.round(hoursLeft(certificates(named(active, 'default')?.tls_certificate?.certificate_chain.inline_bytes)[0]))
    }
    expect(await left('billing', 'invoicer')).toBe(-3)
    expect(await left('bookinfo', 'ratings')).toBe(11)
  })

  test.each([
    ['shop', 'frontend', ['tls']],
    ['tutorial', 'httpbin', ['tls', 'tls', 'raw_buffer']],
    // The exception names port 80, the container listens on 8080: it stays STRICT.
    ['billing', 'invoicer', ['tls']],
  ])('the inbound listener of %s/%s has the chains %j on 8080', async (namespace, app, expected) => {
    const { body } = await admin(demo, podOf(demo, namespace, app), '/config_dump?resource=dynamic_listeners')
    const inbound = JSON.parse(body).configs.find(({ name }: { name: string }) => name === 'virtualInbound')
    const chains = inbound.active_state.listener.filter_chains.filter(({ name }: { name: string }) => name === '0.0.0.0_8080')
    expect(
      chains.map(({ filter_chain_match }: { filter_chain_match: { transport_protocol: string } }) => filter_chain_match.transport_protocol),
    ).toEqual(expected)
  })
})

describe('ztunnel', () => {
  test('holds one certificate for each identity of its node', async () => {
    const { body } = await admin(demo, podOf(demo, 'istio-system', 'ztunnel'), '/config_dump')
    const dump = JSON.parse(body)
    const identities = dump.certificates.map(({ identity }: { identity: string }) => identity.split('/').at(-1))
    expect(identities).toEqual(['accounts', 'vault'])
    for (const { identity, state, certChain, rootCerts } of dump.certificates) {
      const leaf = new X509Certificate(Buffer.from(certChain[0].pem, 'base64'))
      expect(state).toBe('Available')
      expect(leaf.subjectAltName).toBe(`URI:${identity}`)
      expect(BigInt(certChain[0].serialNumber)).toBe(BigInt(`0x${leaf.serialNumber}`))
      expect(rootCerts).toHaveLength(2)
    }
  })
})

test('rotation and expiry reach the dumps', async () => {
  const leaf = async () =>
    certificates(named((await secrets('shop', 'checkout')).active, 'default')?.tls_certificate?.certificate_chain.inline_bytes)[0]
  const before = await leaf()
  expect(await demo.world.expire()).toHaveLength(2)
  expect(hoursLeft(await leaf())).toBeCloseTo(-1, 1)
  expect(await demo.world.rotate()).toBeGreaterThan(20)
  expect(hoursLeft(await leaf())).toBeCloseTo(24, 1)
  expect((await leaf())?.serialNumber).not.toBe(before?.serialNumber)
})

// Recorded dumps of real proxies: the same keys at the same places.
const recorded = `${process.env.ISTIO_SECURITY_SHARED ?? '../shared'}/data/proxy/self-signed-ca`

describe.skipIf(!existsSync(recorded) && !process.env.CI)('beside recorded dumps of a real Envoy', () => {
  const real = (file: string) => JSON.parse(readFileSync(`${recorded}/${file}`, 'utf8'))
  const paths = (value: unknown, at = ''): readonly string[] => {
    if (Array.isArray(value)) return value.flatMap(item => paths(item, `${at}[]`))
    if (typeof value !== 'object' || value === null) return [`${at}: ${typeof value}`]
    return Object.entries(value).flatMap(([key, item]) => paths(item, `${at}.${key}`))
  }
  const shape = (value: unknown) => [...new Set(paths(value))].sort()

  test.each([
    ['/config_dump?resource=dynamic_active_secrets', 'config_dump.dynamic_active_secrets.json'],
    ['/config_dump?resource=dynamic_warming_secrets', 'config_dump.dynamic_warming_secrets.json'],
  ])('%s has the same shape', async (path, file) => {
    const { body } = await admin(demo, podOf(demo, 'istio-ingress', 'ingressgateway'), path)
    expect(shape(JSON.parse(body))).toEqual(shape(real(`ingress-gateway/${file}`)))
  })

  test('/certs has the same shape, and writes <inline> the same way', async () => {
    const { body } = await admin(demo, podOf(demo, 'shop', 'checkout'), '/certs')
    expect(shape(JSON.parse(body))).toEqual(shape(real('checkout-sidecar/certs.json')))
    expect(body).toContain('"path": "\\u003cinline\\u003e"')
  })
})
