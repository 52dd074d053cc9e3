// The report as a whole: endpoints by what Envoy found, what was refused, planted keys, hostile names, and commands to copy.
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gatewayReport } from '../../../../../server/src/core/live/gateway/gateway.ts'
import type { GatewayReport } from '../../../../../server/src/core/live/gateway/gatewayReport.ts'
import { readGatewayTexts } from '../../../../../server/src/core/live/gateway/said.ts'
import type { Json, JsonObject } from '../../../../../server/src/core/proxy/json.ts'
import { gatewayText } from '../../../../../server/src/core/report/gateway.ts'
import { gatewayCommands } from '../../../../../server/src/core/report/gatewayCommands.ts'
import { changed, dump, objectsIn } from '../../proxy/dumps.ts'

const now = '2026-11-21T09:00:00Z'
const whole = dump('intermediate-ca/ingress-gateway')
const checkout = 'outbound|9080||checkout.shop.svc.cluster.local'

function report(document: JsonObject, { clusters, log }: { clusters?: JsonObject; log?: string } = {}): GatewayReport {
  const texts = {
    dump: JSON.stringify(document),
    ...(clusters ? { clusters: JSON.stringify(clusters) } : {}),
    ...(log === undefined ? {} : { log }),
  }
  const said = readGatewayTexts(texts, now)
  if (!said) throw new Error('no dump')
  return gatewayReport(said)
}

const ids = ({ problems }: GatewayReport) => problems.map(({ id }) => id)
const backend = ({ backends }: GatewayReport) => backends.find(({ cluster }) => cluster === checkout)

test('an endpoint keeps what its configuration says where Envoy tells how it is', () => {
  const configured = backend(report(whole))?.endpoints
  const found = backend(report(whole, { clusters: dump('intermediate-ca/ingress-gateway/clusters') }))?.endpoints
  expect(found).toEqual(configured)
  expect(found).toMatchObject([{ address: '127.1.0.11', port: 9080, health: 'HEALTHY', tls: 'mTLS' }])
})

test('a sidecar is told as what it is, and is no gateway without servers', () => {
  const { gateway, servers, notes, problems } = report(dump('intermediate-ca/checkout-sidecar'))
  expect([gateway.role, servers, notes.length]).toEqual(['sidecar', [], 1])
  expect(problems.filter(({ id }) => id === 'gateway-not-started' || id === 'backend-without-endpoints')).toEqual([])
})

test('a cluster that Envoy refused', () => {
  const found = report(
    changed(whole, object => {
      if ('last_updated' in object && 'cluster' in object && JSON.stringify(object.cluster).includes(`"name":"${checkout}"`))
        object.error_state = { details: 'no such secret' }
    }),
  )
  expect(ids(found)).toContain('cluster-refused')
  expect(found.pending).toContainEqual(expect.objectContaining({ stage: 'sent', what: 'cluster', name: checkout, state: 'refused' }))
})

test('what waits is told as sent and not in force', () => {
  expect(report(whole).pending).toMatchObject([{ stage: 'sent', what: 'secret', name: 'kubernetes://late-tls', state: 'warming' }])
})

test('a key of another certificate, by the words of Envoy', () => {
  const line =
    '2026-11-21T08:00:00.1Z\twarning\tenvoy config\tgRPC config for type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret rejected: Failed to load private key from <inline>, Cause: error:0b000074:X.509 certificate routines:OPENSSL_internal:KEY_VALUES_MISMATCH'
  expect(report(whole, { log: line }).problems.find(({ id }) => id === 'key-mismatch')?.message).toBe(
    'At 2026-11-21T08:00:00.1Z Envoy refused a secret: its private key does not belong to its certificate. Servers with it keep the former one, or close every connection, though the configuration shows the refused one. Put the key and the certificate of one issuance into the Secret; if it was replaced since, this is past.',
  )
})

test('MUTUAL without the roots for clients', () => {
  const without = changed(whole, object => {
    if (object.name === 'kubernetes://admin-tls-cacert' && 'secret' in object) object.secret = { name: object.name } as Json
  })
  const messages = report(without).problems.map(({ message }) => message)
  expect(messages.join('\n')).toContain('needs the key "ca.crt", or a Secret of this name with "-cacert" behind it')
})

describe('keys that were left in', () => {
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const base64 = Buffer.from(pem).toString('base64')
  const planted = changed(whole, object => {
    if ('private_key' in object) object.private_key = { inline_bytes: base64 }
    if ('certificate_chain' in object) {
      const { inline_bytes } = object.certificate_chain as { inline_bytes: string }
      object.certificate_chain = { inline_bytes: Buffer.from(`${pem}${Buffer.from(inline_bytes, 'base64')}`).toString('base64') }
    }
  })
  const found = report(planted, { log: `secret\n${pem}certificate ${pem.replaceAll('\n', '\\n')}\n` })
  test.each([
    ['JSON', JSON.stringify(found)],
    ['text', gatewayText(found, { now, color: false, commands: gatewayCommands(found) })],
  ])('stay out of the %s', (_, text) => {
    const body = pem.split('\n').slice(1, -2)
    expect(body.filter(line => text.includes(line))).toEqual([])
    expect(text).not.toContain(base64.slice(100, 160))
    expect(found.secrets.some(({ chain }) => chain.length > 0)).toBe(true)
  })
})

describe('hostile names', () => {
  const hostile = '\u001b[2J\u202e; rm -rf ~ #\n-x'
  const found = report(
    changed(whole, object => {
      if (object.name === 'ingress-1' || object.NAME === 'ingress-1') object.NAME = hostile
      if (Array.isArray(object.server_names)) object.server_names = [hostile]
      if (typeof object.cluster_name === 'string') object.cluster_name = `${object.cluster_name}${hostile}`
      if (typeof object.route_config_name === 'string') object.route_config_name = hostile
    }),
    { log: `secret ${hostile}` },
  )
  test('move no cursor', () => {
    const text = gatewayText(found, { now, color: false, commands: gatewayCommands(found) })
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  })

  test('come into no command', () => {
    const { gateway } = found
    expect(gatewayCommands({ ...found, gateway: { ...gateway, namespace: 'shop', name: hostile } })).toEqual([])
    const commands = gatewayCommands({ ...found, gateway: { ...gateway, namespace: 'shop', name: 'ingress-1' } })
    expect(commands.length).toBeGreaterThan(5)
    expect(commands.filter(({ command }) => command.includes('rm -rf'))).toEqual([])
  })
})

describe('commands to copy', () => {
  const found = report(whole)
  const commands = gatewayCommands(found, { kubeconfig: "/home/me/it's mine", context: 'prod' }).map(({ command }) => command)

  test.each([
    "istioctl --kubeconfig '/home/me/it'\\''s mine' --context prod proxy-config secret ingress-1.istio-system -o json",
    "kubectl --kubeconfig '/home/me/it'\\''s mine' --context prod -n istio-system logs ingress-1 -c istio-proxy --tail=2000",
    "kubectl --kubeconfig '/home/me/it'\\''s mine' --context prod -n istio-system get secret late-tls",
  ])('%s', command => {
    expect(commands).toContain(command)
  })

  test('a handshake for each host of a server', () => {
    expect(commands.filter(command => command.includes('s_client')).map(command => command.replace(/.* -connect/, '-connect'))).toEqual([
      '-connect 127.0.0.1:8443 -servername shop.example.com -showcerts',
      '-connect 127.0.0.1:9443 -servername admin.example.com -showcerts',
      '-connect 127.0.0.1:9444 -servername late.example.com -showcerts',
    ])
  })

  test('none where the pod is not known', () => {
    expect(gatewayCommands({ ...found, gateway: { ...found.gateway, name: null } })).toEqual([])
  })
})

test.each([
  [''],
  ['{'],
  ['[]'],
  ['{"configs":[]}'],
  ['{"configs":[null,1,{"@type":"type.googleapis.com/envoy.admin.v3.ListenersConfigDump","dynamic_listeners":[{}]}]}'],
])('half a dump throws nothing: %s', text => {
  const said = readGatewayTexts({ dump: text, clusters: '{', log: text }, now)
  if (said) expect(gatewayText(gatewayReport(said), { now, color: false })).toContain('Gateway')
})

test('anything in the place of anything throws nothing', () => {
  const value = fc.constantFrom<Json>(null, 0, -1, 1e99, '', 'x', '__proto__', [], {}, [null], true)
  const change = fc.record({ object: fc.nat(), field: fc.nat(), value })
  fc.assert(
    fc.property(fc.array(change, { minLength: 10, maxLength: 60 }), changes => {
      const document = structuredClone(whole)
      const objects = [...objectsIn(document)]
      for (const { object, field, value } of changes) {
        const found = objects[object % objects.length] ?? {}
        const key = Object.keys(found)[field % Math.max(1, Object.keys(found).length)]
        if (key !== undefined) found[key] = value
      }
      const text = JSON.stringify(document)
      const said = readGatewayTexts({ dump: text, clusters: text }, now)
      if (said) gatewayText(gatewayReport(said), { now, color: false, commands: gatewayCommands(gatewayReport(said)) })
    }),
    { numRuns: 60 },
  )
})
