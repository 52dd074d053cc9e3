// Runs one hostile input through everything that reads what proxies and files hold, and says what it cost. Run in a process of its own:
// `node --max-old-space-size=200 hostile.ts NAME` prints {"ms", "rss"}; more memory than that ends the process.
import { certificateReader } from '../../../../server/src/core/certificate/read.ts'
import { readLive } from '../../../../server/src/core/live/connection/ends.ts'
import { readClusterStatuses } from '../../../../server/src/core/proxy/envoy/endpoints.ts'
import { parseJson } from '../../../../server/src/core/proxy/json.ts'
import { readCertificates, readProxyCertificates } from '../../../../server/src/core/proxy/readCertificates.ts'
import { certificateText } from '../../../../server/src/core/report/certificate.ts'
import { made } from '../certificate/data.ts'
import { integer, oid, value } from '../certificate/made/der.ts'
import { pem } from '../certificate/made/issue.ts'
import { dump } from './dumps.ts'

const size = 64 * 1024 * 1024 - 1024
const now = '2026-11-21T12:00:00Z'

/** The text as often as it takes to reach the largest input that is read. */
function filled(part: string, before = '', behind = ''): string {
  return before + part.repeat(Math.floor((size - before.length - behind.length) / part.length)) + behind
}

function nested(levels: number, open: string, close: string, inner = ''): string {
  return open.repeat(levels) + inner + close.repeat(levels)
}

const typed = (type: string) => `"@type":"type.googleapis.com/envoy.admin.v3.${type}"`
const inDump = (type: string, content: string) => `{"configs":[{${typed(type)},${content}}]}`
const rbac = (principal: string) =>
  inDump(
    'ListenersConfigDump',
    `"dynamic_listeners":[{"name":"virtualInbound","active_state":{"listener":{"name":"virtualInbound","filter_chains":[{"filters":[{"name":"envoy.filters.network.rbac","typed_config":{"rules":{"action":"DENY","policies":{"p":{"permissions":[{"any":true}],"principals":[${principal}]}}}}}]}]}}}]`,
  )

function nestedDer(levels: number): Uint8Array {
  // Lengths of four octets, so that no level has to be copied.
  const bytes = Buffer.alloc(levels * 6)
  for (let level = 0; level < levels; level++) {
    bytes.set([0x30, 0x84], level * 6)
    bytes.writeUInt32BE((levels - level - 1) * 6, level * 6 + 2)
  }
  return bytes
}

/** The smallest values that there are. */
function numbers(bytes: number): Uint8Array {
  return Buffer.alloc(bytes - (bytes % 3), Buffer.from([2, 1, 1]))
}

function bundleOf(certificates: Uint8Array): Uint8Array {
  return value(0x30, oid('1.2.840.113549.1.7.2'), value(0xa0, value(0x30, value(0xa0, certificates))))
}

const leaf = () => made('rsa-2048.pem')

export const hostileInputs: Readonly<Record<string, () => string | Uint8Array>> = {
  'JSON nested 100 000 deep': () => nested(100_000, '[', ']'),
  'objects nested 100 000 deep': () => nested(100_000, '{"configs":[', ']}'),
  'JSON that only opens': () => filled('['),
  'empty objects': () => filled('{},', '{"configs":[', '{}]}'),
  'one long string': () => filled('a', '{"configs":["', '"]}'),
  backslashes: () => filled('\\', '{"configs":["'),
  quotes: () => filled('"'),
  'numbers where objects are expected': () => filled('1,', '{"configs":[', '1]}'),
  'secrets without number': () => filled('{"name":"a"},', '{"configs":[{"dynamic_active_secrets":[', '{}]}]}'),
  'keys of the prototype': () => filled('"__proto__":{"a":1},"constructor":{},', '{', '"configs":[]}'),
  'principals nested 100 000 deep': () => rbac(nested(100_000, '{"not_id":', '}', '{"any":true}')),
  'principals nested 80 deep': () => rbac(nested(80, '{"not_id":', '}', '{"any":true}')),
  'PEM lines': () => filled('-----BEGIN CERTIFICATE-----\n'),
  'PEM lines without line breaks': () => filled('-----BEGIN CERTIFICATE-----'),
  dashes: () => filled('-'),
  'PEM with one block of everything': () => filled('A', '-----BEGIN CERTIFICATE-----\n', '\n-----END CERTIFICATE-----\n'),
  'the same certificate again and again': () => filled(leaf()),
  'certificates inside a secret': () =>
    JSON.stringify({
      configs: [
        {
          dynamic_active_secrets: [
            {
              name: 'default',
              secret: { tls_certificate: { certificate_chain: { inline_bytes: Buffer.from(leaf().repeat(10_000)).toString('base64') } } },
            },
          ],
        },
      ],
    }),
  'DER nested 100 000 deep': () => nestedDer(100_000),
  'DER of everything': () => value(0x30, value(0x30, new Uint8Array(size - 32))),
  'BER without lengths': () => Buffer.alloc(size, Buffer.from([0x30, 0x80])),
  'certificates full of numbers': () => filled(pem(value(0x30, value(0x30, numbers(29_000))))),
  'different certificates full of numbers': () =>
    Array.from({ length: 1_000 }, (_, at) => pem(value(0x30, value(0x30, integer(BigInt(at)), numbers(29_000))))).join(''),
  'revocation lists full of numbers': () => filled(pem(value(0x30, value(0x30, numbers(150_000))), 'X509 CRL')),
  'PKCS#7 of everything': () => bundleOf(new Uint8Array(7 * 1024 * 1024).fill(0x30)),
  'PKCS#7 of numbers': () => bundleOf(numbers(500_000)),
  'UTF-16': () => Buffer.alloc(size, Buffer.from([0xff, 0xfe, 0x7b, 0x00])),
  'a real dump, many times': () => {
    const one = JSON.stringify(dump('intermediate-ca/checkout-sidecar').configs).slice(1, -1)
    return filled(`${one},`, '{"configs":[', '{}]}')
  },
  'identities of a ztunnel': () =>
    filled(
      '{"identity":"spiffe://a/ns/b/sa/c","state":"Available","certChain":[],"rootCerts":[]},',
      '{"workloads":[],"certificates":[',
      '{"identity":"x"}]}',
    ),
  'a manifest': () => filled('  a: b\n', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n'),
}

/** Everything that reads the input; what it throws is the answer of the test. */
export function readAll(input: string | Uint8Array): void {
  const report = readCertificates(input, now, 'input')
  certificateText(report, now)
  JSON.stringify(report)
}

/** What `readAll` does not reach. */
export function readLiveParts(text: string): void {
  readLive(text, now)
  readProxyCertificates(text, 'spiffe://cluster.local/ns/shop/sa/a', now)
  const parsed = parseJson(text)
  if (parsed.kind === 'value') readClusterStatuses(parsed.value)
  certificateReader().pem(text, 'text')
}

const [, script = '', name = ''] = process.argv
if (script.endsWith('/hostile.ts')) {
  const make = hostileInputs[name]
  if (!make) throw new Error(`no input ${name}`)
  const input = make()
  const start = performance.now()
  readAll(input)
  const ms = Math.round(performance.now() - start)
  process.stdout.write(`${JSON.stringify({ ms, rss: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`)
}
