import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import { readDistributedRoots } from '../../../server/src/cluster/distributedRoots.ts'
import type { Reply, Transport } from '../../../server/src/cluster/transport.ts'
import { type Connected, connectWith } from './support/connected.ts'

const never = new AbortController().signal
const namespaces = ['shop', 'bank', 'nowhere']

let demo: Demo
let viewer: Connected
let narrow: Connected

beforeAll(async () => {
  demo = await startDemo()
  viewer = connectWith(demo.kubeconfig())
  narrow = connectWith(demo.kubeconfig(), { context: 'demo-narrow' })
  await Promise.all([viewer.connection.ready(), narrow.connection.ready()])
})

afterAll(async () => {
  viewer.dispose()
  narrow.dispose()
  await demo.close()
})

/** What a connection reads, and how many ConfigMaps were asked for. */
async function readBy({ connection }: Connected) {
  if (!connection.reached) throw new Error('The demo is not reached')
  const before = demo.requests.length
  const roots = await readDistributedRoots(connection.reached, namespaces, never)
  const asked = demo.requests
    .slice(before)
    .filter(({ resource, name, verb }) => resource === 'configmaps' && (name === 'istio-ca-root-cert' || verb === 'list'))
  return { roots: new Map(roots.map(({ namespace, roots }) => [namespace, roots.map(({ subject }) => subject)])), asked: asked.length }
}

const both = ['CN=Root CA,O=Istio', 'O=cluster.local']

test('one request reads the roots of every namespace', async () => {
  const { roots, asked } = await readBy(viewer)
  expect([roots.get('shop'), roots.get('billing'), asked]).toEqual([both, both, 1])
})

test('an account that may not list them reads those of the namespaces that are looked at', async () => {
  const { roots, asked } = await readBy(narrow)
  expect([[...roots.keys()].toSorted(), roots.get('shop'), asked]).toEqual([['bank', 'shop'], both, 4])
})

test.each<[string, Reply<unknown>]>([
  ['no list', { ok: true, value: 'signed out' }],
  [
    'a list of nonsense',
    { ok: true, value: { items: [null, 7, {}, { metadata: null }, { metadata: { name: 'istio-ca-root-cert', namespace: 3 } }] } },
  ],
  [
    'other ConfigMaps',
    { ok: true, value: { items: [{ metadata: { name: 'other', namespace: 'shop' }, data: { 'root-cert.pem': 'x' } }] } },
  ],
  [
    'no certificate',
    {
      ok: true,
      value: { items: [{ metadata: { name: 'istio-ca-root-cert', namespace: 'shop' }, data: { 'root-cert.pem': '-----BEGIN' } }] },
    },
  ],
  ['no answer', { ok: false, failure: { kind: 'network', detail: 'timed out' } }],
])('%s tells nothing', async (_, reply) => {
  const transport: Pick<Transport, 'get'> = { get: async () => reply }
  expect(await readDistributedRoots({ transport }, namespaces, never)).toEqual([])
})
