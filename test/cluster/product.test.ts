// The built language server against a real API server, a real port-forward and real Envoys: what a user of the extension gets from a cluster.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  type CertificateInspection,
  type CertificateTreeNode,
  GetCertificates,
  GetMeshNodes,
  InspectCertificate,
  type MeshRow,
  ReadCertificates,
} from '../../server/src/protocol.ts'
import { eventually } from '../support/eventually.ts'
import { LanguageServer } from '../support/languageServer.ts'
import { type Rig, startRig } from './rig.ts'
import type { User } from './users.ts'
import type { PodName } from './world.ts'

let rig: Rig
const running: LanguageServer[] = []

beforeAll(async () => {
  rig = await startRig()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.stop()))
})
afterAll(() => rig?.stop())

async function start(user: User): Promise<LanguageServer> {
  const server = await LanguageServer.start({ kubeconfig: rig.kubeconfig(user) })
  running.push(server)
  return server
}

async function connected(user: User): Promise<LanguageServer> {
  const server = await start(user)
  await server.reached('connected')
  return server
}

/** A policy of `checkout` that names one caller; the principal ends at line 9. */
const policy = (principal: string) => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: checkout-callers
  namespace: shop
spec:
  rules:
    - from:
        - source:
            principals: ["${principal}"]
`

/** Completes right behind `typed` in a list of principals. */
async function principalsBehind(server: LanguageServer, typed: string): Promise<readonly string[]> {
  const uri = server.open(policy(typed))
  const offered = await server.complete(uri, { line: 9, character: `            principals: ["${typed}`.length })
  return offered.map(({ label }) => label)
}

/** Children of a row of the judging cluster; its namespaces for none. */
async function nodes(server: LanguageServer, parent = 'cluster/'): Promise<readonly MeshRow[]> {
  const answer = await server.connection.sendRequest(GetMeshNodes, { parent })
  if (!answer.ok) expect.fail(answer.problem.message)
  return answer.value
}

async function inspect(server: LanguageServer, pod: PodName): Promise<CertificateInspection> {
  const answer = await server.connection.sendRequest(InspectCertificate, pod)
  if (!answer.ok) expect.fail(answer.problem.message)
  return answer.value
}

async function refusalOf(server: LanguageServer, pod: PodName) {
  const answer = await server.connection.sendRequest(InspectCertificate, pod)
  if (answer.ok) expect.fail(`The certificate of "${pod.name}" was read.`)
  return answer.problem
}

function statesBelow(row: CertificateTreeNode): readonly string[] {
  return row.kind === 'certificate' ? [`${row.workload} ${row.state}`] : row.rows.flatMap(statesBelow)
}

const serialOf = ({ report }: CertificateInspection) => report.entries.find(({ name }) => name === 'default')?.chain[0]?.serial

test('a viewer connects, and nothing is missing', async () => {
  const server = await start('viewer')
  expect(await server.reached('connected')).toMatchObject({ context: 'rig', server: rig.server, istio: true, gaps: [], insecure: false })
})

test.each(['viewer-certificate', 'viewer-exec'] as const)('the user "%s" connects', async user => {
  const server = await connected(user)
  expect(await principalsBehind(server, 'cluster.local/ns/shop/sa/')).toContain('cluster.local/ns/shop/sa/checkout')
})

test('an unknown token ends in words and a way out', async () => {
  const server = await start('stranger')
  const { problem } = await server.reached('failed')
  expect(problem).toMatchObject({ kind: 'unauthorized', context: 'rig' })
  expect(problem.remedy).not.toBe('')
})

test('principals are completed from the service accounts of the cluster', async () => {
  const server = await connected('viewer')
  const offered = await principalsBehind(server, '')
  expect(offered).toEqual(
    expect.arrayContaining([
      'cluster.local/ns/shop/sa/frontend',
      'cluster.local/ns/shop/sa/checkout',
      'cluster.local/ns/billing/sa/invoicer',
    ]),
  )
})

test('a principal without a service account is a warning that names the one that was meant', async () => {
  const server = await connected('viewer')
  const found = await server.diagnose(server.open(policy('cluster.local/ns/shop/sa/chekout')))
  expect(found).toMatchObject([
    { code: 'unknown-service-account', message: expect.stringContaining('No service account "chekout" in namespace "shop"') },
  ])
  expect(found[0]?.message).toContain('Did you mean "checkout"?')
})

test('a principal that exists is not remarked on', async () => {
  const server = await connected('viewer')
  expect(await server.diagnose(server.open(policy('cluster.local/ns/shop/sa/frontend')))).toEqual([])
})

test('the CRDs of the cluster decide which fields exist, and their rules hold', async () => {
  // No other test needs this kind: the API server starts its storage anew when the CRD changes.
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/requestauthentications.security.istio.io'
  const tokens = {
    apiVersion: 'security.istio.io/v1',
    kind: 'RequestAuthentication',
    metadata: { name: 'tokens', namespace: 'shop' },
    spec: { jwtRules: [{ issuer: 'https://idp.example.com', forwardOriginalToken: true, grade: 'high' }] },
  }
  const collection = '/apis/security.istio.io/v1/namespaces/shop/requestauthentications?dryRun=All&fieldValidation=Strict'
  const message = 'tokens are never forwarded here'
  const server = await connected('viewer')
  const uri = server.open(JSON.stringify(tokens))
  const found = async () => (await server.diagnose(uri)).map(({ code }) => code)
  expect(await found()).toContain('unknown-field')
  expect((await rig.api('POST', collection, tokens)).status).toBe(400)

  const { spec } = (await rig.api('GET', path)).body
  const changed = structuredClone(spec)
  for (const { schema } of changed.versions) {
    const { items } = schema.openAPIV3Schema.properties.spec.properties.jwtRules
    items.properties.grade = { type: 'string' }
    const rule = '!has(self.forwardOriginalToken) || !self.forwardOriginalToken'
    items['x-kubernetes-validations'] = [...(items['x-kubernetes-validations'] ?? []), { rule, message }]
  }
  expect((await rig.api('PATCH', path, { spec: changed })).status).toBe(200)
  await eventually('the rule of the CRD is told', found, codes => codes.includes('cluster-validation') && !codes.includes('unknown-field'))
  const refusal = async () => (await rig.api('POST', collection, tokens)).body.message
  await eventually('the API server says the same', refusal, said => said?.includes(message))
  await rig.api('PATCH', path, { spec })
  await eventually('the CRD is as it was', found, codes => codes.includes('unknown-field') && !codes.includes('cluster-validation'))
})

test('a new service account is known as soon as the cluster tells of it', async () => {
  const server = await connected('viewer')
  server.takeChangedKinds()
  const accounts = '/api/v1/namespaces/shop/serviceaccounts'
  await rig.api('POST', accounts, { metadata: { name: 'newcomer' } })
  const principal = 'cluster.local/ns/shop/sa/newcomer'
  const offered = () => principalsBehind(server, 'cluster.local/ns/shop/sa/')
  await eventually('the account is offered', offered, labels => labels.includes(principal))
  expect(server.takeChangedKinds()).toContain('ServiceAccount')
  await rig.api('DELETE', `${accounts}/newcomer`)
  await eventually('the account is gone', offered, labels => !labels.includes(principal))
})

test('the tree shows namespaces, workloads and pods as they are', async () => {
  const server = await connected('viewer')
  const namespaces = await nodes(server)
  const shop = namespaces.find(node => node.kind === 'namespace' && node.name === 'shop')
  expect(shop).toMatchObject({ mode: 'STRICT', dataplane: 'sidecar', workloads: 5 })
  const workloads = await nodes(server, shop?.id)
  expect(workloads.map(node => node.kind === 'workload' && `${node.name}: ${node.proxy}, ${node.mode}`).sort()).toEqual([
    'cart: sidecar, STRICT',
    'checkout: sidecar, STRICT',
    'frontend: sidecar, STRICT',
    'legacy: none, STRICT',
    'stock: sidecar, STRICT',
  ])
  const checkout = workloads.find(node => node.kind === 'workload' && node.name === 'checkout')
  expect(await nodes(server, checkout?.id)).toMatchObject([
    { kind: 'pod', name: rig.pods.checkout.name, phase: 'Running', proxy: 'sidecar', identity: 'cluster.local/ns/shop/sa/checkout' },
  ])
})

test('the certificate of a pod is read from its Envoy, and read anew after a rotation', async () => {
  const server = await connected('viewer')
  const first = await inspect(server, rig.pods.frontend)
  expect(first).toMatchObject({ proxy: 'sidecar', expectedIdentity: 'spiffe://cluster.local/ns/shop/sa/frontend' })
  expect(first.report.entries.map(({ name, role, chain }) => [name, role, chain.map(({ subject }) => subject)])).toEqual([
    ['default', 'workload', ['', 'CN=istio-ca,O=cluster.local']],
    ['ROOTCA', 'root', ['O=cluster.local']],
  ])
  expect(first.report.entries[0]?.chain[0]?.identity).toBe(first.expectedIdentity)
  expect(first.report.problems).toEqual([])
  expect(JSON.stringify(first)).not.toMatch(/PRIVATE KEY|redacted/)

  const serial = await rig.rotate('frontend')
  expect(serialOf(first)).not.toBe(serial)
  expect(serialOf(await inspect(server, rig.pods.frontend))).toBe(serial)
})

test('a pod whose proxy cannot be read says why', async () => {
  const server = await connected('viewer')
  expect(await refusalOf(server, rig.pods.legacy)).toMatchObject({ kind: 'no-proxy' })
  expect(await refusalOf(server, rig.pods.silent)).toMatchObject({ kind: 'proxy-silent' })
  expect(await refusalOf(server, rig.pods.stuck)).toMatchObject({ kind: 'timed-out' })
  expect(await refusalOf(server, { namespace: 'shop', name: 'gone' })).toMatchObject({ kind: 'not-found', name: 'gone' })
})

test('the certificates of the mesh come with the unreadable ones and their reason', async () => {
  const server = await connected('viewer')
  await server.connection.sendRequest(ReadCertificates, { grouping: 'expiry' })
  const answer = await server.connection.sendRequest(GetCertificates, { grouping: 'expiry' })
  if (!answer.ok) expect.fail(answer.problem.message)
  const states = answer.value.flatMap(({ rows }) => rows.flatMap(statesBelow))
  expect(states).toEqual(expect.arrayContaining([expect.stringMatching(/frontend valid/), expect.stringMatching(/cart unreadable/)]))
})

test.each([
  ['no-forward', 'get'],
  ['forward-get', 'create'],
] as const)('the user "%s" is told that the verb "%s" is missing', async (user, verb) => {
  const server = await connected(user)
  const problem = await refusalOf(server, rig.pods.frontend)
  expect(problem).toMatchObject({ kind: 'forbidden', verb, resource: 'pods/portforward', namespace: 'shop' })
  expect(problem.message).toContain('"shop"')
  expect(problem.message).toContain(verb)
})

test('what may not be listed is a gap, and nothing is concluded from it', async () => {
  const server = await start('narrow')
  const { gaps } = await server.reached('connected')
  expect(gaps).toContainEqual(expect.objectContaining({ resource: 'pods' }))
  expect(gaps.every(({ problem }) => problem.kind === 'forbidden' && problem.message.includes('pods'))).toBe(true)
  // Service accounts are still listed completely.
  expect(await server.diagnose(server.open(policy('cluster.local/ns/shop/sa/chekout')))).toHaveLength(1)
})

test('a restart of the API server is survived: what changed meanwhile arrives', async () => {
  const server = await connected('viewer')
  await rig.restartApiServer()
  await rig.api('POST', '/api/v1/namespaces/billing/serviceaccounts', { metadata: { name: 'auditor' } })
  await eventually(
    'the account is offered',
    () => principalsBehind(server, 'cluster.local/ns/billing/sa/'),
    labels => labels.includes('cluster.local/ns/billing/sa/auditor'),
    60,
  )
  await server.reached('connected')
  expect(serialOf(await inspect(server, rig.pods.checkout))).toMatch(/^[0-9a-f]+$/)
})
