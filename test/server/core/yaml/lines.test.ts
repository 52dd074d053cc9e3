import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Lines } from '../../../../server/src/core/yaml/lines.ts'

test.each([
  ['the start', 'ab\ncd', 0, 0, 0],
  ['before a line break', 'ab\ncd', 2, 0, 2],
  ['after a line break', 'ab\ncd', 3, 1, 0],
  ['the end', 'ab\ncd', 5, 1, 2],
  ['the line after a last line break', 'ab\n', 3, 1, 0],
  ['Windows line ends', 'ab\r\ncd', 4, 1, 0],
  ['characters of two units', '𝒳𝒳\n𝒳b', 7, 1, 2],
])('offset and position of %s', (_, text, offset, line, character) => {
  const lines = new Lines(text)
  expect(lines.position(offset)).toEqual({ line, character })
  expect(lines.offset({ line, character })).toBe(offset)
})

test('positions outside the text are held inside it', () => {
  const lines = new Lines('ab\ncd\n')
  expect(lines.position(-1)).toEqual({ line: 0, character: 0 })
  expect(lines.position(99)).toEqual({ line: 2, character: 0 })
  expect(lines.offset({ line: 0, character: 99 })).toBe(2)
  expect(lines.offset({ line: 9, character: 0 })).toBe(6)
})

test('a line is given without its line break', () => {
  const lines = new Lines('ab\r\ncd\n')
  expect([0, 1, 2, 3].map(line => lines.line(line))).toEqual(['ab', 'cd', '', ''])
})

test('every offset leads to a position and back', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', '\r\n', '𝒳', '\r', 'é')), parts => {
      const text = parts.join('')
      const lines = new Lines(text)
      // Between the two characters of a Windows line end there is no position.
      const offsets = Array.from({ length: text.length + 1 }, (_, offset) => offset).filter(
        offset => text.slice(offset - 1, offset + 1) !== '\r\n',
      )
      for (const offset of offsets) expect(lines.offset(lines.position(offset))).toBe(offset)
    }),
  )
})
