// Tables fit the terminal, and lose nothing.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columns } from '../../../../server/src/core/report/table.ts'

const rows = [
  ['NAMESPACE', 'DEFAULT', 'ENROLMENT'],
  ['bank', 'STRICT (bank/default)', 'ambient · waypoint bank/bank-wp'],
  ['a-very-long-name-of-a-namespace-that-somebody-chose', 'PERMISSIVE', 'sidecars'],
]

test('as wide as it is where nobody limits it', () => {
  expect(columns(rows)[1]).toBe(`${'bank'.padEnd(53)}STRICT (bank/default)  ambient · waypoint bank/bank-wp`)
})

test('the last column is broken first, then the widest', () => {
  expect(columns(rows, 70)).toEqual([
    'NAMESPACE           DEFAULT             ENROLMENT',
    'bank                STRICT              ambient · waypoint',
    '                    (bank/default)      bank/bank-wp',
    'a-very-long-name-   PERMISSIVE          sidecars',
    'of-a-namespace-',
    'that-somebody-',
    'chose',
  ])
})

const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '/', ' ', '.'), maxLength: 60 })

test('no line is longer than the terminal, and every letter is there', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word), { minLength: 1 }), fc.integer({ min: 80, max: 200 }), (table, width) => {
      const lines = columns(table, width)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
      const letters = (text: string) => [...text.replaceAll(/\s/g, '')].toSorted().join('')
      expect(letters(lines.join(''))).toBe(letters(table.flat().join('')))
    }),
  )
})
