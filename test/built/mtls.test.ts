// `istio-security mtls` as a shell starts it: the JSON that scripts rely on, the table for people, exit codes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { run } from './commandLine.ts'

const folder = mkdtempSync(join(tmpdir(), 'istio-security-mtls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const pod = (name: string, proxy: boolean) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}-1, namespace: shop, labels: { app: ${name}${proxy ? ', security.istio.io/tlsMode: istio' : ''} }, ownerReferences: [{ kind: StatefulSet, name: ${name}, controller: true }] }
spec: { serviceAccountName: ${name}, containers: [{ name: app, ports: [{ containerPort: 8080 }] }${proxy ? ', { name: istio-proxy }' : ''}] }
status: { phase: Running }
---
`
const world = `${pod('checkout', true)}${pod('frontend', true)}${pod('legacy', false)}apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls:
    mode: STRICT
`
writeFileSync(join(folder, 'world.yaml'), world)

const asked = (...args: readonly string[]) => run(['mtls', 'world.yaml', '--closed-world', ...args], { cwd: folder })
const json = async (...args: readonly string[]) => JSON.parse((await asked('--format', 'json', ...args)).out)

test('JSON has the rows of servers and paths', async () => {
  const report = await json()
  expect(Object.keys(report)).toEqual(['version', 'servers', 'paths'])
  expect(report.version).toBe(1)
  const strict = { mode: 'STRICT', policy: 'shop/default' }
  expect(report.servers).toEqual([
    ...[80, 8080, 0].map(port => ({ workload: 'shop/checkout-1', port, ...strict, plaintext: 'refused', enforcer: 'sidecar' })),
    ...[8080, 0].map(port => ({ workload: 'shop/frontend-1', port, ...strict, plaintext: 'refused', enforcer: 'sidecar' })),
    ...[8080, 0].map(port => ({ workload: 'shop/legacy-1', port, ...strict, plaintext: 'accepted', enforcer: 'none' })),
  ])
  const host = 'checkout.shop.svc.cluster.local'
  const common = { host, port: 80, subset: null, destinationRule: null, server: { workload: 'shop/checkout-1', port: 8080, ...strict } }
  const mtls = {
    ...common,
    auto: true,
    tls: 'ISTIO_MUTUAL',
    sni: `outbound_.80_._.${host}`,
    sans: ['spiffe://cluster.local/ns/shop/sa/checkout'],
    wire: 'mtls',
    status: 'ok',
    reason: expect.stringContaining('Auto mTLS sends mTLS'),
  }
  const refused = { ...common, auto: false, tls: 'DISABLE', sni: null, sans: [], wire: 'refused', status: 'conflict' }
  expect(report.paths).toEqual([
    { from: 'shop/checkout-1', ...mtls },
    { from: 'shop/frontend-1', ...mtls },
    { from: 'shop/legacy-1', ...refused, reason: expect.stringContaining('"shop/legacy-1" has no proxy and sends plaintext') },
  ])
})

test('--from and --to choose', async () => {
  expect((await json('--from', 'shop/legacy')).paths).toMatchObject([{ from: 'shop/legacy-1', status: 'conflict' }])
  const { servers, paths } = await json('--from', 'shop/frontend-1', '--to', 'shop/checkout:8080')
  expect(servers).toMatchObject([{ workload: 'shop/checkout-1', port: 8080 }])
  expect(paths).toMatchObject([{ from: 'shop/frontend-1', server: { workload: 'shop/checkout-1' } }])
  expect((await json('--to', 'checkout.shop:80')).paths).toHaveLength(3)
  expect((await json('--to', 'shop/legacy')).paths).toEqual([])
})

test('text is a table, with the file and line of the mode, and ends well whatever it says', async () => {
  const { code, out, err } = await asked()
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const lines = out.split('\n')
  expect(lines[0]).toMatch(/^SERVER +PORTS +MODE +PLAINTEXT +DECIDED BY$/)
  expect(lines[1]).toMatch(/^shop\/checkout +80, 8080, others +STRICT +refused +shop\/default · world\.yaml:29$/)
  expect(lines[5]).toBe('PATHS: 1 conflict, 1 ok')
  expect(lines[6]).toBe('conflict  refused    shop/legacy → checkout.shop.svc.cluster.local:80 → shop/checkout:8080')
  expect(out).not.toContain('--closed-world')
})

test('without --closed-world it says what is missing, and how to say that nothing is', async () => {
  const { out } = await run(['mtls', 'world.yaml', '--to', 'shop/checkout'], { cwd: folder })
  expect(out).toMatch(/^PATHS: \d unknown$/m)
  expect(out).toMatch(/\nIf these files are everything there is, add --closed-world\.\n$/)
})

test.each([
  [['--to', 'shop/chekout'], 'there is no workload "shop/chekout" here; did you mean "shop/checkout"?'],
  [['--from', 'shop/frontent'], 'there is no workload "shop/frontent" here; did you mean "shop/frontend"?'],
  [['--to', 'chekout:80'], 'there is no host "chekout:80" here; did you mean "checkout.shop.svc.cluster.local:80"?'],
  [['--to', 'no.such.host'], 'there is no host "no.such.host" here'],
])('%s ends with 2 and one line', async (args, line) => {
  expect(await asked(...args)).toEqual({ code: 2, out: '', err: `istio-security: ${line}\n` })
})
