// The form and the case it asks: there and back, and what it begins with.
import { describe, expect, test } from 'vitest'
import type { Fields } from '../../../../client/src/pages/evaluate/messages.ts'
import { choicesOf, fieldsOf, firstFields, requestOf } from '../../../../client/src/pages/evaluate/request.ts'
import type { EvaluationChoices, WrittenCase } from '../../../../server/src/protocol.ts'

const plain: WrittenCase = {
  from: { workload: 'shop/frontend' },
  to: { workload: 'shop/checkout', port: 8080 },
  request: { method: 'GET', path: '/cart?x=1', headers: {} },
}

function asked(fields: Partial<Fields>): WrittenCase | string {
  const read = requestOf({ ...fieldsOf(plain), ...fields })
  return read.ok ? read.case : read.problem
}

test.each<[string, WrittenCase]>([
  ['a workload', plain],
  ['an identity', { ...plain, from: { principal: 'cluster.local/ns/shop/sa/frontend' } }],
  ['a plaintext caller over TCP', { from: { plaintext: true }, to: plain.to }],
  ['a Service through a waypoint', { ...plain, to: { workload: 'bank/wp', port: 80, service: 'bank/accounts' } }],
  ['headers', { ...plain, request: { host: 'checkout', headers: { 'x-tenant': 'a', 'x-many': ['b', 'c'] } } }],
  [
    'a token',
    { ...plain, jwt: { iss: 'https://id.example.com', sub: 'alice', claims: { groups: ['admin', 'dev'], ok: true, deep: { a: 1 } } } },
  ],
  ['an address and an authorizer', { ...plain, ip: '10.0.0.7', provider: 'deny' }],
])('%s comes back as it went in', (_, written) => {
  expect(requestOf(fieldsOf(written))).toEqual({ ok: true, case: written })
})

describe('what is typed', () => {
  test.each<[string, Partial<Fields>, unknown]>([
    ['an empty method is not known', { method: ' ' }, { request: { path: '/cart?x=1', headers: {} } }],
    ['a header that stands there twice has two values', { headers: 'a: 1\n\na:2\n' }, { request: { headers: { a: ['1', '2'] } } }],
    ['a pseudo header keeps its colon', { headers: ':scheme: https' }, { request: { headers: { ':scheme': 'https' } } }],
    ['a value may hold colons', { claims: 'iss: https://a:1' }, { jwt: { iss: 'https://a:1' } }],
    ['a list that is still being typed is text', { claims: 'groups: [adm' }, { jwt: { claims: { groups: '[adm' } } }],
    ['blanks around an identity do not count', { from: 'principal', principal: ' a/ns/b/sa/c ' }, { from: { principal: 'a/ns/b/sa/c' } }],
  ])('%s', (_, fields, expected) => {
    expect(asked(fields)).toMatchObject(expected as object)
  })

  test.each<[string, Partial<Fields>, string]>([
    ['a header', { headers: 'x-tenant' }, 'Write each header as "name: value", one a line.'],
    ['a claim', { claims: 'admin' }, 'Write each claim of the token as "name: value", one a line.'],
    ['nobody to call', { to: '' }, 'No workload to call is known.'],
    ['something else to call', { to: '5' }, 'No workload to call is known.'],
  ])('%s that is none is said', (_, fields, problem) => {
    expect(asked(fields)).toBe(problem)
  })
})

describe('the form begins', () => {
  const other = { workload: 'shop/backend', port: 8080 }
  const choices: EvaluationChoices = {
    callers: [
      { workload: 'shop/frontend', identity: 'cluster.local/ns/shop/sa/frontend' },
      { workload: 'shop/web', identity: 'cluster.local/ns/shop/sa/frontend' },
    ],
    targets: [plain.to, { workload: 'shop/checkout', port: 9090 }],
    example: { ...plain, request: { method: 'POST', path: '/' } },
  }
  const { example: _, ...withoutExample } = choices

  test.each<[string, Fields | undefined, EvaluationChoices, WrittenCase]>([
    ['with the last request', fieldsOf(plain), choices, plain],
    [
      'with what the rule describes, where the last request goes elsewhere',
      fieldsOf({ ...plain, to: other }),
      choices,
      { ...plain, request: { method: 'POST', path: '/', headers: {} } },
    ],
    ['with the last request to somebody who is there', fieldsOf({ ...plain, to: other }), withoutExample, plain],
    ['with a caller that is there', fieldsOf({ ...plain, from: { workload: 'shop/gone' } }), choices, plain],
    ['with anything', undefined, withoutExample, { ...plain, request: { method: 'GET', path: '/', headers: {} } }],
  ])('%s', (_, last, offered, begun) => {
    expect(requestOf(firstFields(last, offered))).toEqual({ ok: true, case: begun })
  })

  test('and offers each identity once, with deceptive names made visible', () => {
    const hostile = {
      ...choices,
      targets: [{ workload: 'shop/\u202echeckout' }, { workload: 'bank/wp', port: 80, service: 'bank/accounts' }],
    }
    const { identities, targets } = choicesOf(hostile)
    expect(identities).toEqual(['cluster.local/ns/shop/sa/frontend'])
    expect(targets.map(({ label }) => label)).toEqual([String.raw`shop/\u{202e}checkout`, 'bank/accounts through bank/wp, port 80'])
  })
})
