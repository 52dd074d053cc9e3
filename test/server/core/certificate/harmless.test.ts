import { expect, test } from 'vitest'
import { harmless } from '../../../../server/src/core/certificate/harmless.ts'

test.each([
  ['an escape sequence', 'CN=\u001b[2Jshop', 'CN=\\u{1b}[2Jshop'],
  ['a line break', 'a\nb', 'a\\u{a}b'],
  ['a change of direction', 'spiffe://\u202emoc', 'spiffe://\\u{202e}moc'],
  ['an invisible character', 'sh\u200bop', 'sh\\u{200b}op'],
  ['a tag character', 'shop\u{e0041}', 'shop\\u{e0041}'],
  ['half a character', 'shop\ud800', 'shop\\u{d800}'],
])('%s is spelt out', (_, text, shown) => {
  expect(harmless(text)).toBe(shown)
})

test('ordinary names of any language stay as they are', () => {
  const name = 'CN=Zürich 東京 متجر,O=Ångström & Søn'
  expect(harmless(name)).toBe(name)
})

test('a very long name is clipped', () => {
  expect(harmless('x'.repeat(10_000))).toHaveLength(501)
})
