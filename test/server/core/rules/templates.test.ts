// Templates: what an expression decides is never a finding, what none can change is one.
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectedIn, found, judged } from './fixture.ts'
import { render } from './render.ts'

const folder = 'test/fixtures/templates'

describe.each(readdirSync(folder))('%s', name => {
  const text = readFileSync(`${folder}/${name}`, 'utf8')

  test.each([true, false])('has a finding where a caret stands, and nowhere else (closed world: %s)', closedWorld => {
    const { file, findings } = judged(text, closedWorld)
    const place = ({ line, from, to, rule }: ReturnType<typeof found>[number]) => `${line + 1}:${from}-${to} ${rule}`
    const expected = expectedIn(text).toSorted((a, b) => a.line - b.line || a.from - b.from)
    expect(found(file, findings).map(place)).toEqual(expected.map(place))
  })

  test('keeps its findings whatever the expressions write', () => {
    const told = toldIn(text)
    let seen = 0
    fc.assert(
      fc.property(fc.integer(), seed => {
        const { file, findings } = judged(render(text, randomFrom(seed)), false)
        for (const { line, rule } of told) {
          const stays = file.documents
            .filter(({ problems, root }) => root && problems.length === 0)
            .flatMap(({ span }) => linesIn(file.text, span))
          if (!stays.includes(line)) continue
          seen++
          expect(found(file, findings).map(each => `${file.lines.line(each.line).trim()} ${each.rule}`)).toContain(`${line} ${rule}`)
        }
      }),
      { numRuns: 300 },
    )
    if (told.length > 0) expect(seen).toBeGreaterThan(100)
  })
})

/** The lines with a finding that no expression stands in. */
function toldIn(template: string) {
  const { file, findings } = judged(template, false)
  return found(file, findings)
    .map(({ line, rule }) => ({ line: file.lines.line(line).trim(), rule }))
    .filter(({ line }) => !line.includes('{{'))
}

function linesIn(text: string, { start, end }: { readonly start: number; readonly end: number }): readonly string[] {
  return text
    .slice(start, end)
    .split('\n')
    .map(line => line.trim())
}

function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 8) % below
  }
}

test('what no expression can change is as severe as elsewhere', () => {
  const policy = (source: string) =>
    judged(
      `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: {{ .Values.name }} }\nspec:\n  rules:\n    - from:\n        - source: ${source}\n`,
      false,
    ).findings.map(({ rule, severity }) => `${rule} ${severity}`)
  expect(policy('{ principals: [spiffe://cluster.local/ns/shop/sa/a] }')).toContain('spiffe-prefix error')
  expect(policy('{ ipBlocks: [10.0.0.0/33] }')).toEqual(['invalid-ip-block error'])
})
