import fc from 'fast-check'
import { expect, test } from 'vitest'
import { html, visible } from '../../client/src/text.ts'

test.each([
  ['CN=shop', 'CN=shop'],
  ['übung · 日本 🔒', 'übung · 日本 🔒'],
  ['a\u202eb', 'a\\u{202e}b'],
  ['a\nb\tc\u0000', 'a\\u{a}b\\u{9}c\\u{0}'],
  ['pay\u200bments', 'pay\\u{200b}ments'],
  ['x\u{e0041}', 'x\\u{e0041}'],
  ['lone \ud800', 'lone \\u{d800}'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown)
})

test('a text that would flood the page is cut, and says by how much', () => {
  expect(visible('a'.repeat(2_500))).toBe(`${'a'.repeat(2_000)}… (500 more characters)`)
})

test('no text leaves a tag, a quote or a character reference of its own', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => !/[<>"']|&(?!#\d+;)/.test(html(text))))
})
