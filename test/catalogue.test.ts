import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rules } from '../server/src/core/rules/index.ts'
import { catalogue } from './catalogue.ts'

const checks = join(process.env.ISTIO_SECURITY_SHARED ?? '../shared', 'knowledge', 'checks.md')
const kiali = join(process.env.ISTIO_SECURITY_SHARED ?? '../shared', 'oracles', 'kiali.README.md')

describe('the catalogue of checks', () => {
  test('names rules that exist', () => {
    const ids = new Set(rules.map(({ id }) => id))
    const named = Object.entries(catalogue).flatMap(([row, found]) => ('rules' in found ? found.rules.map(id => [row, id] as const) : []))
    expect(named.filter(([, id]) => !ids.has(id))).toEqual([])
  })

  test('gives a reason for each row without a rule', () => {
    for (const [row, found] of Object.entries(catalogue)) {
      if ('none' in found) expect(found.none.length, row).toBeGreaterThan(10)
      else expect(found.rules.length, row).toBeGreaterThan(0)
    }
  })

  test('agrees with the codes that the rules themselves give', () => {
    const wrong = rules.flatMap(({ id, codes }) =>
      codes.flatMap(code => {
        const row = catalogue[code]
        return row && 'rules' in row && row.rules.includes(id) ? [] : [`${id} ${code}`]
      }),
    )
    expect(wrong).toEqual([])
    for (const [row, found] of Object.entries(catalogue)) {
      if (!/^KIA/.test(row) || !('rules' in found)) continue
      for (const id of found.rules) expect(rules.find(rule => rule.id === id)?.codes, `${id} ${row}`).toContain(row)
    }
  })

  test.skipIf(!existsSync(checks))('has every row', () => {
    const text = readFileSync(checks, 'utf8') + readFileSync(kiali, 'utf8')
    const rows = [...text.matchAll(/^\| ([VCU]\d+) \|/gm)].map(([, row = '']) => row)
    const codes = [...text.matchAll(/\b(?:IST0\d{3}|KIA\d{4})\b/g)].map(([code]) => code)
    const known = new Set(Object.keys(catalogue))
    expect([...new Set([...rows, ...codes])].filter(row => !known.has(row))).toEqual([])
    const count = (letter: string) => Object.keys(catalogue).filter(row => row.startsWith(letter)).length
    const without = Object.values(catalogue).filter(row => 'none' in row).length
    console.log(
      `catalogue: V ${count('V')}, C ${count('C')}, IST ${count('IST')}, KIA ${count('KIA')}, U ${count('U')}; ${without} without a rule, each with its reason`,
    )
  })
})
