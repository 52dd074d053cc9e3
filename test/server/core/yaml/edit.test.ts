import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdits, plain, replaceScalar } from '../../../../server/src/core/yaml/edit.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'
import { at, stringAt } from '../../../../server/src/core/yaml/tree.ts'
import { arbitraryYaml } from './arbitrary.ts'

const awkward = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    arbitraryYaml,
    fc.constantFrom(
      '',
      'y',
      'No',
      '010',
      '12:30',
      '2026-03-02',
      '-',
      '.',
      '..',
      '1_0',
      '0x1F',
      '.inf',
      '.NaN',
      '<<',
      '=',
      'a:',
      'a #b',
      '~',
      'null',
      '1e3',
      '+1',
      '12e03',
    ),
    // What a template makes of a text is not known.
  )
  .filter(value => !/\{\{|\{%|%\{|\(\(|<%|#@/.test(value))

test('a value is read back as the string it was, in a list, a map and a flow list', () => {
  fc.assert(
    fc.property(awkward, value => {
      const [document] = parseYaml(
        `list:\n  - ${plain(value)}\nmap:\n  key: ${plain(value)}\nflow: [${plain(value)}]\n${plain(value)}: key\n`,
      )
      expect(document?.problems).toEqual([])
      for (const path of [
        ['list', 0],
        ['map', 'key'],
        ['flow', 0],
      ])
        expect(stringAt(document?.root, ...path)?.value).toBe(value)
      expect(stringAt(document?.root, value)?.value).toBe('key')
    }),
    { numRuns: 1000 },
  )
})

test.each(['shop', 'cluster.local/ns/shop/sa/web', '/api/*', 'web-1', 'a_b', 'security.istio.io/v1', 'default'])(
  '"%s" needs no quotes',
  value => {
    expect(plain(value)).toBe(value)
  },
)

test.each([
  ['plain', 'a: old # why', 'a: new # why'],
  ['double quotes', 'a: "old" # why', 'a: "new" # why'],
  ['single quotes', "a: 'old' # why", "a: 'new' # why"],
])('%s are kept', (_, before, after) => {
  const span = at(parseYaml(before)[0]?.root, ['a'])?.span ?? { start: 0, end: 0 }
  expect(applyEdits(before, [replaceScalar(before, span, 'new')])).toBe(after)
})

test('a replaced scalar is read back as the string it was, whatever quotes stood there', () => {
  fc.assert(
    fc.property(awkward, fc.constantFrom('old', '"old"', "'old'"), (value, written) => {
      const text = `a: ${written}\nb: 1\n`
      const span = at(parseYaml(text)[0]?.root, ['a'])?.span ?? { start: 0, end: 0 }
      const [document] = parseYaml(applyEdits(text, [replaceScalar(text, span, value)]))
      expect(document?.problems).toEqual([])
      expect(stringAt(document?.root, 'a')?.value).toBe(value)
      expect(at(document?.root, ['b'])).toMatchObject({ value: 1 })
    }),
    { numRuns: 1000 },
  )
})

test('edits are applied together, in whatever order they are given', () => {
  const edits = [
    { span: { start: 0, end: 1 }, newText: 'xx' },
    { span: { start: 2, end: 3 }, newText: '' },
  ]
  expect(applyEdits('abc', edits)).toBe('xxb')
  expect(applyEdits('abc', edits.toReversed())).toBe('xxb')
})
