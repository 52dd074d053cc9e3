import { describe, expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { casesIn, isTestFile } from '../../../../server/src/core/policytest/file.ts'

const test_ = 'kind: AuthorizationTest\ncases:\n  - { name: a, skip: later }\n  - { skip: later }\n  - { name: a, skip: later }\n'
const ids = (uri: string, text: string) => casesIn(readFile(uri, text)).map(({ id }) => id)

describe('a file of policy tests', () => {
  test.each<readonly [path: string, text: string, is: boolean]>([
    ['a.istio-test.yaml', '', true],
    ['a.istio-test.yml', 'x: 1\n', true],
    ['a.istio-test.json', '{}', true],
    ['a.yaml', test_, true],
    ['a.yaml', 'kind: Pod\napiVersion: v1\n', false],
    ['istio-test.yaml', '', false],
  ])('%s that says %j: %s', (path, text, is) => {
    expect(isTestFile(path, readFile(path, text))).toBe(is)
  })

  test('names each case, over all its documents', () => {
    expect(ids('file:///a.yaml', `${test_}---\n${test_}`)).toEqual(['a', 'case 2', 'a (2)', 'a (3)', 'case 2 (2)', 'a (4)'])
  })

  test('has no cases where it is none, and a broken one where it is named so', () => {
    expect(ids('file:///a.yaml', 'kind: Pod\n')).toEqual([])
    expect(casesIn(readFile('file:///a.istio-test.yaml', 'kind: Pod\n'))).toMatchObject([{ testCase: { is: 'broken' } }])
  })
})
