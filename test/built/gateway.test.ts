// `istio-security gateway` as a shell starts it: against the demo's API server, and from what was saved of a proxy.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { dump } from '../server/core/proxy/dumps.ts'
import { run } from './commandLine.ts'

const folder = mkdtempSync(join(tmpdir(), 'istio-security-gateway-'))
const file = (name: string) => join(folder, name)
const now = '2026-11-21T09:00:00Z'
let demo: Demo
let pods: ReadonlyMap<string, string>

beforeAll(async () => {
  demo = await startDemo()
  writeFileSync(file('kubeconfig'), demo.kubeconfig())
  writeFileSync(file('dump.json'), JSON.stringify(dump('intermediate-ca/ingress-gateway')))
  writeFileSync(file('clusters.json'), JSON.stringify(dump('intermediate-ca/ingress-gateway/clusters')))
  writeFileSync(file('proxy.log'), '2026-11-21T08:00:00Z\tinfo\tsds\tSDS: PUSH resource=default\n')
  writeFileSync(file('ztunnel.json'), JSON.stringify({ workloads: [], certificates: [], policies: [], config: {} }))
  writeFileSync(file('mesh.yaml'), mesh)
  const listed = await run(['snapshot', '--kubeconfig', file('kubeconfig')])
  pods = new Map([...listed.out.matchAll(/name: ((\w+)-[a-z0-9]{10}-[a-z0-9]{5})$/gm)].map(([, pod = '', app = '']) => [app, pod]))
}, 60_000)

const mesh = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web, namespace: istio-system }
spec:
  servers: [{ port: { number: 8443, name: https, protocol: HTTPS }, tls: { mode: SIMPLE, credentialName: shop-tls }, hosts: [new.example.com] }]
`

afterAll(async () => {
  await demo.close()
  rmSync(folder, { recursive: true, force: true })
})

const gateway = (...args: readonly string[]) => run(['gateway', ...args])
const live = (app: string, namespace: string, ...args: readonly string[]) =>
  gateway(`${namespace}/${pods.get(app)}`, '--kubeconfig', file('kubeconfig'), ...args)

describe('the live proxy', () => {
  test('problems first, then every part, then commands to copy', async () => {
    const { code, out, err } = await live('ingressgateway', 'istio-ingress')
    expect([code, err]).toEqual([0, ''])
    expect(out.match(/^\S.*$/gm)).toEqual([
      `Gateway istio-ingress/${pods.get('ingressgateway')} · Istio 1.30.2`,
      'Needs attention',
      'Not in force (meant → sent → enforced)',
      'Certificates',
      'Servers',
      'Servers that are meant',
      expect.stringMatching(/^Backends \(\d+ clusters that no route leads to not shown\)$/),
      'Routes',
      'Listeners',
      'Log',
      'Go deeper (commands to copy)',
    ])
    expect(out).toMatch(
      /0\.0\.0\.0:8443 +MUTUAL +admin\.example\.com +kubernetes:\/\/admin-tls +clients verified by kubernetes:\/\/admin-tls-cacert/,
    )
    expect(out).toContain('CERTIFICATE_VERIFY_FAILED')
  })

  test('as JSON', async () => {
    const { code, out } = await live('ingressgateway', 'istio-ingress', '--format', 'json')
    const report = JSON.parse(out)
    expect([code, report.version, report.problems[0].id]).toEqual([0, 1, 'secret-waiting'])
    expect(Object.keys(report)).toEqual([
      'version',
      'gateway',
      'problems',
      'pending',
      'secrets',
      'servers',
      'backends',
      'routes',
      'listeners',
      'meant',
      'log',
      'notes',
    ])
    expect(out).not.toMatch(/PRIVATE KEY|"pem"/)
  })

  test('a sidecar is told as one', async () => {
    const { code, out } = await live('frontend', 'shop')
    expect([code, out.split('\n')[0]]).toEqual([0, `Sidecar of shop/${pods.get('frontend')} · Istio 1.30.2`])
    expect(out).toContain('This proxy is a sidecar, no gateway')
  })

  test('who may not reach proxies is told which permission is missing', async () => {
    const { code, out, err } = await live('ingressgateway', 'istio-ingress', '--context', 'demo-narrow')
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^istio-security: Your account may not get pods\/portforward in "istio-ingress".*\n$/)
  })

  test.each([
    ['bank/teller', 'teller', /has no Envoy of its own/],
    ['billing/legacy', 'legacy', /has no proxy/],
  ])('%s has no Envoy', async (name, app, words) => {
    const { code, err } = await live(app, name.split('/')[0] ?? '')
    expect([code, err.split('\n').length]).toEqual([2, 2])
    expect(err).toMatch(words)
  })
})

describe('what was saved', () => {
  test('a dump with statuses, a log and what is meant', async () => {
    const given = [
      '--clusters',
      file('clusters.json'),
      '--log',
      file('proxy.log'),
      '--mesh',
      file('mesh.yaml'),
      '--closed-world',
      '--now',
      now,
    ]
    const { code, out, err } = await gateway('--dump', file('dump.json'), ...given)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('SDS: PUSH resource=default')
    expect(out).toMatch(/missing +Gateway istio-system\/web +8443 +SIMPLE +new\.example\.com/)
    expect(out).toMatch(/endpoint +127\.1\.0\.11:9080 +HEALTHY +mTLS/)
  })

  test.each([
    ['nothing', [], /^istio-security: name the pod of a gateway, as NAMESPACE\/POD, or its saved \/config_dump/],
    ['a pod without namespace', ['ingress-1'], /"ingress-1" is no pod/],
    ['a file that is not there', ['--dump', 'none.json'], /cannot read "none\.json": there is no such file/],
    ['a dump of ztunnel', ['--dump', file('ztunnel.json')], /is a dump of ztunnel/],
    ['something else', ['--dump', file('mesh.yaml')], /is no \/config_dump of Envoy/],
    ['other statuses', ['--dump', file('dump.json'), '--clusters', file('dump.json')], /is no \/clusters\?format=json/],
    ['a log alone', ['--log', file('proxy.log')], /add --dump FILE/],
    ['no time', ['--dump', file('dump.json'), '--now', 'noon'], /is not an RFC 3339 time/],
  ])('%s could not run', async (_, args, words) => {
    const { code, out, err } = await gateway(...args)
    expect([code, out, err.split('\n').length]).toEqual([2, '', 2])
    expect(err).toMatch(words)
  })
})
