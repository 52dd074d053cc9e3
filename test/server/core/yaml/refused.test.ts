// What sigs.k8s.io/yaml says to each, recorded.
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'

const problemsOf = (text: string) =>
  parseYaml(text).flatMap(({ problems }) => problems.map(({ code, span }) => [code, text.slice(span.start, span.end)]))

describe('refused', () => {
  test.each<readonly [string, string, string, string]>([
    ['a directive', '%YAML 1.1\n---\na: 1\n', 'DIRECTIVE', '%YAML 1.1'],
    ['a tab on an empty line', 'a: 1\n\t\nb: 2\n', 'TAB_AS_INDENT', '\t'],
    ['a tab before a comment', 'a: 1\n\t# c\nb: 2\n', 'TAB_AS_INDENT', '\t'],
    ['a tab on the first line', '\t\na: 1\n', 'TAB_AS_INDENT', '\t'],
    ['a control character', 'a: x\u0007\n', 'CONTROL_CHARACTER', '\u0007'],
    ['an escape of JSON', 'a: "x\\/y"\n', 'BAD_DQ_ESCAPE', '\\/'],
    ['half a character', 'a: "\\ud83d\\ude00"\n', 'BAD_DQ_ESCAPE', '\\ud83d'],
    ['a null for a key', '~: 1\n', 'NULL_KEY', '~'],
    ['nothing for a key', '? \n: 1\n', 'NULL_KEY', '1'],
    ['a list for a key', '[a]: 1\n', 'COMPLEX_KEY', '[a]'],
    ['a map for a key', '{a: 1}: 1\n', 'COMPLEX_KEY', '{a: 1}'],
    ['a merge of text', '<<: x\n', 'BAD_MERGE', '<<'],
    ['an alias inside its anchor', 'a: &x {b: *x}\n', 'SELF_ALIAS', '*x'],
    ['no number', 'a: .nan\n', 'NO_NUMBER', '.nan'],
    ['a tag that does not fit', 'a: !!int x\n', 'BAD_TAG', 'x'],
  ])('%s', (_, text, code, where) => {
    expect(problemsOf(text)).toContainEqual([code, where])
  })
})

describe('accepted', () => {
  test.each([
    ['a tab behind a value', 'a: \tb\n'],
    ['a tab in brackets', 'a: [\n  1,\n\t 2\n  ]\n'],
    ['a tab in a block of text', 'a: |\n  x\n  \ty\nb: 1\n'],
    ['a tab further in behind a value', 'a:\n  b: 1\n    \t\n  c: 2\n'],
    ['an escaped backslash before a slash', 'a: "x\\\\/y"\n'],
    ['lines in brackets that stand further out', 'a: {\nb: [\n# c\n1,\n2\n],\nc: "x\n\ty"\n}\n'],
    ['infinity for a key', '.inf: 1\n'],
    ['a percent sign in a value', 'a: b%YAML\n'],
  ])('%s', (_, text) => {
    expect(problemsOf(text)).toEqual([])
  })
})

describe('repeated keys are compared as the reader understands them', () => {
  test.each<readonly [string, number]>([
    ['yes: a\ntrue: b\n', 1],
    ['1: a\n0x1: b\n', 1],
    ['1: a\n"1": b\n', 0],
    ['a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n', 1],
    ['a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n', 0],
  ])('%j', (text, count) => {
    expect(problemsOf(text).filter(([code]) => code === 'DUPLICATE_KEY')).toHaveLength(count)
  })
})
