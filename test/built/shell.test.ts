// The command line as a person in a shell meets it: clusters that nobody named, slips of the fingers, snapshots, servers that are not trusted.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { nodesOnPath, repository, run } from './commandLine.ts'

let demo: Demo
const folder = mkdtempSync(join(tmpdir(), 'istio-security-shell-'))
const kubeconfig = join(folder, 'config')
const snapshot = join(folder, 'snapshot.yaml')
const policy = join(folder, 'drifted.yaml')

beforeAll(async () => {
  demo = await startDemo()
  writeFileSync(kubeconfig, demo.kubeconfig())
  writeFileSync(
    policy,
    'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec: { mtls: { mode: PERMISSIVE } }\n',
  )
  await run(['snapshot', '--kubeconfig', kubeconfig, '--out', snapshot])
}, 60_000)
afterAll(async () => {
  await demo.close()
  rmSync(folder, { recursive: true, force: true })
})

const withDefault = (args: readonly string[], node?: string) =>
  run(args, { cwd: folder, env: { KUBECONFIG: kubeconfig }, ...(node === undefined ? {} : { node }) })
const withoutAny = (args: readonly string[]) => run(args, { cwd: folder, env: { KUBECONFIG: join(folder, 'nowhere') } })
const named = (args: readonly string[], context = 'demo') =>
  run([...args, '--kubeconfig', kubeconfig, '--context', context], { cwd: folder })

const version = (node: string) => Number(spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).stdout)
const old = nodesOnPath().find(node => version(node) >= 20 && version(node) < 22)

describe.runIf(old)('an old Node hands over whatever reads the default cluster', () => {
  test.each([
    [['snapshot', '--out', 'handed.yaml'], 0],
    [['certificate', '--all', '--namespace', 'shop'], 0],
    [['certificate', '--pod', 'shop/db'], 0],
    [['connection', '--from', 'shop/frontend', '--to', 'shop/checkout:8080'], 0],
    [['gateway', 'istio-ingress/ingressgateway'], 0],
    [['check', '--drift', 'drifted.yaml'], 0],
    [['check', '--cluster-objects'], 0],
  ])(
    '%j',
    async (args, code) => {
      const ran = await withDefault(args, old)
      expect(ran.err).not.toContain('too old')
      expect(ran.code).toBe(code)
    },
    40_000,
  )
})

test('the default cluster is used where one is needed and none is named', async () => {
  const { code, out } = await withDefault(['check', '--drift', 'drifted.yaml'])
  expect(code).toBe(0)
  expect(out).toContain('The cluster "demo" has something else at spec.mtls.mode.')
})

test('"mesh" says what it read', async () => {
  expect((await named(['mesh'])).out).toMatch(/^Cluster "demo"\n/)
  mkdirSync(join(folder, 'empty'), { recursive: true })
  expect((await run(['mesh', 'empty', '--mesh', 'drifted.yaml'], { cwd: folder })).out).toMatch(/^Files of empty and drifted\.yaml\n/)
})

describe('a snapshot stands for the cluster', () => {
  test('drift and the findings of its own objects', async () => {
    const drift = await withoutAny(['check', '--drift', 'drifted.yaml', '--mesh', snapshot])
    expect(drift).toMatchObject({ code: 0, err: '' })
    expect(drift.out).toMatch(/The snapshot of \S+ has something else at spec\.mtls\.mode\./)
    const rules = (text: string) =>
      JSON.parse(text).findings.map(
        ({ rule, object }: { rule: string; object: { namespace: string; name: string } }) => `${rule} ${object.namespace}/${object.name}`,
      )
    const own = await withoutAny(['check', '--cluster-objects', '--mesh', snapshot, '--format', 'json'])
    const live = await named(['check', '--cluster-objects', '--format', 'json'])
    expect(rules(own.out).toSorted()).toEqual(rules(live.out).toSorted())
    expect(rules(own.out).length).toBeGreaterThan(0)
  })

  test('what it lacks is told', async () => {
    await named(['snapshot', '--out', 'narrow.yaml'], 'demo-narrow')
    expect((await withoutAny(['mesh', '--mesh', 'narrow.yaml'])).out).toMatch(/^NOT READ COMPLETELY .*\npods +in part /m)
  })

  test.each([
    ['mtls'],
    ['access', '--from', 'shop/frontend'],
    ['authorize', '--from', 'shop/frontend', '--to', 'shop/checkout:8080', '--method', 'POST'],
  ])('%s: nobody is told to declare it everything', async (...args) => {
    const { code, out } = await withoutAny([...args, '--mesh', snapshot, '--namespace', 'shop'])
    expect(code).toBe(0)
    expect(out).not.toContain('--closed-world')
  })

  test('there is no live proxy in it', async () => {
    const { code, err } = await withoutAny(['connection', '--mesh', snapshot, '--from', 'shop/frontend', '--to', 'shop/checkout:8080'])
    expect({ code, err }).toEqual({
      code: 2,
      err: 'istio-security: give --from-dump FILE and --to-dump FILE, or a cluster with --kubeconfig or --context\n',
    })
  })
})

test.each([
  [
    'another CA',
    (text: string) => text.replace(/(certificate-authority-data: )\S+/, `$1${btoa(rootCertificates[0] ?? '')}`),
    /not signed by the CA of the kubeconfig\. Compare certificate-authority-data/,
  ],
  [
    'another name',
    (text: string) => text.replace('certificate-authority-data', 'tls-server-name: other.example\n      certificate-authority-data'),
    /is for other names than the address in the kubeconfig .*"tls-server-name"/,
  ],
])('a server with %s did answer', async (_, change, said) => {
  const file = join(folder, 'distrusting')
  writeFileSync(file, change(demo.kubeconfig()))
  const { code, err } = await run(['mesh', '--kubeconfig', file])
  expect(code).toBe(2)
  expect(err).toMatch(said)
  expect(err).not.toMatch(/does not answer|VPN/)
})

describe('a workload for one of its pods', () => {
  test.each([
    [['certificate', '--pod', 'shop/checkout'], 0, 'shop/checkout'],
    [['connection', '--from', 'shop/frontend', '--to', 'shop/db:5432'], undefined, 'shop/frontend'],
  ])('%j', async (args, code, workload) => {
    const ran = await named(args)
    expect([0, 1]).toContain(ran.code)
    if (code !== undefined) expect(ran.code).toBe(code)
    const name = workload.replace('shop/', '')
    expect(ran.err).toMatch(new RegExp(`^istio-security: of 2 pods of "${workload}": ${name}-\\S+; the other: ${name}-\\S+\\n$`))
  })

  test.each([
    [
      ['certificate', '--pod', 'shop/chekout'],
      'there is no pod "chekout" in "shop", and no workload with pods that is called so; did you mean "checkout"?',
    ],
    [
      ['gateway', 'istio-ingress/ingresgateway'],
      'there is no pod "ingresgateway" in "istio-ingress", and no workload with pods that is called so; did you mean "ingressgateway"?',
    ],
    [['certificate', '--pod', 'shpo/checkout'], 'there is no namespace "shpo"; did you mean "shop"?'],
  ])('%j', async (args, said) => {
    expect(await named(args)).toEqual({ code: 2, out: '', err: `istio-security: ${said}\n` })
  })
})

test.each([['mesh'], ['snapshot'], ['certificate', '--all']])('%s %s: a namespace that is not there', async (...args) => {
  const { code, out, err } = await named([...args, '--namespace', 'shpo'])
  expect({ code, out, err }).toEqual({ code: 2, out: '', err: 'istio-security: there is no namespace "shpo"; did you mean "shop"?\n' })
})

test('a kubeconfig that is not there, in the words of a shell', async () => {
  const { code, err } = await run(['snapshot', '--kubeconfig', '/nonexist'])
  expect({ code, err }).toEqual({
    code: 2,
    err: 'istio-security: No kubeconfig was found at "/nonexist", so no cluster is known. There is no such file: name another with --kubeconfig.\n',
  })
})

test('a file without objects', async () => {
  writeFileSync(join(folder, 'cert.pem'), demo.ca)
  const { code, err } = await run(['mesh', '--mesh', 'cert.pem'], { cwd: folder })
  expect({ code, err }).toEqual({ code: 2, err: 'istio-security: "cert.pem" holds no Kubernetes object\n' })
})

test('who may read one namespace only is told each thing once, and of what', async () => {
  const { out, err } = await named(['certificate', '--all'], 'demo-narrow')
  expect(err).toContain('workloads and their proxies outside "shop" are unknown')
  expect(out.match(/may not get pods\/portforward/g)).toHaveLength(1)
  const { out: mesh } = await named(['mesh', '--namespace', 'shop'])
  expect(mesh).toContain('As asked for, only shop was looked at.')
  expect(mesh).not.toContain('NOT READ COMPLETELY')
})

test('the demo tells how it is used', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(repository, 'dist', 'demo.cjs'), '--help'], { encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: expect.stringMatching(/^Usage: demo <command>\n/), stderr: '' })
})
