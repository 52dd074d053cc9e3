import { expect, test } from 'vitest'
import { policyTestLenses } from '../../../../server/src/core/features/policyTestLens.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'

const uri = 'file:///a.istio-test.yaml'
const ready = (name: string) =>
  `  - name: ${name}\n    from: { plaintext: true }\n    to: { workload: shop/db, port: 1 }\n    expect: deny\n`
const lenses = (text: string) =>
  policyTestLenses(readFile(uri, text), { show: true }).map(({ range, command }) => [range.start.line, command?.title, command?.arguments])

test('a lens above each case that can be run, and above the first one a lens for all', () => {
  expect(
    lenses(`kind: AuthorizationTest\ncases:\n${ready('a')}  - { name: broken }\n  - { name: later, skip: yet }\n${ready('b')}`),
  ).toEqual([
    [2, '▷ Run case', [{ uri, cases: ['a'], show: true }]],
    [2, '▷ Run all 4 cases', [{ uri, cases: ['a', 'broken', 'later', 'b'], show: true }]],
    [8, '▷ Run case', [{ uri, cases: ['b'], show: true }]],
  ])
  expect(lenses(`kind: AuthorizationTest\ncases:\n${ready('a')}`)).toEqual([[2, '▷ Run case', [{ uri, cases: ['a'], show: true }]]])
  expect(lenses('kind: AuthorizationTest\ncases: [{ name: broken }]\n')).toEqual([])
})
