// `istio-security test` as others script against it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { shop } from '../server/core/policytest/shop.ts'
import { repository, run } from './commandLine.ts'

const cwd = mkdtempSync(join(tmpdir(), 'istio-security-test-'))
let demo: Demo

beforeAll(async () => {
  demo = await startDemo()
  write('kubeconfig', demo.kubeconfig())
})
afterAll(async () => {
  await demo?.close()
  rmSync(cwd, { recursive: true, force: true })
})

function write(name: string, text: string): void {
  mkdirSync(join(cwd, name, '..'), { recursive: true })
  writeFileSync(join(cwd, name), text)
}

const reads = `
  - name: frontend reads
    from: { workload: shop/frontend }
    to: { workload: shop/checkout, port: 8080 }
    request: { method: GET, path: /cart }
    expect: allow
    by: { policy: shop/callers, rule: 0 }
    layer: rbac
`
const admin = `
  - name: frontend <administers>
    from: { workload: shop/frontend }
    to: { workload: shop/checkout, port: 8080 }
    request: { method: GET, path: /admin }
    expect: allow
`
const skipped = `
  - name: later
    skip: waits for the gateway
`
write('objects/mesh.yaml', shop)
write('tests/good.istio-test.yaml', `kind: AuthorizationTest\nmesh: [../objects]\ncases:${reads}`)
write('tests/bad.istio-test.yaml', `kind: AuthorizationTest\nmesh: [../objects/mesh.yaml]\ncases:${admin}${skipped}`)
write('here/mesh.yaml', shop)
write(
  'here/good.istio-test.json',
  JSON.stringify({
    kind: 'AuthorizationTest',
    cases: [{ from: { plaintext: true }, to: { workload: 'shop/db', port: 5432 }, expect: 'allow', by: 'none' }],
  }),
)
write('broken/typo.istio-test.yaml', `kind: AuthorizationTest\nmesh: [../objects]\ncases:${reads.replace('expect', 'expct')}`)
write('broken/yaml.istio-test.yaml', 'kind: AuthorizationTest\ncases: [\n')
write('broken/kind.istio-test.yaml', 'cases: []\n')
write('lost/mesh.istio-test.yaml', `kind: AuthorizationTest\nmesh: [nowhere.yaml]\ncases:${reads}`)
write('empty/mesh.yaml', shop)

const testing = (...args: readonly string[]) => run(['test', ...args], { cwd })

describe('exits', () => {
  test.each<readonly [what: string, args: readonly string[], code: number]>([
    ['0 where all pass', ['tests/good.istio-test.yaml'], 0],
    ['1 where one fails', ['tests'], 1],
    ['0 with the folder as the world', ['here'], 0],
    ['0 with a mesh of the options', ['here/good.istio-test.json', '--mesh', 'objects'], 0],
    ['1 where a case cannot be read', ['broken/typo.istio-test.yaml'], 1],
    ['1 where a file is no YAML', ['broken/yaml.istio-test.yaml'], 1],
    ['1 where a test file holds no test', ['broken/kind.istio-test.yaml'], 1],
    ['2 where there is no test', ['empty'], 2],
    ['2 where a mesh cannot be read', ['lost'], 2],
    ['2 where a path cannot be read', ['nowhere'], 2],
  ])('%s', async (_, args, expected) => {
    const { code, err } = await testing(...args)
    expect(code).toBe(expected)
    expect(err).toMatch(expected === 2 ? /^istio-security: [^\n]+\n$/ : /^$/)
  })
})

test('JSON has exactly the fields of the contract', async () => {
  const { out } = await testing('tests', '--format', 'json')
  const line = shop.split('\n').findIndex(each => each.includes('sa/frontend]'))
  expect(JSON.parse(out)).toEqual({
    version: 1,
    summary: { passed: 1, failed: 1, skipped: 1 },
    cases: [
      {
        file: 'tests/bad.istio-test.yaml',
        name: 'frontend <administers>',
        line: 3,
        outcome: 'failed',
        expected: 'allow',
        actual: 'deny',
        status: 403,
        by: expect.objectContaining({ action: 'DENY', policy: 'shop/no-admin', rule: 0, file: 'objects/mesh.yaml' }),
        reason: expect.stringMatching(/^Expected allow, and it is denied\. /),
      },
      expect.objectContaining({
        name: 'later',
        outcome: 'skipped',
        expected: null,
        actual: null,
        by: null,
        reason: 'waits for the gateway',
      }),
      {
        file: 'tests/good.istio-test.yaml',
        name: 'frontend reads',
        line: 3,
        outcome: 'passed',
        expected: 'allow',
        actual: 'allow',
        status: 200,
        by: {
          action: 'ALLOW',
          policy: 'shop/callers',
          rule: 0,
          file: 'objects/mesh.yaml',
          range: { start: { line, character: 6 }, end: expect.any(Object) },
        },
        reason: expect.any(String),
      },
    ],
    coverage: [
      { policy: 'shop/callers', rule: 0, decided: 1 },
      { policy: 'shop/callers', rule: 1, decided: 0 },
      { policy: 'shop/no-admin', rule: 0, decided: 1 },
    ],
  })
})

test('text says each case in a line, why one failed, and on request what each rule decided', async () => {
  const { out } = await testing('tests', '--coverage')
  expect(out).toMatch(/^tests\/bad\.istio-test\.yaml:4 +failed +frontend <administers>\n +Expected allow, and it is denied\./)
  expect(out).toMatch(/^ +Denied \(403\) by shop\/no-admin rule 0 · objects\/mesh\.yaml:\d+$/m)
  expect(out).toMatch(/^2 of 3 rules decide a case\.\n {2}1 {2}shop\/callers rule 0\n {2}0 {2}shop\/callers rule 1\n/m)
  expect(out).toMatch(/^1 passed, 1 failed, 1 skipped in 2 files \(\d+\.\d s\)\.\n$/m)
  expect((await testing('tests')).out).not.toContain('decide a case')
})

test('JUnit has a suite for each file', async () => {
  const { out } = await testing('tests', '--format', 'junit')
  expect(out).toMatch(
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="istio-security test" tests="3" failures="1" errors="0" skipped="1">\n/,
  )
  expect(out).toContain('<testsuite name="tests/good.istio-test.yaml" tests="1" failures="0" errors="0" skipped="0">')
  expect(out).toMatch(
    /name="frontend &lt;administers&gt;" file="tests\/bad\.istio-test\.yaml" line="4">\n +<failure message="Expected allow, /,
  )
  expect(out).toContain('<skipped message="waits for the gateway"/>')
})

test('the sample tests pass in the demo mesh', async () => {
  const { code, out, err } = await run(['test', 'demo/workspace', '--kubeconfig', join(cwd, 'kubeconfig'), '--color', 'never'], {
    cwd: repository,
  })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^4 passed in 1 file/m)
})

test('a test file is judged as other files are', async () => {
  const { code, out } = await run(['check', 'broken/typo.istio-test.yaml', 'tests/good.istio-test.yaml'], { cwd })
  expect(out).toMatch(/^broken\/typo\.istio-test\.yaml:\d+:5 +error +"expct" is not a field of a case\. Did you mean "expect"\?/m)
  expect(out).toMatch(/^tests\/good\.istio-test\.yaml:\d+:5 +hint +"layer" is not a field of a case, so it is ignored\./m)
  expect(code).toBe(1)
})
