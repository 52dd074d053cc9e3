import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PolicyTest, TestCase } from '../../../../server/src/core/policytest/question.ts'
import { readPolicyTest, readQuestion } from '../../../../server/src/core/policytest/read.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'
import { fromJson } from '../../../../server/src/core/yaml/tree.ts'

function read(text: string): PolicyTest {
  const [document] = parseYaml(text)
  const found = document && readPolicyTest(document)
  if (!found) throw new Error('no policy test')
  return found
}

const to = { workload: 'shop/checkout', port: 8080 }
const least = { name: 'least', from: { plaintext: true }, to, expect: 'deny' }

function only(given: object): TestCase {
  const [first] = read(JSON.stringify({ kind: 'AuthorizationTest', cases: [{ ...least, ...given }] })).cases
  if (!first) throw new Error('no case')
  return first
}

describe('a case is read', () => {
  test.each<readonly [what: string, given: object, expected: object]>([
    ['least', {}, { question: { from: { plaintext: true }, to: { port: 8080 } }, expectation: { decision: 'deny' } }],
    ['workload', { from: { workload: 'shop/frontend' } }, { question: { from: { workload: { value: 'shop/frontend' } } } }],
    ['principal', { from: { principal: 'td/ns/a/sa/b' } }, { question: { from: { principal: { value: 'td/ns/a/sa/b' } } } }],
    ['addresses', { ip: '10.0.0.7', remoteIp: '::1' }, { question: { ip: '10.0.0.7', remoteIp: '::1' } }],
    [
      'destination',
      { to: { ...to, port: '15', ip: 'fd00::7', service: 'shop/s' } },
      { question: { to: { port: 15, ip: 'fd00::7', service: { value: 'shop/s' } } } },
    ],
    ['server name and provider', { sni: 'a.b', provider: 'allow' }, { question: { sni: 'a.b', provider: 'allow' } }],
    ['a request of nothing', { request: {} }, { question: { request: { headers: {}, token: 'none' } } }],
    [
      'a request',
      { request: { method: 'GET', path: '/a?x=1', host: 'h:80', headers: { 'x-a': 'b', 'X-Many': ['c', 5], 'x-yes': true } } },
      {
        question: {
          request: { method: 'GET', path: '/a?x=1', host: 'h:80', headers: { 'x-a': ['b'], 'X-Many': ['c', '5'], 'x-yes': ['true'] } },
        },
      },
    ],
    [
      'a token',
      {
        request: {},
        jwt: { iss: 'i', aud: ['a'], azp: 'z', claims: { groups: ['x', 1, true], nested: { a: null }, iss: 'other' }, invalid: 'expired' },
      },
      {
        question: {
          request: {
            token: { payload: { iss: 'i', aud: ['a'], azp: 'z', groups: ['x', 1, true], nested: { a: null } }, invalid: 'expired' },
          },
        },
      },
    ],
    [
      'a token in a header',
      { request: {}, jwt: { in: { header: 'x-t', prefix: 'T ' } } },
      { question: { request: { token: { in: { header: 'x-t', prefix: 'T ' } } } } },
    ],
    ['a token in a parameter', { request: {}, jwt: { in: { param: 't' } } }, { question: { request: { token: { in: { param: 't' } } } } }],
    ['a token in a cookie', { request: {}, jwt: { in: { cookie: 't' } } }, { question: { request: { token: { in: { cookie: 't' } } } } }],
    [
      'who decides',
      { status: 403, by: { policy: 'shop/callers', rule: 0 } },
      { expectation: { status: 403, by: { policy: { value: 'shop/callers' }, rule: { value: 0 } } } },
    ],
    ['what istiod publishes', { by: { published: 'istio-system/x' } }, { expectation: { by: { published: { value: 'istio-system/x' } } } }],
    ['nobody', { by: 'none' }, { expectation: { by: 'none' } }],
    ['what is not run', { skip: 'later' }, { is: 'skipped', reason: 'later' }],
  ])('%s', (_, given, expected) => {
    expect(only(given)).toMatchObject({ name: 'least', is: 'ready', ...expected })
  })

  test('TCP without a request, whatever token is written', () => {
    expect(only({ jwt: { sub: 'a' } })).not.toHaveProperty('question.request')
  })

  test('at its place, and named by its number where it has no name', () => {
    const text = 'kind: AuthorizationTest\ncases:\n  - from: { plaintext: yes }\n    to: { workload: a/b }\n    expect: allow\n'
    const [first] = read(text).cases
    expect(first).toMatchObject({ name: 'case 1', is: 'ready' })
    expect(text.slice(first?.span.start)).toMatch(/^from:/)
  })

  test('from JSON and YAML alike', () => {
    const yaml = read(
      'kind: AuthorizationTest\nmesh: [../mesh.yaml]\ncases: [{ from: { plaintext: true }, to: { workload: a/b }, expect: deny }]\n',
    )
    expect(yaml.mesh).toMatchObject([{ value: '../mesh.yaml' }])
    expect(yaml.problems).toEqual([])
  })

  test('beside one that is broken', () => {
    const { cases } = read(JSON.stringify({ kind: 'AuthorizationTest', cases: [{ ...least, expect: 'maybe' }, least, null, 'word'] }))
    expect(cases.map(each => each.is)).toEqual(['broken', 'ready', 'broken', 'broken'])
  })
})

describe('nothing is taken for passed that could not be read:', () => {
  test.each([
    ['cases that are missing', 'kind: AuthorizationTest\n'],
    ['cases that are misspelt', 'kind: AuthorizationTest\ncase: []\n'],
    ['cases that are no list', 'kind: AuthorizationTest\ncases: { a: b }\n'],
    ['a mesh that is no list', 'kind: AuthorizationTest\nmesh: mesh.yaml\ncases: []\n'],
    ['YAML that breaks', 'kind: AuthorizationTest\ncases: [\n'],
    ['a key that stands twice', 'kind: AuthorizationTest\ncases: []\ncases: []\n'],
  ])('%s', (_, text) => {
    expect(read(text).cases.map(each => each.is)).toEqual(['broken'])
  })

  test('a template', () => {
    expect(
      read('kind: AuthorizationTest\ncases:\n{{- range .Values.cases }}\n  - expect: deny\n{{- end }}\n').cases.map(each => each.is),
    ).toEqual(['skipped'])
  })
})

test('no document makes it throw, and each case of a list is one', () => {
  const value = fc.letrec(tie => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('', 'allow', 'none', 'a/b', 5, true, null),
      fc.array(tie('any'), { maxLength: 2 }),
      tie('map'),
    ),
    map: fc.dictionary(
      fc.constantFrom('from', 'to', 'workload', 'plaintext', 'request', 'headers', 'jwt', 'in', 'by', 'expect', 'x'),
      tie('any'),
    ),
  })).any
  fc.assert(
    fc.property(fc.array(value, { maxLength: 3 }), cases => {
      expect(read(JSON.stringify({ kind: 'AuthorizationTest', cases })).cases).toHaveLength(cases.length)
    }),
  )
})

test.each(['kind: Pod\n', 'apiVersion: example.com/v1\nkind: AuthorizationTest\ncases: []\n', '- a\n'])('is no policy test: %j', text => {
  const [document] = parseYaml(text)
  expect(document && readPolicyTest(document)).toBeUndefined()
})

test('a question by itself expects nothing', () => {
  const { expect: _, ...question } = least
  expect(readQuestion(fromJson(question))).toMatchObject({ question: { from: { plaintext: true } }, problems: [] })
  expect(readQuestion(fromJson({ from: {} })).question).toBeUndefined()
  expect(readQuestion(undefined).problems).toHaveLength(1)
})
