// A gateway read through an API server: whole, without the permission for logs, and pods that are no gateways.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { viewerRules } from '../../../demo/api/access.ts'
import { Faults } from '../../../demo/api/faults.ts'
import { ApiServer } from '../../../demo/api/server.ts'
import { createApiServerCertificate } from '../../../demo/certificates/authority.ts'
import { kubeconfigText } from '../../../demo/kubeconfig.ts'
import { isPod } from '../../../demo/mesh/workload.ts'
import { World } from '../../../demo/world.ts'
import { type GatewayReading, readGateway } from '../../../server/src/cluster/gatewayReading.ts'
import { buildMesh, ClusterLayer } from '../../../server/src/core/mesh/build.ts'
import type { Answer } from '../../../server/src/protocol.ts'
import { type Connected, connectWith } from './support/connected.ts'

const withoutLogs = viewerRules.filter(({ resources }) => !resources.includes('pods/log'))
const users = [
  { name: 'viewer', token: 'token-of-viewer', rules: viewerRules },
  { name: 'no-logs', token: 'token-of-no-logs', rules: withoutLogs },
]
const faults = new Faults()

let world: World
let api: ApiServer
let kubeconfig: (user: string) => string
const open: Connected[] = []

beforeAll(async () => {
  const now = new Date()
  const { ca, certificate, key } = await createApiServerCertificate(now)
  world = await World.create(now)
  const control = { token: 'none', run: async () => undefined }
  api = new ApiServer({ world, faults, users, bookmarkSeconds: 60, tls: { certificate, key }, control })
  const server = `https://127.0.0.1:${await api.listen(0)}`
  kubeconfig = user => kubeconfigText({ server, ca, tokens: { viewer: `token-of-${user}`, narrow: '' } })
})

afterAll(async () => {
  for (const each of open) each.dispose()
  world.close()
  await api.close()
})

async function read(app: string, { user = 'viewer', signal = new AbortController().signal } = {}): Promise<Answer<GatewayReading>> {
  const connected = connectWith(kubeconfig(user))
  open.push(connected)
  await connected.connection.ready()
  const pod = world.store.all().find(each => isPod(each) && each.metadata.labels?.app === app)?.metadata
  const mesh = buildMesh({ files: [], cluster: new ClusterLayer(connected.connection.world()), closedWorld: false })
  return readGateway(connected.connection, mesh, { namespace: pod?.namespace ?? 'shop', name: pod?.name ?? app }, signal)
}

async function reportOf(app: string, user?: string) {
  const answer = await read(app, user ? { user } : {})
  if (!answer.ok) throw new Error(answer.problem.message)
  return answer.value.report
}

test('everything in one report: certificates, servers, backends with health, routes, what is meant, the log', async () => {
  const { problems, pending, servers, backends, routes, meant, log, notes, gateway } = await reportOf('ingressgateway')
  expect(gateway).toMatchObject({ namespace: 'istio-ingress', role: 'gateway', istioVersion: '1.30.2' })
  expect(problems.map(({ id, about }) => [id, about])).toEqual([['secret-waiting', '0.0.0.0:8443 (late.example.com)']])
  expect(pending).toMatchObject([{ stage: 'sent', name: 'kubernetes://late-tls', state: 'warming' }])
  expect(servers.map(({ hosts: [host], tls }) => [host, tls])).toEqual([
    ['bookinfo.example.com', 'SIMPLE'],
    ['admin.example.com', 'MUTUAL'],
    ['late.example.com', 'SIMPLE'],
  ])
  expect(meant?.servers.map(({ state }) => state)).toEqual(['there', 'there', 'there'])
  const used = backends.filter(each => each.used)
  expect(used.map(({ host, tls, destinationRule }) => [host, tls, destinationRule])).toEqual([
    ['productpage.bookinfo.svc.cluster.local', 'auto', null],
    ['partner.example.net', 'SIMPLE', 'bookinfo/partner'],
  ])
  expect(meant?.backends.map(({ state }) => state)).toEqual(['same', 'same'])
  expect(used[0]?.endpoints).toMatchObject([{ port: 9080, health: 'HEALTHY', tls: 'mTLS' }])
  expect(routes).toHaveLength(3)
  expect(log?.some(line => line.includes('kubernetes://late-tls'))).toBe(true)
  expect(log?.some(line => line.includes('CERTIFICATE_VERIFY_FAILED'))).toBe(true)
  expect(notes).toEqual([])
})

test('without the permission for logs only the log is missing, and this is said', async () => {
  const { log, notes, servers } = await reportOf('ingressgateway', 'no-logs')
  expect([log, servers.length, notes.length]).toEqual([null, 3, 1])
  expect(notes[0]).toContain('Your account may not get pods/log in "istio-ingress"')
})

test('a log that breaks off costs only the log', async () => {
  faults.inject({ kind: 'cut' }, { verb: 'get', namespace: 'istio-ingress' })
  const { servers, notes } = await reportOf('ingressgateway')
  expect(servers).toHaveLength(3)
  expect(notes.length).toBeLessThan(2)
})

describe('pods that are no gateways', () => {
  test('a sidecar has the report, and a sentence says what it is', async () => {
    const { gateway, notes, servers, backends } = await reportOf('frontend')
    expect([gateway.role, servers.length]).toEqual(['sidecar', 0])
    expect(notes[0]).toContain('This proxy is a sidecar, no gateway')
    expect(backends.length).toBeGreaterThan(5)
  })

  test.each([
    ['teller', 'no-envoy', 'has no Envoy of its own'],
    ['legacy', 'no-proxy', 'has no proxy'],
    ['archive', 'proxy-silent', ''],
    ['gone-1', 'not-found', ''],
  ])('%s: %s', async (app, kind, words) => {
    const answer = await read(app)
    expect(answer).toMatchObject({ ok: false, problem: { kind } })
    expect(answer.ok ? '' : answer.problem.message).toContain(words)
  })
})

test('cancelled, it ends', async () => {
  expect(await read('ingressgateway', { signal: AbortSignal.abort() })).toMatchObject({ ok: false, problem: { kind: 'cancelled' } })
})
