// Usage that is right, wanted, or not yet decided: it looks like a mistake and is none.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { judged } from './fixture.ts'

const folder = 'test/fixtures/traps'

test.each(readdirSync(folder))('%s has nothing above a hint', name => {
  const { findings } = judged(readFileSync(`${folder}/${name}`, 'utf8'), false)
  expect(findings.filter(({ severity }) => severity !== 'hint').map(({ rule, message }) => `${rule}: ${message}`)).toEqual([])
})
