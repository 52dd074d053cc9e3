// `istio-security mesh` as a shell starts it: facts of files and of a cluster, as text and as JSON.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { run } from './commandLine.ts'

let demo: Demo
const folder = mkdtempSync(join(tmpdir(), 'istio-security-mesh-'))
const kubeconfig = join(folder, 'config')
beforeAll(async () => {
  demo = await startDemo()
  writeFileSync(kubeconfig, demo.kubeconfig())
})
afterAll(async () => {
  await demo.close()
  rmSync(folder, { recursive: true, force: true })
})

const json = async (...args: readonly string[]) => JSON.parse((await run(['mesh', '--format', 'json', ...args], { cwd: folder })).out)

test('the facts of a cluster', async () => {
  const facts = await json('--kubeconfig', kubeconfig)
  expect(facts).toMatchObject({
    version: 1,
    cluster: { context: 'demo', server: demo.server },
    istioVersion: '1.30',
    controlPlanes: [{ namespace: 'istio-system', revision: 'default', tags: ['default'], isDefault: true, settings: 'istio-system/istio' }],
    settings: { known: true, rootNamespace: 'istio-system', trustDomain: 'cluster.local', autoMtls: true },
    peers: [],
    notes: [],
  })
  const shop = facts.namespaces.find(({ name }: { name: string }) => name === 'shop')
  expect(shop).toEqual({ name: 'shop', enrolment: 'sidecar', workloads: 4, mode: 'STRICT', policy: 'shop/default' })
  expect(facts.reads.filter(({ read }: { read: string }) => read !== 'yes')).toEqual([])
}, 30_000)

test('what may not be read is named with what it costs', async () => {
  const { out, err, code } = await run(['mesh', '--kubeconfig', kubeconfig, '--context', 'demo-narrow'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain(
    'Your account may not list pods, so workloads and their proxies outside "shop" are unknown and nothing is concluded about them.',
  )
  expect(out).toMatch(/^pods +in part +workloads, their proxies, labels and ports$/m)
}, 30_000)

test('the facts of files', async () => {
  writeFileSync(join(folder, 'mesh.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio.io/rev: stable } }\n')
  const facts = await json('mesh.yaml', '--closed-world')
  expect(facts).toMatchObject({ version: 1, cluster: null, reads: [], controlPlanes: [], settings: { known: false } })
  expect(facts.notes).toEqual([])
  expect(facts.namespaces).toMatchObject([{ name: 'shop', enrolment: 'sidecar', asksFor: { name: 'stable', served: 'unknown' } }])
})

test('no cluster is one line and exit code 2', async () => {
  const { code, err, out } = await run(['mesh', '--kubeconfig', join(folder, 'nowhere')])
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(/^istio-security: No kubeconfig was found/)
})
