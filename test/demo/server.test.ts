// The demo's API server as a client of Kubernetes meets it: who may do what, discovery, lists, and what goes wrong on demand.
import { CoreV1Api, CustomObjectsApi } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { ask, kubeConfig } from './client.ts'

let demo: Demo
beforeAll(async () => {
  demo = await startDemo()
})
afterEach(() => demo.faults.clear())
afterAll(() => demo.close())

test('the Kubernetes client reads it with the kubeconfig alone', async () => {
  const config = kubeConfig(demo)
  const pods = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 'shop' })
  expect(pods.items.map(pod => pod.spec?.serviceAccountName)).toEqual([
    'backend',
    'backend',
    'checkout',
    'checkout',
    'db',
    'frontend',
    'frontend',
  ])
  const custom = config.makeApiClient(CustomObjectsApi)
  const policies = await custom.listNamespacedCustomObject({
    group: 'security.istio.io',
    version: 'v1',
    namespace: 'bank',
    plural: 'authorizationpolicies',
  })
  expect(policies.items).toHaveLength(2)
})

describe('permissions', () => {
  const sentence = 'User "demo-narrow" cannot'
  test.each([
    ['demo', '/api/v1/pods', 200, undefined],
    [
      'demo',
      '/api/v1/secrets',
      403,
      'secrets is forbidden: User "demo-viewer" cannot list resource "secrets" in API group "" at the cluster scope',
    ],
    ['demo-narrow', '/api/v1/namespaces/shop/pods', 200, undefined],
    [
      'demo-narrow',
      '/api/v1/namespaces/billing/pods',
      403,
      `pods is forbidden: ${sentence} list resource "pods" in API group "" in the namespace "billing"`,
    ],
    ['demo-narrow', '/api/v1/pods', 403, `pods is forbidden: ${sentence} list resource "pods" in API group "" at the cluster scope`],
    ['demo-narrow', '/api/v1/serviceaccounts', 200, undefined],
    [
      'demo-narrow',
      '/api/v1/configmaps',
      403,
      `configmaps is forbidden: ${sentence} list resource "configmaps" in API group "" at the cluster scope`,
    ],
    ['demo-narrow', '/api/v1/namespaces/istio-system/configmaps/istio', 200, undefined],
    [
      'demo-narrow',
      '/api/v1/configmaps?fieldSelector=metadata.name%3Distio',
      403,
      `configmaps "istio" is forbidden: ${sentence} list resource "configmaps" in API group "" at the cluster scope`,
    ],
    [
      'demo-narrow',
      '/apis/apps/v1/replicasets',
      403,
      `replicasets.apps is forbidden: ${sentence} list resource "replicasets" in API group "apps" at the cluster scope`,
    ],
  ])('%s %s: %i', async (context, path, code, message) => {
    const answer = await ask(demo, path, { context })
    expect(answer.code).toBe(code)
    if (message) expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message })
  })

  test.each(['wrong', ''])('the token "%s" is refused with 401', async token => {
    const answer = await ask(demo, '/api/v1/pods', { headers: { authorization: `Bearer ${token}` } })
    expect(answer).toMatchObject({ code: 401, body: { kind: 'Status', reason: 'Unauthorized' } })
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s changes nothing, for nobody', async method => {
    const before = demo.world.store.revision
    const path = method === 'POST' ? '/api/v1/namespaces/shop/pods' : '/api/v1/namespaces/shop/pods/db-0'
    expect((await ask(demo, path, { method })).code).toBe(403)
    expect(demo.world.store.revision).toBe(before)
  })

  test.each([
    ['demo', { verb: 'create', resource: 'pods', subresource: 'portforward', namespace: 'shop' }, true],
    ['demo-narrow', { verb: 'create', resource: 'pods', subresource: 'portforward', namespace: 'shop' }, false],
    ['demo-narrow', { verb: 'list', resource: 'pods', namespace: 'shop' }, true],
    ['demo-narrow', { verb: 'list', resource: 'pods', namespace: 'billing' }, false],
    ['demo-narrow', { verb: 'list', resource: 'pods' }, false],
  ])('SelfSubjectAccessReview of %s for %j: %s', async (context, resourceAttributes, allowed) => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const answer = await ask(demo, path, { context, method: 'POST', body: { spec: { resourceAttributes } } })
    expect(answer).toMatchObject({ code: 201, body: { status: { allowed } } })
  })

  test('SelfSubjectRulesReview names only what holds in the namespace', async () => {
    const podRules = async (namespace: string) => {
      const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
      const { body } = await ask(demo, path, { context: 'demo-narrow', method: 'POST', body: { spec: { namespace } } })
      return body.status.resourceRules.filter((rule: { resources: string[] }) => rule.resources.includes('pods')).length
    }
    expect([await podRules('shop'), await podRules('billing')]).toEqual([1, 0])
  })

  test.each([{}, { spec: null }, { spec: { resourceAttributes: null } }])('a review of %j is answered', async body => {
    for (const review of ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']) {
      expect((await ask(demo, `/apis/authorization.k8s.io/v1/${review}`, { method: 'POST', body })).code).toBe(201)
    }
  })

  test('a review whose body is no JSON is answered with 400', async () => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    expect((await ask(demo, path, { method: 'POST' })).code).toBe(400)
  })
})

describe('discovery', () => {
  test.each([
    ['/version', { gitVersion: 'v1.36.3' }],
    ['/api', { versions: ['v1'] }],
    ['/apis', { kind: 'APIGroupList' }],
    ['/apis/security.istio.io', { preferredVersion: { groupVersion: 'security.istio.io/v1' } }],
    ['/apis/security.istio.io/v1', { kind: 'APIResourceList', groupVersion: 'security.istio.io/v1' }],
    ['/api/v1', { kind: 'APIResourceList', groupVersion: 'v1' }],
  ])('%s', async (path, expected) => {
    expect(await ask(demo, path)).toMatchObject({ code: 200, body: expected })
  })

  test.each([
    '/apis/nothing.example.com/v1',
    '/apis/security.istio.io/v9/peerauthentications',
    '/api/v1/nothings',
    '/api/v1/namespaces/shop/namespaces/x/y/z',
    '/x',
    '/api/v1/%zz',
  ])('%s is 404', async path => {
    expect(await ask(demo, path)).toMatchObject({ code: 404, body: { kind: 'Status', reason: 'NotFound' } })
  })
})

describe('lists', () => {
  const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map(({ metadata }) => metadata.name)

  test('pages follow each other without a gap, all from one revision', async () => {
    const whole = await ask(demo, '/api/v1/serviceaccounts')
    const pages: string[] = []
    let token = ''
    do {
      const { body } = await ask(demo, `/api/v1/serviceaccounts?limit=7&continue=${encodeURIComponent(token)}`)
      expect(body.metadata.resourceVersion).toBe(whole.body.metadata.resourceVersion)
      pages.push(...names(body))
      token = body.metadata.continue ?? ''
    } while (token)
    expect(pages).toEqual(names(whole.body))
  })

  test('a page shows the revision of the first one, whatever happens in between', async () => {
    const first = await ask(demo, '/api/v1/namespaces/shop/serviceaccounts?limit=2')
    demo.world.deleteAccount()
    const second = await ask(demo, `/api/v1/namespaces/shop/serviceaccounts?limit=99&continue=${first.body.metadata.continue}`)
    expect(names(second.body)).toContain('nightly-report')
    await demo.world.reset()
  })

  test('a continue token from before a compaction is 410, a made-up one 400', async () => {
    const first = await ask(demo, '/api/v1/pods?limit=2')
    demo.world.deleteAccount()
    demo.world.store.compact()
    const late = await ask(demo, `/api/v1/pods?limit=2&continue=${first.body.metadata.continue}`)
    expect(late).toMatchObject({ code: 410, body: { reason: 'Expired' } })
    expect((await ask(demo, '/api/v1/pods?continue=nonsense')).code).toBe(400)
    await demo.world.reset()
  })

  test.each([
    ['labelSelector=app%3Ddb', ['db-0']],
    ['labelSelector=app+in+(db,nothing)', ['db-0']],
    ['labelSelector=app%3Ddb,version', []],
    ['labelSelector=!version', ['db-0']],
    ['labelSelector=app+notin+(frontend,backend,checkout)', ['db-0']],
    ['fieldSelector=metadata.name%3Ddb-0', ['db-0']],
    ['fieldSelector=metadata.name%3Ddb-0,metadata.namespace!%3Dshop', []],
  ])('%s selects %j', async (query, expected) => {
    expect(names((await ask(demo, `/api/v1/namespaces/shop/pods?${query}`)).body)).toEqual(expected)
  })

  test('a selector that does not parse is 400', async () => {
    expect((await ask(demo, '/api/v1/pods?labelSelector=a%3D%3D%3Db%3Dc+d')).code).toBe(400)
  })

  test('metadata only, where the client asks for it', async () => {
    const headers = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }
    const { body } = await ask(demo, '/api/v1/namespaces/shop/pods', { headers })
    expect(body.kind).toBe('PartialObjectMetadataList')
    expect(Object.keys(body.items[0]).sort()).toEqual(['apiVersion', 'kind', 'metadata'])
  })

  test('an object by name, and one that is not there', async () => {
    expect((await ask(demo, '/api/v1/namespaces/shop')).body.metadata.name).toBe('shop')
    const missing = await ask(demo, '/api/v1/namespaces/shop/pods/nobody')
    expect(missing).toMatchObject({ code: 404, body: { message: 'pods "nobody" not found' } })
  })
})

describe('faults', () => {
  test.each([429, 500, 503] as const)('the next list answers %i, the one after is well', async code => {
    demo.faults.inject({ kind: 'status', code, retryAfterSeconds: 3 }, { resource: 'pods' })
    expect((await ask(demo, '/api/v1/services')).code).toBe(200)
    const answer = await ask(demo, '/api/v1/pods')
    expect([answer.code, answer.headers['retry-after']]).toEqual([code, '3'])
    expect((await ask(demo, '/api/v1/pods')).code).toBe(200)
  })

  test('a cut connection gives no answer', async () => {
    demo.faults.inject({ kind: 'cut' })
    await expect(ask(demo, '/api/v1/pods')).rejects.toThrow('socket hang up')
  })

  test('a silent server answers nothing until it is closed', async () => {
    const other = await startDemo()
    other.faults.inject({ kind: 'silent' })
    const answer = ask(other, '/api/v1/pods').catch((error: Error) => error.message)
    await expect.poll(() => other.requests.length).toBe(1)
    await other.close()
    expect(await answer).toBe('socket hang up')
  })

  test('a slow list comes late but whole', async () => {
    demo.faults.inject({ kind: 'slow', milliseconds: 50 })
    const before = performance.now()
    expect((await ask(demo, '/api/v1/pods')).code).toBe(200)
    expect(performance.now() - before).toBeGreaterThan(45)
  })
})

test.each(['viewer', 'narrow'] as const)('live commands are not for the token "%s"', async user => {
  const headers = { authorization: `Bearer ${demo.tokens[user]}` }
  expect((await ask(demo, '/demo/delete-account', { method: 'POST', headers })).code).toBe(401)
})

test.each(['constructor', '__proto__', 'nothing'])('the live command "%s" does not exist', async command => {
  const headers = { authorization: `Bearer ${demo.tokens.control}` }
  expect((await ask(demo, `/demo/${command}`, { method: 'POST', headers })).code).toBe(404)
})

test('what was asked is on record, with the user', async () => {
  await ask(demo, '/api/v1/namespaces/shop/pods/db-0', { context: 'demo-narrow' })
  expect(demo.requests.at(-1)).toEqual({ user: 'demo-narrow', verb: 'get', group: '', resource: 'pods', namespace: 'shop', name: 'db-0' })
})
