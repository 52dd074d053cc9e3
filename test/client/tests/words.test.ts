import { describe, expect, test } from 'vitest'
import { deciderOf, isMade, isTestFileName, mayHoldTests, outputOf } from '../../../client/src/tests/words.ts'
import type { PolicyTestOutcome } from '../../../server/src/protocol.ts'

const by = { action: 'ALLOW', policy: 'shop/callers', rule: 0, file: null, range: null } as const
const outcome: PolicyTestOutcome = {
  id: 'a',
  name: 'reads',
  file: 'a.istio-test.yaml',
  line: 3,
  outcome: 'failed',
  expected: 'deny',
  actual: 'allow',
  status: 200,
  by,
  reason: 'Expected deny, and it is allowed.',
  place: null,
}

test.each<readonly [path: string, text: string, is: boolean]>([
  ['/a/b.istio-test.yaml', '', true],
  ['/a/b.istio-test.JSON', '', true],
  ['/a/b.yaml', 'kind: AuthorizationTest', true],
  ['/a/b.yaml', 'kind: Pod', false],
])('%s with %j may hold tests: %s', (path, text, is) => {
  expect(mayHoldTests(path, text)).toBe(is)
})

test('only the whole ending names a test', () => {
  expect(['istio-test.yaml', 'a.istio-test.yaml.bak', 'a.istio-test.yml'].map(isTestFileName)).toEqual([false, false, true])
})

test('what a tool has made is no test of the workspace', () => {
  const paths = ['dist/a.istio-test.yaml', 'a/node_modules/b/c.istio-test.yaml', 'shop/a.istio-test.yaml', 'targets/a.istio-test.yaml']
  expect(paths.map(isMade)).toEqual([true, true, false, false])
})

describe('the output', () => {
  test('gives the reason of what did not pass', () => {
    expect(outputOf(outcome)).toBe('✗ reads\r\n    Expected deny, and it is allowed.\r\n')
    expect(outputOf({ ...outcome, outcome: 'passed' })).toBe('✓ reads\r\n')
    expect(outputOf({ ...outcome, outcome: 'skipped', reason: 'later' })).toBe('○ reads\r\n    later\r\n')
  })

  test('is a terminal, so nothing in a name moves its cursor', () => {
    expect(outputOf({ ...outcome, outcome: 'passed', name: 'a\u001b[2Jb\nc' })).toBe('✓ a\\u{1b}[2Jb\\u{a}c\r\n')
  })
})

test.each<readonly [by: PolicyTestOutcome['by'], words: string | undefined]>([
  [by, 'shop/callers rule 0'],
  [{ ...by, rule: null }, 'shop/callers'],
  [
    { ...by, policy: null, rule: null, published: 'istio-system/istio_converted_static_strict' },
    'istio-system/istio_converted_static_strict',
  ],
  [null, undefined],
])('who decided: %j', (decider, words) => {
  expect(deciderOf({ ...outcome, by: decider })).toBe(words)
})
