import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeAt, slotAt } from '../../../../server/src/core/yaml/cursor.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'
import { cursor } from '../../../support/cursor.ts'
import { arbitraryYaml } from './arbitrary.ts'

describe('what is being typed', () => {
  const cases: readonly (readonly [name: string, marked: string, path: string, expects: 'key' | 'value', typed: string])[] = [
    ['an empty text', '<|>', '', 'value', ''],
    ['an empty document', 'a: 1\n---\n<|>', '', 'value', ''],
    ['an empty value', 'spec:\n  mode: <|>\n', 'spec.mode', 'value', ''],
    ['a value half typed', 'spec:\n  mode: PER<|>\n', 'spec.mode', 'value', 'PER'],
    ['inside a value', 'spec:\n  mode: PER<|>MISSIVE\n', 'spec.mode', 'value', 'PER'],
    ['after a dash', 'principals:\n  - <|>\n', 'principals.0', 'value', ''],
    ['after a lone dash at the end', 'principals:\n  - a\n  - <|>', 'principals.1', 'value', ''],
    ['a list item half typed', 'principals:\n  - cluster.local/ns/<|>\n', 'principals.0', 'value', 'cluster.local/ns/'],
    ['inside double quotes', 'principals:\n  - "cluster<|>"\n', 'principals.0', 'value', 'cluster'],
    ['inside single quotes', "principals:\n  - 'cluster<|>'\n", 'principals.0', 'value', 'cluster'],
    ['inside empty quotes', 'principals: ["<|>"]\n', 'principals.0', 'value', ''],
    ['a flow list', 'principals: [a, <|>]\n', 'principals.1', 'value', ''],
    ['a flow list never closed', 'principals: [a, b<|>\n', 'principals.1', 'value', 'b'],
    ['a flow map', 'mtls: { mode: <|> }\n', 'mtls.mode', 'value', ''],
    ['JSON', '{"spec": {"mtls": {"mode": "<|>"}}}', 'spec.mtls.mode', 'value', ''],
    ['a key half typed beside others', 'spec:\n  mtls:\n    mode: STRICT\n  sel<|>\n', 'spec', 'key', 'sel'],
    ['the first key of a list item', 'from:\n  - so<|>\n', 'from.0', 'value', 'so'],
    ['a key before its colon', 'spec:\n  mt<|>:\n    mode: STRICT\n', 'spec', 'key', 'mt'],
    ['Windows line ends', 'spec:\r\n  mode: PER<|>\r\n', 'spec.mode', 'value', 'PER'],
    ['the second document', 'a: 1\n---\nspec:\n  mode: <|>\n', 'spec.mode', 'value', ''],
    ['a quoted "#"', 'a: "x # <|>"', 'a', 'value', 'x # '],
    ['a "#" within a word', 'a: x#<|>', 'a', 'value', 'x#'],
  ]
  test.each(cases)('%s', (_, marked, path, expects, typed) => {
    const { text, offset } = cursor(marked)
    const slot = slotAt(text, offset)
    expect({ path: slot?.path.join('.'), expects: slot?.expects, typed: slot?.typed }).toEqual({ path, expects, typed })
  })

  test.each([
    ['plain', 'mode: PER<|>MISSIVE # why', 'PERMISSIVE'],
    ['in double quotes', 'mode: "PER<|>MISSIVE" # why', '"PERMISSIVE"'],
    ['in single quotes', "mode: 'PER<|>'", "'PER'"],
    ['empty', 'mode: <|>\nnext: 1', ''],
    ['with Windows line ends', 'mode: PER<|>\r\nnext: 1\r\n', 'PER'],
    ['in a quote never closed', 'mode: "PER<|>\nnext: 1\n', '"PER'],
    ['in a flow list', 'a: [x, PER<|>, y]', 'PER'],
    ['above a line that would be swallowed', 'spec:\n  sel<|>\n  mtls: {}\n', 'sel'],
  ])('what is replaced: %s', (_, marked, replaced) => {
    const { text, offset } = cursor(marked)
    const slot = slotAt(text, offset)
    expect(text.slice(slot?.span.start, slot?.span.end)).toBe(replaced)
  })

  test.each(['# mode: <|>', 'mode: STRICT # wh<|>y', 'a: "x" # "<|>'])('nothing in a comment: %s', marked => {
    const { text, offset } = cursor(marked)
    expect(slotAt(text, offset)).toBeUndefined()
  })

  test('keys that are there already are told, so that they are not offered again', () => {
    const { text, offset } = cursor('spec:\n  selector: {}\n  <|>\n  rules: []\n')
    expect(slotAt(text, offset)?.siblings.filter(key => /^[a-z]+$/.test(key))).toEqual(['selector', 'rules'])
  })
})

describe('whatever the text', () => {
  test('no offset throws, what is replaced is around the offset, and the marker never shows', () => {
    fc.assert(
      fc.property(arbitraryYaml, text => {
        for (let offset = 0; offset <= text.length; offset++) {
          const slot = slotAt(text, offset)
          if (!slot) continue
          const { root: _, ...told } = slot
          expect(JSON.stringify(told)).not.toMatch(/\u{F0000}/u)
          expect(slot.span.start).toBeLessThanOrEqual(offset)
          expect(slot.span.end).toBeGreaterThanOrEqual(offset)
          expect(slot.span.end).toBeLessThanOrEqual(text.length)
        }
      }),
    )
  })

  test('the place under an offset holds that offset', () => {
    fc.assert(
      fc.property(arbitraryYaml, text => {
        for (const { root } of parseYaml(text)) {
          for (let offset = 0; offset <= text.length; offset++) {
            const place = placeAt(root, offset)
            if (place) expect([place.span.start <= offset, offset <= place.span.end]).toEqual([true, true])
          }
        }
      }),
    )
  })
})

describe('what stands there', () => {
  test.each([
    ['a key', 'spec:\n  mt<|>ls: {}', 'spec.mtls', true],
    ['a value', 'spec:\n  mode: STR<|>ICT', 'spec.mode', false],
    ['a list item', 'a:\n  - x\n  - y<|>', 'a.1', false],
    ['a merged map', 'a: &a {b: 1}\nc:\n  <<: *a\n  d: <|>2', 'c.d', false],
  ])('%s', (_, marked, path, onKey) => {
    const { text, offset } = cursor(marked)
    const place = placeAt(parseYaml(text)[0]?.root, offset)
    expect([place?.path.join('.'), place?.onKey]).toEqual([path, onKey])
  })

  test.each(['spec:\n<|>  mode: STRICT', 'a: 1  <|>', '# word<|>s\na: 1'])('nothing between things: %s', marked => {
    const { text, offset } = cursor(marked)
    expect(placeAt(parseYaml(text)[0]?.root, offset)).toBeUndefined()
  })
})
