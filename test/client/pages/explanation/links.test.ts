// Which parts of an explanation lead to a policy.
import { expect, test } from 'vitest'
import { fragmentOf, linksIn } from '../../../../client/src/pages/explanation/links.ts'

const at = (line: number, character: number) => ({ start: { line, character }, end: { line, character: character + 4 } })
const first = { name: 'policies/pay.yaml:12', uri: 'file:///shop/policies/pay.yaml', range: at(11, 6) }
const second = { name: 'pay.yaml:12', uri: 'file:///shop/pay.yaml', range: at(11, 2) }

const text = `DENY policy shop/no-admin refused GET /pay.yaml:12.
  by      the sidecar of the server
          AuthorizationPolicy shop/no-admin rule 1 · policies/pay.yaml:12
          AuthorizationPolicy shop/elsewhere
          AuthorizationPolicy shop/other · pay.yaml:12
  means   It is written in pay.yaml:12
`

test('the place at the end of a policy line leads to the policy, and nothing else does', () => {
  const links = linksIn(text, [first, second])
  expect(links.map(({ line, start, end }) => [line, text.split('\n')[line]?.slice(start, end)])).toEqual([
    [2, 'policies/pay.yaml:12'],
    [4, 'pay.yaml:12'],
  ])
  expect(links.map(({ place }) => place.uri)).toEqual([first.uri, second.uri])
})

test('files of one name in two folders are told apart by their order', () => {
  const twice = 'A\n  by  x · pay.yaml:12\n\nB\n  by  y · pay.yaml:12\n'
  const other = { ...second, uri: 'file:///billing/pay.yaml' }
  expect(linksIn(twice, [second, other]).map(({ place }) => place.uri)).toEqual([second.uri, other.uri])
})

test('a text without places has no links', () => {
  expect(linksIn(text, [])).toEqual([])
})

test('editors count lines and characters from 1', () => {
  expect(fragmentOf(first)).toBe('L12,7')
})
