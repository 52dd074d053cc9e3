// The form before anything fills it: nothing may run but its one script, and every control has a name.
import { expect, test } from 'vitest'
import { evaluatePage } from '../../../../client/src/pages/evaluate/page.ts'

const page = evaluatePage('const only = 1', 'abc123')

test('only the script and the style with the nonce count, and nothing is loaded', () => {
  expect(page).toContain(
    `content="default-src 'none'; style-src 'nonce-abc123'; script-src 'nonce-abc123'; base-uri 'none'; form-action 'none'"`,
  )
  expect(page.match(/<script/g)).toHaveLength(1)
  expect(page).toContain('<script nonce="abc123">const only = 1</script>')
  expect(page).not.toMatch(/\son\w+=|\sstyle=|(?:src|href)=/)
})

test('each control has a label of its own', () => {
  const controls = [...page.matchAll(/<(?:input|select|textarea) id="(\w+)" name="(\w+)"/g)].map(([, id, name]) => [id, name])
  expect(controls).toHaveLength(12)
  for (const [id, name] of controls) {
    expect(id).toBe(name)
    expect(page).toContain(`<label for="${id}">`)
  }
})

test('a screen reader hears the decision', () => {
  expect(page).toMatch(/<section[^>]* role="status" aria-label="Decision">/)
})

test('colours are those of the theme', () => {
  expect(page).not.toMatch(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/i)
})
