// Certificates in Kubernetes objects given as a file, and in the wrappings that people hand them on in.
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readCertificates } from '../../../../server/src/core/proxy/readCertificates.ts'
import { made } from '../certificate/data.ts'

const now = '2026-11-21T12:00:00Z'
const chain = made('valid-chain.pem')
const root = made('roots/test-root.pem')
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const base64 = (text: string) => Buffer.from(text).toString('base64')

const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name: 'istio-ca-root-cert' },
  data: { 'root-cert.pem': root },
}
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name: 'web' },
  data: { 'tls.crt': base64(chain), 'tls.key': base64(key), 'ca.crt': base64(root) },
}

function summary(input: string | Uint8Array) {
  const { entries, problems } = readCertificates(input, now, 'file')
  return { entries: entries.map(({ name, role, chain: { length } }) => [name, role, length]), problems: problems.map(({ id }) => id) }
}

const rootEntry = ['shop/istio-ca-root-cert: root-cert.pem', 'root', 1]

describe('objects', () => {
  const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: istio-ca-root-cert\n  namespace: shop\ndata:\n  root-cert.pem: |\n${root.replace(/^(?=.)/gm, '    ')}`

  test.each<[string, string]>([
    ['a ConfigMap as JSON', JSON.stringify(configMap)],
    ['a ConfigMap as YAML', yaml],
    ['behind another document', `apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---\n${yaml}`],
    ['a List', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [configMap, { kind: 'ConfigMap', data: { a: 'b' } }, null] })],
  ])('%s', (_, text) => {
    expect(summary(text).entries).toEqual([rootEntry])
  })

  test('a Secret: its certificates, each by its name; its key is named and not read', () => {
    const text = JSON.stringify(secret)
    expect(summary(text)).toEqual({
      entries: [
        ['shop/web: tls.crt', 'workload', 3],
        ['shop/web: ca.crt', 'root', 1],
      ],
      problems: ['private-key-present'],
    })
    const said = JSON.stringify(readCertificates(text, now))
    expect([key, base64(key)].some(each => said.includes(each.slice(60, 90)))).toBe(false)
  })

  test('a key under a name that does not say so is dropped all the same', () => {
    const text = JSON.stringify({ ...secret, data: { cert: base64(chain + key) } })
    expect(summary(text)).toMatchObject({ entries: [['shop/web: cert', 'workload', 3]], problems: ['private-key-present'] })
  })

  test('what holds no certificate is no answer about certificates', () => {
    expect(summary(JSON.stringify({ kind: 'Secret', data: { password: base64('hello') } })).problems).toEqual(['not-a-dump'])
  })
})

describe('wrappings', () => {
  const der = Buffer.from(/BEGIN CERTIFICATE-----([\s\S]*?)-----END/.exec(chain)?.[1] ?? '', 'base64')

  test.each<[string, string | Uint8Array, number]>([
    ['base64 of PEM', base64(chain), 3],
    ['base64 of PEM in lines', base64(chain).replace(/.{76}/g, '$&\r\n'), 3],
    ['base64 of DER', der.toString('base64'), 1],
    ['UTF-16, little end first', Buffer.from(`\ufeff${chain}`, 'utf16le'), 3],
    ['UTF-16, big end first', Buffer.from(`\ufeff${chain}`, 'utf16le').swap16(), 3],
    ['a byte order mark', `\ufeff${chain}`, 3],
    ['bytes with one', Buffer.from(`\ufeff${chain}`), 3],
    ['CR LF', chain.replaceAll('\n', '\r\n'), 3],
    ['text of openssl before it', `Certificate:\n    Data:\n        Version: 3 (0x2)\n${chain}`, 3],
    ['text that starts with the first byte of DER', Buffer.from(`0 s:CN = a\n${chain}`), 3],
    [
      'an OpenSSL trusted certificate',
      chain.replaceAll('CERTIFICATE-----', 'TRUSTED CERTIFICATE-----').replaceAll('TRUSTED TRUSTED', 'TRUSTED'),
      3,
    ],
  ])('%s', (_, input, length) => {
    expect(readCertificates(input, now).entries[0]?.chain).toHaveLength(length)
  })
})
