import { expect, test } from 'vitest'
import { authorize } from '../../../../server/src/core/decide/authorization/authorize.ts'
import { connectionOf } from '../../../../server/src/core/policytest/connectionOf.ts'
import { readQuestion } from '../../../../server/src/core/policytest/read.ts'
import { runCase } from '../../../../server/src/core/policytest/run.ts'
import { decisionText } from '../../../../server/src/core/report/authorize.ts'
import { policyTestText } from '../../../../server/src/core/report/policyTest.ts'
import { fromJson } from '../../../../server/src/core/yaml/tree.ts'
import { clusterMesh } from '../../../support/mesh.ts'
import { shop } from '../policytest/shop.ts'

const mesh = clusterMesh(shop)
const words = { color: false, placeOf: () => 'shop.yaml:7' }

function asked(question: object) {
  const read = readQuestion(fromJson({ to: { workload: 'shop/checkout', port: 8080 }, ...question })).question
  if (!read) throw new Error('no question')
  return read
}

function decided(question: object) {
  const connection = connectionOf(asked(question), mesh)
  if (!connection.ok) throw new Error(connection.reason)
  return authorize(connection.value, mesh)
}

const frontend = { workload: 'shop/frontend' }

test('the verdict first, then what each other rule says', () => {
  const text = decisionText(decided({ from: frontend, request: { method: 'GET', path: '/admin' } }), words)
  expect(text).toMatch(/^Denied \(403\) by shop\/no-admin rule 0 · shop\.yaml:7\n {2}\S.*\n {2}Decided at the sidecar\.\n\nOther rules:\n/)
  expect(text).toMatch(/^ {2}ALLOW {3}shop\/callers rule 0 {2,}matches {3}\S/m)
  expect(text).toMatch(/^ {2}ALLOW {3}shop\/callers rule 1 {2,}no match {2}\S/m)
})

test.each([
  ['no rule decided', { from: frontend, request: { method: 'PUT', path: '/' } }, /^Denied \(403\): \S.*\n/],
  [
    'there is no status',
    { from: frontend, to: { workload: 'shop/db', port: 5432 } },
    /^Allowed: \S.*\n {2}Decided at the sidecar\.\n\nRules:\n {2}AUDIT /,
  ],
  ['a fact is missing', { from: { plaintext: true }, request: { path: '/' } }, /^Unknown: .*the source address/],
])('in one line where %s', (_, question, expected) => {
  expect(decisionText(decided(question), words)).toMatch(expected)
})

test('colour repeats what the words say', () => {
  const decision = decided({ from: frontend, request: { method: 'GET', path: '/admin' } })
  const colored = decisionText(decision, { ...words, color: true })
  expect(colored).toContain('\u001b[31mDenied (403)\u001b[0m')
  expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(decisionText(decision, words))
})

test('a name from a stranger cannot move the cursor', () => {
  const decision = { ...decided({ from: frontend, request: { method: 'PUT', path: '/' } }), reason: 'bad \u001b[2J' }
  expect(decisionText(decision, words)).not.toContain('\u001b')
})

test('policy tests: a line each, why one failed, the rules nobody put to use', () => {
  const to = { decision: 'deny' } as const
  const cases = [
    runCase(
      {
        is: 'ready',
        name: 'reads',
        span: { start: 0, end: 0 },
        question: asked({ from: frontend, request: { method: 'GET', path: '/' } }),
        expectation: to,
      },
      mesh,
    ),
    runCase(
      {
        is: 'ready',
        name: 'writes',
        span: { start: 0, end: 0 },
        question: asked({ from: frontend, request: { method: 'PUT', path: '/' } }),
        expectation: to,
      },
      mesh,
    ),
    runCase({ is: 'skipped', name: 'later', span: { start: 0, end: 0 }, reason: 'waits' }, mesh),
  ].map((result, index) => ({ place: `a.yaml:${index * 10}`, result }))
  const coverage = [
    { policy: 'shop/callers', rule: 0, decided: 1 },
    { policy: 'shop/callers', rule: 1, decided: 0 },
  ]
  const text = policyTestText(cases, { ...words, coverage, files: 1, seconds: 0.04 })
  expect(text.split('\n')).toEqual([
    'a.yaml:0   failed   reads',
    expect.stringMatching(/^ {20}Expected deny, and it is allowed\. /),
    '                    Allowed (200) by shop/callers rule 0 · shop.yaml:7',
    'a.yaml:10  passed   writes',
    'a.yaml:20  skipped  later',
    '                    waits',
    '',
    '1 of 2 rules decides a case.',
    '  1  shop/callers rule 0',
    '  0  shop/callers rule 1',
    '1 passed, 1 failed, 1 skipped in 1 file (0.0 s).',
    '',
  ])
})
