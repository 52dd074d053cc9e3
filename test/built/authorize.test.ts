// `istio-security authorize` as others script against it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { shop } from '../server/core/policytest/shop.ts'
import { run } from './commandLine.ts'

const cwd = mkdtempSync(join(tmpdir(), 'istio-security-authorize-'))
writeFileSync(join(cwd, 'mesh.yaml'), shop)
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const asking = (...args: readonly string[]) => run(['authorize', '--mesh', 'mesh.yaml', '--closed-world', ...args], { cwd })
const frontend = ['--from', 'shop/frontend', '--to', 'shop/checkout:8080']

describe('JSON', () => {
  test('has exactly the fields of the contract', async () => {
    const { code, out, err } = await asking(...frontend, '--method', 'GET', '--path', '/admin', '--format', 'json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const line = shop.split('\n').findIndex(each => each.includes('/admin'))
    expect(JSON.parse(out)).toEqual({
      version: 1,
      decision: 'deny',
      status: 403,
      enforcer: 'sidecar',
      layer: 'rbac',
      by: {
        action: 'DENY',
        policy: 'shop/no-admin',
        rule: 0,
        file: 'mesh.yaml',
        range: { start: { line, character: 6 }, end: { line: expect.any(Number), character: expect.any(Number) } },
      },
      reason: expect.stringContaining('/admin'),
      steps: expect.arrayContaining([
        { policy: 'shop/callers', rule: 1, action: 'ALLOW', matched: 'no', because: expect.any(String), dryRun: false },
      ]),
    })
  })

  test('says null where no rule decides and nothing answers', async () => {
    const { out } = await asking('--from', 'shop/checkout', '--to', 'shop/database:5432', '--tcp', '--format', 'json')
    expect(JSON.parse(out)).toMatchObject({ decision: 'allow', status: null, by: null })
  })
})

test.each<readonly [what: string, args: readonly string[], verdict: RegExp]>([
  ['a request', [...frontend, '--method', 'GET', '--path', '/'], /^Allowed \(200\) by shop\/callers rule 0 · mesh\.yaml:\d+\n/],
  ['the port of a workload with one', ['--from', 'shop/frontend', '--to', 'shop/checkout', '--method', 'GET', '--path', '/'], /^Allowed/],
  [
    'an identity',
    ['--principal', 'cluster.local/ns/shop/sa/x', '--to', 'shop/checkout', '--ip', '10.0.0.7', '--method', 'GET', '--path', '/'],
    /^Denied \(403\): /,
  ],
  [
    'plaintext from an address',
    ['--plaintext', '--ip', '192.0.2.9', '--to', 'shop/checkout', '--path', '/x'],
    /^Allowed \(200\) by shop\/callers rule 1/,
  ],
  ['TCP', ['--plaintext', '--to', 'shop/database:5432', '--tcp'], /^Allowed: /],
  ['TCP to a port that speaks HTTP', ['--plaintext', '--to', 'shop/checkout', '--tcp'], /^Denied \(400\): /],
  ['what is not known', ['--plaintext', '--to', 'shop/checkout', '--path', '/x'], /^Unknown: .*the source address/],
])('answers %s in its first line, and exits with 0', async (_, args, verdict) => {
  const { code, out } = await asking(...args)
  expect(out).toMatch(verdict)
  expect(code).toBe(0)
})

test('an open world admits that it does not know every policy, and says what to do', async () => {
  const { code, out } = await run(['authorize', 'mesh.yaml', ...frontend, '--method', 'GET', '--path', '/'], { cwd })
  expect(out).toMatch(/^Unknown: /)
  expect(out).toContain('add --closed-world')
  expect(code).toBe(0)
})

test('a port of the Service is told from that of the workload', async () => {
  const service =
    'apiVersion: v1\nkind: Service\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { app: checkout }, ports: [{ port: 80, targetPort: 8080 }] }\n'
  writeFileSync(join(cwd, 'service.yaml'), service)
  const to = (port: number) => asking('service.yaml', '--plaintext', '--to', `shop/checkout:${port}`, '--method', 'GET', '--path', '/')
  expect((await to(80)).out).toContain("Port 80 is the Service's, and leads to port 8080 of the workload")
  expect((await to(8080)).out).not.toContain("the Service's")
})

test('what cannot be read of the world is told apart from what is not there', async () => {
  writeFileSync(join(cwd, 'cut.json'), '{ "kind": "List", "items": [{ "apiVersion": "v1"')
  const { code, err } = await asking(...frontend, '--mesh', 'cut.json', '--method', 'GET', '--path', '/')
  const aside = '"cut.json" (line 1) is not sound YAML; what cannot be read is left out'
  expect({ code, err }).toEqual({ code: 0, err: `istio-security: ${aside}\n` })
  const failed = await run(['authorize', 'cut.json', '--to', 'shop/x', '--plaintext'], { cwd })
  expect(failed).toEqual({ code: 2, out: '', err: `istio-security: No workload "shop/x" is known here. (${aside})\n` })
})

describe('--request', () => {
  const question = {
    from: { workload: 'shop/frontend' },
    to: { workload: 'shop/checkout' },
    request: { method: 'GET', path: '/admin' },
    layer: 'rbac',
  }

  test.each([
    ['a case', JSON.stringify(question)],
    ['the only case of a test', JSON.stringify({ kind: 'AuthorizationTest', cases: [{ ...question, expect: 'deny' }] })],
    ['YAML', 'from: { workload: shop/frontend }\nto: { workload: shop/checkout }\nrequest:\n  method: GET\n  path: /admin\n'],
  ])('takes %s', async (_, text) => {
    const { code, out } = await run(['authorize', '--mesh', 'mesh.yaml', '--closed-world', '--request', '-'], { cwd, input: text })
    expect(out).toMatch(/^Denied \(403\) by shop\/no-admin rule 0/)
    expect(code).toBe(0)
  })

  test('says where a case is wrong', async () => {
    writeFileSync(join(cwd, 'case.yaml'), 'from: { plaintext: true }\nto:\n  workload: checkout\n')
    const { code, err } = await asking('--request', 'case.yaml')
    expect({ code, err }).toEqual({ code: 2, err: 'istio-security: case.yaml:3: "checkout" names no namespace. Write namespace/name.\n' })
  })
})

test.each<readonly [what: string, args: readonly string[], message: RegExp]>([
  ['nobody who is called', ['--plaintext'], /--to/],
  ['nobody who calls', ['--to', 'shop/checkout'], /--from, --principal and --plaintext/],
  ['two who call', ['--to', 'shop/checkout', '--plaintext', '--from', 'shop/frontend'], /one of --from/],
  [
    'a workload that is not there',
    ['--to', 'shop/chekout', '--plaintext'],
    /There is no workload "shop\/chekout"\. Did you mean "shop\/checkout"\?/,
  ],
  ['a name with escape codes', ['--to', 'shop/\u001b[31mx', '--plaintext'], /"shop\/\\u\{1b\}\[31mx"/],
  ['a name without namespace', ['--to', 'checkout', '--plaintext'], /Write namespace\/name/],
  ['one of several ports', ['--to', 'shop/db', '--plaintext'], /Name the port/],
  ['an address that is none', ['--to', 'shop/checkout', '--plaintext', '--ip', '10.0.0'], /"10\.0\.0" is no IP address/],
  ['a header without a value', ['--to', 'shop/checkout', '--plaintext', '--header', 'x-a'], /name=value/],
  ['TCP with a method', ['--to', 'shop/checkout', '--plaintext', '--tcp', '--method', 'GET'], /TCP/],
  ['a request beside options', ['--request', 'case.yaml', '--method', 'GET'], /--request/],
  ['a file that is not there', ['--request', 'nothing.yaml'], /cannot read "nothing\.yaml"/],
])('cannot run with %s', async (_, args, message) => {
  const { code, out, err } = await asking(...args)
  expect(err).toMatch(/^istio-security: [^\n]+\n$/)
  expect(err).toMatch(message)
  expect({ code, out }).toEqual({ code: 2, out: '' })
})
