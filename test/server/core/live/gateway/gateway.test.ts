// Recorded gateways, as they were and with one thing changed: every fact that is done by hand today, and what is named as wrong.
import { describe, expect, test } from 'vitest'
import { uncovered } from '../../../../../server/src/core/live/gateway/covers.ts'
import { gatewayReport } from '../../../../../server/src/core/live/gateway/gateway.ts'
import { readEnvoyConfig } from '../../../../../server/src/core/proxy/envoy/config.ts'
import { readClusterStatuses } from '../../../../../server/src/core/proxy/envoy/endpoints.ts'
import type { Json, JsonObject } from '../../../../../server/src/core/proxy/json.ts'
import { readCertificates } from '../../../../../server/src/core/proxy/readCertificates.ts'
import { gatewayText } from '../../../../../server/src/core/report/gateway.ts'
import { changed, dump } from '../../proxy/dumps.ts'

const now = '2026-11-21T09:00:00Z'
const whole = dump('intermediate-ca/ingress-gateway')

function report(document: JsonObject, at = now, statuses?: JsonObject) {
  const config = readEnvoyConfig(document)
  if (!config) throw new Error('no dump')
  const told = statuses && readClusterStatuses(statuses)
  return gatewayReport({ config, certificates: readCertificates(JSON.stringify(document), at), ...(told ? { statuses: told } : {}) })
}

test('servers with their hosts, credentials and where they lead', () => {
  const { servers } = report(whole)
  const rows = servers.map(({ port, tls, hosts, credentials, roots }) => [port, tls, hosts, credentials, roots])
  expect(rows.toSorted()).toEqual([
    [8088, 'none', [], [], null],
    [8443, 'SIMPLE', ['shop.example.com'], ['kubernetes://shop-tls'], null],
    [9443, 'MUTUAL', ['admin.example.com'], ['kubernetes://admin-tls'], 'kubernetes://admin-tls-cacert'],
    [9444, 'SIMPLE', ['late.example.com'], ['kubernetes://late-tls'], null],
  ])
})

test('a backend with the SNI and the names that it demands, its rule and its endpoints', () => {
  const [backend, ...others] = report(whole).backends.filter(({ used }) => used)
  expect(others).toEqual([])
  expect(backend).toMatchObject({
    host: 'checkout.shop.svc.cluster.local',
    port: 9080,
    tls: 'ISTIO_MUTUAL',
    sni: 'outbound_.9080_._.checkout.shop.svc.cluster.local',
    sans: ['spiffe://cluster.local/ns/shop/sa/checkout'],
    destinationRule: 'shop/checkout',
    endpoints: [{ address: '127.1.0.11', port: 9080, health: 'HEALTHY' }],
  })
})

test('who uses a secret', () => {
  const { secrets } = report(whole)
  expect(secrets.find(({ name }) => name === 'kubernetes://shop-tls')?.usedBy).toEqual(['127.1.0.12:8443 (shop.example.com)'])
})

test('health is what Envoy found', () => {
  const ill = changed(dump('intermediate-ca/ingress-gateway/clusters'), object => {
    if ('eds_health_status' in object) object.failed_active_health_check = true
  })
  const { problems } = report(whole, now, ill)
  expect(problems.map(({ id }) => id)).toContain('backend-unhealthy')
})

const cases: readonly {
  readonly name: string
  readonly document: JsonObject
  readonly now?: string
  readonly problems: readonly string[]
}[] = [
  { name: 'a credential that does not exist', document: whole, problems: ['secret-waiting'] },
  {
    name: 'a gateway that waits for files and never starts',
    document: dump('other-trust-domain/ingress-gateway-stuck-on-file-secrets'),
    problems: ['gateway-not-started', 'secret-warming'],
  },
  {
    name: 'a certificate for other hosts',
    document: changed(whole, object => {
      if (Array.isArray(object.server_names))
        object.server_names = object.server_names.map(name => (name === 'shop.example.com' ? 'pay.example.net' : name))
    }),
    problems: ['host-not-covered', 'secret-waiting'],
  },
  {
    name: 'certificates past their time',
    document: whole,
    now: '2027-06-01T00:00:00Z',
    problems: ['certificate-expired', 'secret-waiting'],
  },
  {
    name: 'a route to a cluster that is not there',
    document: changed(whole, object => {
      if (object.cluster === 'outbound|9080||checkout.shop.svc.cluster.local' && 'timeout' in object)
        object.cluster = 'outbound|9080|v9|checkout.shop.svc.cluster.local'
    }),
    problems: ['route-without-cluster', 'secret-waiting'],
  },
  {
    name: 'a backend without endpoints',
    document: changed(whole, object => {
      if (object.cluster_name === 'outbound|9080||checkout.shop.svc.cluster.local') delete object.endpoints
    }),
    problems: ['backend-without-endpoints', 'secret-waiting'],
  },
  {
    name: 'TLS that verifies nobody',
    document: changed(whole, object => {
      if (object.name === 'outbound|9080||checkout.shop.svc.cluster.local' && 'transport_socket' in object)
        object.transport_socket = { name: 'envoy.transport_sockets.tls', typed_config: { common_tls_context: {}, sni: 'checkout' } } as Json
    }),
    problems: ['backend-not-verified', 'secret-waiting'],
  },
  {
    name: 'a listener that Envoy refused',
    document: changed(whole, object => {
      if (object.name === '127.1.0.12_8443' && 'active_state' in object) object.error_state = { details: 'duplicate matcher' }
    }),
    problems: ['listener-refused', 'secret-waiting'],
  },
]

describe('problems', () => {
  test.each(cases)('$name', ({ document, now: at, problems }) => {
    const found = report(document, at)
    const named = found.problems.filter(({ severity, id }) => severity !== 'info' && id !== 'renewal-overdue').map(({ id }) => id)
    expect([...new Set(named)].toSorted()).toEqual(problems)
    expect(gatewayText(found, { now: at ?? now, color: false })).toContain('Needs attention')
  })
})

test.each([
  [['shop.example.com'], ['shop.example.com'], []],
  [['shop.example.com'], ['*.example.com'], []],
  [['a.shop.example.com'], ['*.example.com'], ['a.shop.example.com']],
  [['*.example.com'], ['*.example.com'], []],
  [['*.example.com'], ['shop.example.com'], ['*.example.com']],
  [['*'], ['shop.example.com'], []],
  [['SHOP.example.com.'], ['shop.Example.com'], []],
  [['example.com'], ['*.example.com'], ['example.com']],
])('hosts %j under names %j leave %j', (hosts, names, left) => {
  expect(uncovered(hosts, { san: names.map(value => ({ type: 'dns' as const, value })) })).toEqual(left)
})
