import { expect, test } from 'vitest'
import { strayCharacter, type Writing, withoutStray } from '../../../../../server/src/core/istio/values/strayCharacter.ts'

test.each<[string, Writing, string | undefined, string | undefined]>([
  ['/cart', 'name', undefined, '/cart'],
  ['/für', 'name', undefined, '/für'],
  ['/cart ', 'name', 'a space at its end', '/cart'],
  ['\t/cart', 'name', 'a tab at its start', '/cart'],
  ['/cart\n', 'name', 'a line break at its end', undefined],
  ['a b', 'name', 'a space in it', undefined],
  ['a b', 'text', undefined, 'a b'],
  ['web\u200b', 'name', 'an invisible character (U+200B) at its end', 'web'],
  ['we\ufeffb', 'text', 'an invisible character (U+FEFF) in it', 'web'],
  ['web\u00a0', 'text', 'a no-break space at its end', 'web'],
  ['“web”', 'text', 'the character “ (U+201C) at its start', 'web'],
  ['d’Arc', 'text', undefined, 'd’Arc'],
  ['shop–x', 'name', 'the character – (U+2013) in it', 'shop-x'],
  ['│ /cart', 'name', 'the character │ (U+2502) in it', undefined],
  ['👩‍💻', 'text', undefined, '👩‍💻'],
  ['\u200b', 'name', 'an invisible character (U+200B) at its start', undefined],
])('%j as a %s has %s', (text, writing, stray, without) => {
  expect(strayCharacter(text, writing)).toBe(stray)
  expect(withoutStray(text, writing)).toBe(without)
})
