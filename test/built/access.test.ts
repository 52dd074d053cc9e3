// `istio-security access` as others script against it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { shop } from '../server/core/policytest/shop.ts'
import { run } from './commandLine.ts'

const cwd = mkdtempSync(join(tmpdir(), 'istio-security-access-'))
writeFileSync(join(cwd, 'mesh.yaml'), shop)
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const asking = (...args: readonly string[]) => run(['access', '--mesh', 'mesh.yaml', '--closed-world', ...args], { cwd })
const line = (text: string) => shop.split('\n').findIndex(each => each.includes(text))

describe('JSON', () => {
  test('--to has the fields of the contract, and where each rule is written', async () => {
    const { code, out, err } = await asking('--to', 'shop/checkout:8080', '--format', 'json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const report = JSON.parse(out)
    expect(report).toMatchObject({ version: 1, to: { workload: 'shop/checkout', port: 8080 }, plaintext: { decision: 'conditional' } })
    expect(report.callers.map((each: { principal: string }) => each.principal)).toEqual([
      'cluster.local/ns/shop/sa/checkout',
      'cluster.local/ns/shop/sa/db',
      'cluster.local/ns/shop/sa/frontend',
      'cluster.local/ns/shop/sa/other',
      'cluster.local/ns/shop/sa/vm',
    ])
    expect(report.callers[2]).toMatchObject({
      workloads: ['shop/frontend'],
      decision: 'conditional',
      when: ['method GET, or address in 192.0.2.0/24', 'unless path /admin*'],
    })
    expect(report.callers[2].by[0]).toEqual({
      policy: 'shop/callers',
      rule: 0,
      kind: 'AuthorizationPolicy',
      action: 'ALLOW',
      file: 'mesh.yaml',
      range: { start: { line: line('sa/frontend'), character: 6 }, end: { line: expect.any(Number), character: expect.any(Number) } },
    })
  })

  test('--from lists every workload', async () => {
    const { code, out } = await asking('--from', 'shop/frontend', '--format', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      from: { workload: 'shop/frontend', principal: 'cluster.local/ns/shop/sa/frontend' },
      targets: expect.arrayContaining([
        expect.objectContaining({ workload: 'shop/checkout', enforcer: 'sidecar', decision: 'conditional' }),
      ]),
    })
  })
})

test.each<readonly [what: string, args: readonly string[], said: RegExp]>([
  ['who can call a port', ['--to', 'shop/checkout:8080'], /^Who can call shop\/checkout on port 8080 · sidecar\n\nAllowed when\n/],
  ['the rule with its file and line', ['--to', 'shop/checkout'], /method GET +shop\/callers rule 0 · mesh\.yaml:\d+\n/],
  ['what a workload can call', ['--from', 'shop/frontend'], /^What shop\/frontend can call, as cluster\.local\/ns\/shop\/sa\/frontend\n/],
])('says %s', async (_, args, said) => {
  const { code, out } = await asking(...args)
  expect(out).toMatch(said)
  expect(code).toBe(0)
})

test('an open world admits that it does not know every policy, and says what to do', async () => {
  const { code, out } = await run(['access', 'mesh.yaml', '--to', 'shop/checkout'], { cwd })
  expect(out).toContain('the AuthorizationPolicies of namespace shop')
  expect(out).toContain('add --closed-world')
  expect(code).toBe(0)
})

test.each<readonly [what: string, args: readonly string[], complaint: RegExp]>([
  ['nobody', [], /name one workload/],
  ['both', ['--to', 'shop/checkout', '--from', 'shop/frontend'], /name one workload/],
  ['a name without namespace', ['--to', 'checkout'], /names no namespace/],
  ['a name that nothing has', ['--to', 'shop/chekout'], /Did you mean "shop\/checkout"\?/],
  ['a port that is none', ['--to', 'shop/checkout:99999'], /no port/],
])('refuses %s in one line', async (_, args, complaint) => {
  const { code, out, err } = await asking(...args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/^istio-security: .*\n$/)
  expect(err).toMatch(complaint)
})
