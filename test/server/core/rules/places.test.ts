// Places and fixes: a finding marks something that is written, and a fix touches nothing else, whatever the line ends and whatever comes first.
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { rules } from '../../../../server/src/core/rules/index.ts'
import type { Finding } from '../../../../server/src/core/rules/run.ts'
import { applyEdits, type Edit } from '../../../../server/src/core/yaml/edit.ts'
import { arbitraryObject } from '../../../support/arbitraryObject.ts'
import { judged } from './fixture.ts'

const folder = 'test/fixtures/rules'
const texts = [
  ...rules.flatMap(({ id, bad, good }) => [
    { name: `${id}, bad`, text: bad },
    { name: `${id}, good`, text: good },
  ]),
  ...readdirSync(folder).map(name => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') })),
]

const byteOrderMark = '\ufeff'
const withCrlf = (text: string) => text.replaceAll('\n', '\r\n')

/** Offsets of a text with CRLF as those of the text with LF. */
function withoutCrlf(text: string): (offset: number) => number {
  const removed = new Uint32Array(text.length + 1)
  for (let at = 0; at < text.length; at++) removed[at + 1] = (removed[at] ?? 0) + (text[at] === '\r' ? 1 : 0)
  return offset => offset - (removed[offset] ?? 0)
}

function gist(findings: readonly Finding[], place: (offset: number) => number = offset => offset): readonly unknown[] {
  return findings.map(({ rule, message, span, path, object, fixes }) => ({
    rule,
    message,
    path,
    object,
    from: place(span.start),
    to: place(span.end),
    fixes: fixes.map(({ title }) => title),
  }))
}

function expectSound(text: string, findings: readonly Finding[]): void {
  for (const { rule, span, fixes } of findings) {
    expect(span.start, rule).toBeGreaterThanOrEqual(0)
    expect(span.end, rule).toBeLessThanOrEqual(text.length)
    if (text.length > 0) expect(span.end, `${rule} marks nothing`).toBeGreaterThan(span.start)
    expect(text.slice(span.start, span.end).trim() === text.trim() && text.includes('\n'), `${rule} marks the whole text`).toBe(false)
    for (const { title, edits } of fixes) expectApart(text, edits, `${rule}: ${title}`)
  }
}

function expectApart(text: string, edits: readonly Edit[], what: string): void {
  let end = 0
  for (const { span } of edits.toSorted((a, b) => a.span.start - b.span.start)) {
    expect(span.start, `${what} overlaps itself`).toBeGreaterThanOrEqual(end)
    expect(span.end, what).toBeGreaterThanOrEqual(span.start)
    end = span.end
  }
  expect(end, `${what} ends outside`).toBeLessThanOrEqual(text.length)
}

describe.each(texts)('$name', ({ text }) => {
  const { findings } = judged(text, true)

  test('marks what is written', () => expectSound(text, findings))

  test('is judged alike with CRLF', () => {
    const crlf = withCrlf(text)
    const same = judged(crlf, true).findings
    expectSound(crlf, same)
    expect(gist(same, withoutCrlf(crlf))).toEqual(gist(findings))
  })

  test('is judged alike behind a byte order mark', () => {
    const marked = byteOrderMark + text
    expect(gist(judged(marked, true).findings, offset => offset - 1)).toEqual(gist(findings))
  })

  test('is fixed alike with CRLF and behind a byte order mark', () => {
    const crlf = byteOrderMark + withCrlf(text)
    const same = judged(crlf, true).findings
    for (const [index, { rule, fixes }] of findings.entries()) {
      for (const [nth, { title, edits }] of fixes.entries()) {
        const fixed = applyEdits(crlf, same[index]?.fixes[nth]?.edits ?? [])
        expect(fixed, `${rule}: ${title}`).toBe(byteOrderMark + withCrlf(applyEdits(text, edits)))
      }
    }
  })
})

test('places lie in the text, however an object is written', () => {
  const style = fc.record({
    indent: fc.constantFrom(1, 2, 4),
    collectionStyle: fc.constantFrom<'any' | 'flow'>('any', 'flow'),
    defaultStringType: fc.constantFrom<'PLAIN' | 'QUOTE_SINGLE' | 'QUOTE_DOUBLE'>('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE'),
  })
  fc.assert(
    fc.property(arbitraryObject, style, fc.constantFrom('\n', '\r\n'), fc.constantFrom('', byteOrderMark), (object, options, end, mark) => {
      const written =
        mark + stringify(object, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0, ...options }).replaceAll('\n', end)
      expectSound(written, judged(written, true).findings)
    }),
    { numRuns: 300 },
  )
})
