// `istio-security connection` as a shell starts it: from saved dumps, from the demo's live proxies, and what stands in the way of an answer.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { isPod, type Pod } from '../../demo/mesh/workload.ts'
import type { Json, JsonObject } from '../../server/src/core/proxy/json.ts'
import { CheckConnection, GetPodPorts, GetPods } from '../../server/src/protocol.ts'
import { changed, dump } from '../server/core/proxy/dumps.ts'
import { LanguageServer } from '../support/languageServer.ts'
import { run } from './commandLine.ts'

const folder = mkdtempSync(join(tmpdir(), 'istio-security-connection-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, content: string) => writeFileSync(join(folder, name), content)
const asked = (...args: readonly string[]) => run(['connection', ...args], { cwd: folder })
const now = ['--now', '2026-11-21T09:00:00Z']
const saved = ['--from-dump', 'frontend.json', '--to-dump', 'checkout.json', ...now]

const anonymous = (document: JsonObject) =>
  changed(document, object => {
    if ('node' in object && 'admin' in object) delete object.node
  })
const ztunnel: Json = {
  workloads: ['frontend', 'checkout'].map((name, at) => ({
    namespace: 'bank',
    name: `${name}-1`,
    workloadIps: [`10.0.0.${at}`],
    protocol: 'HBONE',
    serviceAccount: name,
    trustDomain: 'cluster.local',
  })),
  policies: [],
  certificates: [],
}
const turnedOff = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: DISABLE } }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec: { containers: [{ name: app }, { name: istio-proxy }] }
status: { phase: Running }
`

beforeAll(() => {
  write('frontend.json', JSON.stringify(dump('intermediate-ca/frontend-sidecar')))
  write('checkout.json', JSON.stringify(dump('intermediate-ca/checkout-sidecar')))
  write('other.json', JSON.stringify(dump('self-signed-ca/checkout-sidecar')))
  write('anonymous.json', JSON.stringify(anonymous(dump('intermediate-ca/frontend-sidecar'))))
  write('ztunnel.json', JSON.stringify(ztunnel))
  write('empty.json', '')
  write('cut.json', JSON.stringify(dump('intermediate-ca/frontend-sidecar')).slice(0, 20_000))
  write('list.json', '[1, 2]')
  write('world.yaml', turnedOff)
})

describe('from saved dumps', () => {
  test('JSON has the steps in their order, and exit 0 where none fails', async () => {
    const { code, out, err } = await asked(...saved, '--to', 'shop/checkout-1:9080', '--format', 'json')
    const { version, verdict, failedStep, steps } = JSON.parse(out)
    expect({ code, err, version, verdict, failedStep }).toEqual({ code: 0, err: '', version: 1, verdict: 'ok', failedStep: null })
    expect(steps.map(({ id }: { id: string }) => id)).toEqual([
      'enrolment',
      'client-tls',
      'server-mode',
      'server-chain',
      'client-chain',
      'identity',
      'validity',
      'authorization',
    ])
  })

  test('exit 1 where a step fails, with the way out', async () => {
    const { code, out, err } = await asked(...saved.with(3, 'other.json'), '--to', 'shop/checkout-1:9080')
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).toMatch(/fails at step 4: the client trusts the server/)
    expect(out).toMatch(/What now: Give both ends a common root/)
  })

  test('a policy that the proxy has not received is told from one that is wrong', async () => {
    const { code, out } = await asked('world.yaml', '--closed-world', ...saved, '--to', 'shop/checkout-1:9080', '--format', 'json')
    // The client sends mTLS, which is refused as soon as the policy arrives.
    expect({ code, step: JSON.parse(out).failedStep }).toEqual({ code: 1, step: 'client-tls' })
    expect(out).toContain('Port 9080 is STRICT, but policy says DISABLE (PeerAuthentication shop/default)')
  })

  test('two pods of one ztunnel are named', async () => {
    const both = ['--from-dump', 'ztunnel.json', '--to-dump', 'ztunnel.json', ...now]
    const { code, out } = await asked(...both, '--from', 'bank/frontend-1', '--to', 'bank/checkout-1:8080', '--format', 'json')
    expect({ code, verdict: JSON.parse(out).verdict }).toEqual({ code: 0, verdict: 'unknown' })
    expect(await asked(...both, '--to', 'bank/checkout-1:8080')).toMatchObject({
      code: 2,
      err: 'istio-security: the dump does not say whose it is; name the pod with --from NAMESPACE/POD\n',
    })
  })

  test.each([80, 140])('the text holds in %i columns', async columns => {
    const { out } = await run(['connection', ...saved, '--to', 'shop/checkout-1:9080'], { cwd: folder, env: { COLUMNS: String(columns) } })
    expect(out.split('\n')[0]).toMatch(/^shop\/\S+ → shop\/\S+:9080 {2}works$/)
    expect(out.match(/^[1-8] /gm)).toHaveLength(8)
    expect(out).not.toContain('\u001b')
  })
})

test.each<readonly [string, readonly string[], RegExp]>([
  [
    'no file',
    ['--from-dump', 'gone.json', '--to-dump', 'checkout.json', '--to', 'shop/x:1'],
    /cannot read "gone\.json": there is no such file/,
  ],
  ['a folder', ['--from-dump', '.', '--to-dump', 'checkout.json', '--to', 'shop/x:1'], /cannot read "\."/],
  ['an empty file', ['--from-dump', 'empty.json', '--to-dump', 'checkout.json', '--to', 'shop/x:1'], /"empty\.json" is no \/config_dump/],
  [
    'a dump that is cut off',
    ['--from-dump', 'cut.json', '--to-dump', 'checkout.json', '--to', 'shop/x:1'],
    /"cut\.json" is no \/config_dump/,
  ],
  ['other JSON', ['--from-dump', 'list.json', '--to-dump', 'checkout.json', '--to', 'shop/x:1'], /"list\.json" is no \/config_dump/],
  ['no target', ['--from-dump', 'frontend.json', '--to-dump', 'checkout.json'], /--to NAMESPACE\/POD:PORT/],
  ['no port', [...saved, '--to', 'shop/checkout-1'], /--to NAMESPACE\/POD:PORT/],
  ['a port that is none', [...saved, '--to', 'shop/checkout-1:70000'], /--to NAMESPACE\/POD:PORT/],
  ['a pod without a namespace', [...saved, '--to', 'checkout-1:80'], /"checkout-1" is no pod; write NAMESPACE\/POD/],
  ['a time that is none', ['--from-dump', 'frontend.json', '--to-dump', 'checkout.json', '--to', 'shop/x:1', '--now', 'noon'], /noon/],
  ['a kubeconfig that is not there', ['--kubeconfig', 'gone', '--from', 'shop/a', '--to', 'shop/b:80'], /gone/],
])('%s: exit 2 with one line', async (_, args, says) => {
  const { code, out, err } = await asked(...args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/^istio-security: .*\n$/)
  expect(err).toMatch(says)
})

interface Live {
  readonly from: string
  readonly to: string
  readonly port: number
  readonly step: string | null
  readonly more?: readonly string[]
}

describe('from live proxies', () => {
  let demo: Demo
  beforeAll(async () => {
    demo = await startDemo()
    write('kubeconfig', demo.kubeconfig())
  })
  afterAll(() => demo.close())

  const podOf = (app: string): Pod => {
    const pod = demo.world.store
      .all()
      .filter(isPod)
      .find(({ metadata }) => `${metadata.namespace}/${metadata.labels?.app}` === app)
    if (!pod) throw new Error(`no pod of ${app}`)
    return pod
  }
  const named = (app: string) => `${podOf(app).metadata.namespace}/${podOf(app).metadata.name}`

  test.each<Live>([
    { from: 'shop/frontend', to: 'shop/checkout', port: 8080, step: null },
    { from: 'shop/frontend', to: 'shop/checkout', port: 8080, step: null, more: ['--namespace', 'shop'] },
    { from: 'shop/frontend', to: 'shop/db', port: 5432, step: 'authorization' },
    { from: 'shop/frontend', to: 'billing/invoicer', port: 8080, step: 'validity' },
    { from: 'shop/frontend', to: 'billing/ledger', port: 8080, step: 'enrolment' },
    { from: 'billing/legacy', to: 'shop/checkout', port: 8080, step: 'enrolment' },
    { from: 'istio-ingress/ingressgateway', to: 'shop/frontend', port: 8080, step: null },
    { from: 'bank/teller', to: 'bank/accounts', port: 8080, step: null },
    { from: 'bank/accounts', to: 'bank/vault', port: 9000, step: null },
    { from: 'bank/teller', to: 'bank/vault', port: 9000, step: 'authorization' },
    { from: 'shop/frontend', to: 'bank/vault', port: 9000, step: 'authorization' },
  ])('$from → $to:$port: $step', async ({ from, to, port, step, more = [] }) => {
    const args = ['--kubeconfig', 'kubeconfig', '--from', named(from), '--to', `${named(to)}:${port}`, '--format', 'json', ...more]
    const { code, out, err } = await asked(...args)
    expect(err).toBe('')
    expect({ code, failedStep: JSON.parse(out).failedStep, why: JSON.parse(out).steps }).toMatchObject({
      code: step === null ? 0 : 1,
      failedStep: step,
    })
  })

  test('a live end and a saved one', async () => {
    const { code, out } = await asked(
      '--kubeconfig',
      'kubeconfig',
      '--from-dump',
      'frontend.json',
      '--to',
      `${named('shop/checkout')}:8080`,
      '--format',
      'json',
    )
    // Of another mesh: its root is not trusted.
    expect({ code, step: JSON.parse(out).failedStep }).toMatchObject({ code: 1 })
  })

  test('a pod that is not there', async () => {
    const { code, err } = await asked('--kubeconfig', 'kubeconfig', '--from', 'shop/gone', '--to', `${named('shop/checkout')}:8080`)
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/^istio-security: there is no pod "gone" in "shop".*; workloads there: .*\n$/),
    })
  })

  test('the language server tells the ports of a pod, and the steps in words', async () => {
    const server = await LanguageServer.start({ kubeconfig: join(folder, 'kubeconfig') })
    onTestFinished(async () => {
      await server.stop()
    })
    await server.reached('connected')
    const ref = (app: string) => ({ namespace: podOf(app).metadata.namespace ?? '', name: podOf(app).metadata.name })
    const to = ref('shop/db')
    expect(await server.connection.sendRequest(GetPodPorts, to)).toEqual({ ok: true, value: [{ port: 5432, name: 'tcp-postgres' }] })
    const pods = (question: { readonly namespace?: string; readonly limit: number }) => server.connection.sendRequest(GetPods, question)
    expect(await pods({ namespace: 'shop', limit: 1 })).toMatchObject({
      ok: true,
      value: { kind: 'pods', pods: expect.arrayContaining([{ ...to, context: 'demo', workload: 'db' }]) },
    })
    expect(await pods({ limit: 1 })).toMatchObject({
      ok: true,
      value: { kind: 'namespaces', namespaces: expect.arrayContaining(['bank', 'shop']) },
    })
    const answer = await server.connection.sendRequest(CheckConnection, { from: ref('shop/frontend'), to, port: 5432 })
    expect(answer).toMatchObject({
      ok: true,
      value: {
        port: 5432,
        verdict: 'fails at step 8: policies let the caller in',
        report: { failedStep: 'authorization' },
        text: expect.stringContaining('8 ✗ failed'),
      },
    })
    const gone = await server.connection.sendRequest(CheckConnection, { from: { namespace: 'shop', name: 'gone' }, to, port: 5432 })
    expect(gone).toMatchObject({ ok: false, problem: { kind: 'not-found' } })
  })
})
