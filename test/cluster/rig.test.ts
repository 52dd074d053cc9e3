// The rig itself: what the other tests rely on is really there.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from './apiClient.ts'
import { forwardedGet } from './portForward.ts'
import { type Rig, startRig } from './rig.ts'
import { tokenOf, type User } from './users.ts'

let rig: Rig

beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.stop())

const as = (user: User) => new ApiClient(rig.server, rig.authority, tokenOf(user))
const get = (user: User, path: string) => as(user).request('GET', path)
const podNames = (list: { items: { metadata: { name: string } }[] }) => list.items.map(({ metadata }) => metadata.name.split('-')[0])

test('the API server is the pinned release and ready', async () => {
  expect(await rig.api('GET', '/readyz')).toEqual({ status: 200, body: 'ok' })
  expect((await rig.api('GET', '/version')).body).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.3' })
})

test('a viewer lists the pods, all running at the address that was chosen for them', async () => {
  const { status, body } = await get('viewer', '/api/v1/namespaces/shop/pods')
  expect(status).toBe(200)
  expect(podNames(body)).toEqual(['cart', 'checkout', 'frontend', 'legacy', 'stock'])
  const checkout = body.items[1]
  expect(checkout.status).toMatchObject({ phase: 'Running', podIP: rig.pods.checkout.ip })
})

test('the sidecar of checkout is a native one', async () => {
  const { body } = await get('viewer', `/api/v1/namespaces/shop/pods/${rig.pods.checkout.name}`)
  expect(body.status.initContainerStatuses).toMatchObject([{ name: 'istio-proxy', ready: true, state: { running: {} } }])
})

test('a user without permission for pods of a namespace is told exactly that', async () => {
  expect((await get('narrow', '/api/v1/namespaces/shop/pods')).status).toBe(200)
  expect(await get('narrow', '/api/v1/namespaces/billing/pods')).toMatchObject({
    status: 403,
    body: {
      kind: 'Status',
      reason: 'Forbidden',
      message: 'pods is forbidden: User "narrow" cannot list resource "pods" in API group "" in the namespace "billing"',
    },
  })
})

test('an unknown token is refused without a reason', async () => {
  expect(await get('stranger', '/api/v1/namespaces')).toMatchObject({ status: 401, body: { message: 'Unauthorized' } })
})

test("Istio's definitions refuse what their CEL rules refuse", async () => {
  const both = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'both' },
    spec: { selector: { matchLabels: { app: 'checkout' } }, targetRefs: [{ kind: 'Service', name: 'checkout' }] },
  }
  const { status, body } = await rig.api(
    'POST',
    '/apis/security.istio.io/v1/namespaces/shop/authorizationpolicies?dryRun=All&fieldValidation=Strict',
    both,
  )
  expect(status).toBe(422)
  expect(body.message).toContain('only one of targetRefs or selector can be set')
})

test('the Gateway API is known', async () => {
  expect(await get('viewer', '/apis/gateway.networking.k8s.io/v1/gateways')).toMatchObject({ status: 200, body: { kind: 'GatewayList' } })
})

test('a watch begins with the objects that are there and says when it has sent them all', async () => {
  const { body } = await get(
    'viewer',
    '/api/v1/namespaces/shop/serviceaccounts?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1',
  )
  const events = body as readonly WatchEvent[]
  expect(events.slice(0, 5).map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim())).toEqual([
    'ADDED cart',
    'ADDED checkout',
    'ADDED default',
    'ADDED frontend',
    'BOOKMARK',
  ])
  expect(events[4]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
})

test("port-forward reaches the Envoy's secrets, its private key redacted", async () => {
  const answer = await forwardedGet(rig, 'viewer', rig.pods.frontend, '/config_dump?mask=dynamic_active_secrets')
  if (answer.kind !== 'answered') expect.fail(JSON.stringify(answer))
  expect(answer.response).toContain('HTTP/1.1 200 OK')
  expect(answer.response).toContain('"name": "default"')
  expect(answer.response).toContain('"name": "ROOTCA"')
  expect(answer.response).toContain('"inline_string": "[redacted]"')
  expect(answer.response).not.toContain('PRIVATE KEY')
})

test('without the verb "get" port-forward is refused with the reason', async () => {
  const answer = await forwardedGet(rig, 'no-forward', rig.pods.frontend, '/certs')
  if (answer.kind !== 'refused') expect.fail(JSON.stringify(answer))
  expect(answer.status).toBe(403)
  expect(JSON.parse(answer.body).message).toBe(
    `pods "${rig.pods.frontend.name}" is forbidden: User "no-forward" cannot get resource "pods/portforward" in API group "" in the namespace "shop"`,
  )
})

test('without the verb "create" port-forward is refused without a reason', async () => {
  const answer = await forwardedGet(rig, 'forward-get', rig.pods.frontend, '/certs')
  if (answer.kind !== 'refused') expect.fail(JSON.stringify(answer))
  expect(answer.status).toBe(403)
  expect(JSON.parse(answer.body).message).toBe(`pods "${rig.pods.frontend.name}" is forbidden: `)
})

test('port-forward to a port where nothing listens succeeds first and fails then', async () => {
  const answer = await forwardedGet(rig, 'viewer', rig.pods.silent, '/certs')
  expect(answer).toEqual({ kind: 'failed', error: expect.stringContaining('connection refused') })
})

test('a rotated certificate is in force at once', async () => {
  const serial = await rig.rotate('checkout')
  const answer = await forwardedGet(rig, 'viewer', rig.pods.checkout, '/certs')
  if (answer.kind !== 'answered') expect.fail(JSON.stringify(answer))
  expect(answer.response).toContain(`"serial_number": "${serial}"`)
})

test('a restarted API server has forgotten old resource versions', async () => {
  await rig.restartApiServer()
  const { status, body } = await get('viewer', '/api/v1/namespaces/shop/pods?watch=1&resourceVersion=1&timeoutSeconds=1')
  expect(status).toBe(200)
  expect(body).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }])
})

interface WatchEvent {
  readonly type: string
  readonly object: { readonly metadata: { readonly name?: string; readonly annotations?: object } }
}
