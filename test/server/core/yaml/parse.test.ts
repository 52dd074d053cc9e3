import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ParseCache, parseYaml, type YamlDocument } from '../../../../server/src/core/yaml/parse.ts'
import { at, type Node, stringAt } from '../../../../server/src/core/yaml/tree.ts'
import { arbitraryYaml } from './arbitrary.ts'

describe('documents', () => {
  const cases: readonly (readonly [name: string, text: string, starts: readonly string[]])[] = [
    ['one without a marker', 'a: 1\n', ['a: 1']],
    ['two', 'a: 1\n---\nb: 2\n', ['a: 1', '---\nb: 2']],
    ['a comment before the first marker belongs to the document below', '# licence\n---\na: 1\n', ['# licence\n---\na: 1']],
    [
      'documents of comments and blanks do not count',
      'a: 1\n---\n# nothing\n---\n\n---\nb: 2',
      ['a: 1', '---\n# nothing\n---\n\n---\nb: 2'],
    ],
    ['content on the marker line counts', '--- {a: 1}\n--- # none\n', ['--- {a: 1}']],
    ['Windows line ends', 'a: 1\r\n---\r\nb: 2\r\n', ['a: 1', '---\r\nb: 2']],
    ['a marker inside a block text still ends the document', 'a: |\n  x\n---\nb: 2', ['a: |\n  x', '---\nb: 2']],
    ['three dashes inside a line are no marker', 'a: x---y\nb: "---"\n---c: 1\n', ['a: x---y\nb: "---"\n---c: 1']],
    ['a byte order mark', '\ufeffa: 1\n---\nb: 2', ['a: 1', '---\nb: 2']],
    ['a byte order mark before the only line', '\ufeffa: 1', ['a: 1']],
    ['nothing at all', ' \n# only words\n', []],
  ]
  test.each(cases)('%s', (_, text, starts) => {
    const documents = parseYaml(text)
    expect(documents.map(({ index }) => index)).toEqual(starts.map((_, index) => index))
    // What a document holds, without the marker and comments above it, is where its tree says it is.
    expect(documents.map(({ span }) => span.end > span.start)).toEqual(starts.map(() => true))
    expect(documents.map(({ root }) => text.slice(root?.span.start, root?.span.end).trim())).toEqual(
      starts.map(start => start.replace(/^(?:#.*\n|\s|---(?:\s|$)|)*/, '').trim()),
    )
  })
})

describe('scalars as the YAML 1.1 reader of Kubernetes understands them', () => {
  test.each<readonly [string, string | number | boolean | null]>([
    ['y', true],
    ['Off', false],
    ['NO', false],
    ['"yes"', 'yes'],
    ['010', 8],
    ['0x1F', 31],
    ['1_000', 1000],
    ['12e03', 12000],
    ['~', null],
    ['12:30:45', '12:30:45'],
    ['2026-03-02', '2026-03-02'],
    ['2026-03-02T08:06:00Z', '2026-03-02T08:06:00Z'],
    ['!!str 12', '12'],
    ["'it''s'", "it's"],
    ['"\\u0041"', 'A'],
  ])('%s', (written, value) => {
    const [document] = parseYaml(`key: ${written}`)
    expect(at(document?.root, ['key'])).toMatchObject({ kind: 'scalar', value })
  })
})

test.each<readonly [string, unknown]>([
  ['[fd00::, fd01::]', ['fd00::', 'fd01::']],
  ['[a:]', ['a:']],
  ['[a: ]', [{}]],
  ['[a: b]', [{ a: 'b' }]],
])('%s in brackets', (written, value) => {
  expect(plainValue(at(parseYaml(`key: ${written}`)[0]?.root, ['key']))).toEqual(value)
})

describe('anchors', () => {
  const valuesOf = (text: string) => plainValue(parseYaml(text)[0]?.root)

  test('an alias stands for the last anchor before it', () => {
    expect(valuesOf('a: &x 1\nb: *x\nc: &x 2\nd: *x')).toEqual({ a: 1, b: 1, c: 2, d: 2 })
  })

  test('an anchor may stand on a key', () => {
    expect(valuesOf('&k a: 1\nb: *k')).toEqual({ a: 1, b: 'a' })
  })

  test('what is written wins over what is merged, and the first of several sources over the later ones', () => {
    expect(valuesOf('one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nboth: {<<: [*one, *two], c: 3}')).toMatchObject({
      both: { a: 1, b: 1, c: 3 },
    })
  })

  test('a quoted "<<" is a key like others', () => {
    expect(valuesOf('"<<": {a: 1}')).toEqual({ '<<': { a: 1 } })
  })

  test('an alias without an anchor is a problem at the alias', () => {
    const text = 'a: *nowhere'
    expect(problemsOf(text)).toEqual([['BAD_ALIAS', '*nowhere']])
  })

  test('an alias to its own parent ends', () => {
    expect(valuesOf('a: &a {b: *a, c: 1}')).toEqual({ a: { c: 1 } })
  })

  test('aliases of aliases are refused before they unfold', () => {
    const levels = 'abcdefghijklmnop'.split('')
    const bomb = levels
      .map(
        (name, index) =>
          `${name}: &${name} [${Array(9)
            .fill(index === 0 ? 'x' : `*${levels[index - 1]}`)
            .join(', ')}]`,
      )
      .join('\n')
    const merging = bomb.replaceAll('[x, x, x, x, x, x, x, x, x]', '{x: 1}').replaceAll('[', '{<<: [').replaceAll(']', ']}')
    expect(problemsOf(bomb).map(([code]) => code)).toEqual(['TOO_MANY_ALIASES'])
    expect(sizeOf(parseYaml(bomb)[0]?.root)).toBeLessThan(1_000_000)
    expect(sizeOf(parseYaml(merging)[0]?.root)).toBeLessThan(1_000_000)
  })

  test('thousands of aliases of one anchor are read in a moment', () => {
    const text = `a: &a 1\nlist:\n${'  - *a\n'.repeat(20_000)}`
    expect(at(parseYaml(text)[0]?.root, ['list', 19_999])).toMatchObject({ value: 1 })
  })
})

describe('problems', () => {
  test.each([
    ['a tab as indentation', 'a:\n\tb: 1', 'TAB_AS_INDENT'],
    ['a bracket never closed', 'a: [1, 2', 'BAD_INDENT'],
    ['a quote never closed', 'a: "x', 'MISSING_CHAR'],
  ])('%s', (_, text, code) => {
    expect(problemsOf(text).map(([each]) => each)).toContain(code)
  })

  test('a repeated key is a problem where it stands again, and its last value counts', () => {
    const text = 'a: 1\nb: 2\na: 3'
    const [document] = parseYaml(text)
    expect(document?.problems).toEqual([{ code: 'DUPLICATE_KEY', detail: 'a', span: { start: 10, end: 11 } }])
    expect(at(document?.root, ['a'])).toMatchObject({ value: 3 })
  })

  test('nesting beyond all measure neither throws nor hangs', () => {
    for (const text of ['['.repeat(20_000), '{a: '.repeat(1_000), '- '.repeat(5_000), 'a: '.repeat(5_000)])
      expect(parseYaml(text).length).toBe(1)
  })

  test('tens of thousands of keys in one map are read in a moment', () => {
    const text = Array.from({ length: 30_000 }, (_, index) => `k${index}: 1`).join('\n')
    expect(at(parseYaml(text)[0]?.root, ['k29999'])).toMatchObject({ value: 1 })
  })

  test('a file of nothing but markers is read in a moment', () => {
    expect(parseYaml('---\n'.repeat(500_000))).toEqual([])
  })

  test('a document of more than a megabyte is kept without its tree, and its neighbours are read', () => {
    const documents = parseYaml(`big:\n${'  - some words to fill a line\n'.repeat(40_000)}---\nsmall: 1\n`)
    expect(documents.map(({ root }) => root !== undefined)).toEqual([false, true])
  })
})

describe('templates', () => {
  test.each([
    ['Helm', 'a: {{ .Values.a }}'],
    ['Helm block', '{{- if .Values.on }}\na: 1\n{{- end }}'],
    ['Jinja', '{% if a %}\na: 1\n{% endif %}'],
    ['gomplate', 'a: {{< include "x" >}}'],
    ['ytt', '#@ load("@ytt:data", "data")\na: 1'],
    ['Terraform', '%{ for a in b }\na: 1\n%{ endfor }'],
    ['ytt behind a dash', 'a:\n- #@ value()'],
    ['a block opened in a comment, as Helm does', '# {{- if .Values.on }}\na: 1'],
    ['a placeholder that breaks a flow map', 'a: {\n  host: ${host}\n}'],
  ])('%s', (_, text) => {
    expect(parseYaml(text).map(({ templated }) => templated)).toEqual([true])
  })

  test.each([
    ['path templates', 'paths: ["/a/{*}", "/b/{**}"]'],
    ['a placeholder that is YAML', 'host: ${host}'],
    ['an expression in a comment', 'a: 1 # written as {{ .Values.a }} in the chart\n# {{ x }}'],
    ['double brackets', 'a: "((a|b))"'],
    ['broken text', 'a: {\n'],
  ])('not %s', (_, text) => {
    expect(parseYaml(text).map(({ templated }) => templated)).toEqual([false])
  })

  test('another document of the file is judged on its own', () => {
    expect(parseYaml('a: {{ .Values.a }}\n---\nb: 1').map(({ templated }) => templated)).toEqual([true, false])
  })
})

test('JSON is read like YAML', () => {
  const [document] = parseYaml('{\n\t"spec": { "mtls": { "mode": "STRICT" } }\n}')
  expect(document?.problems).toEqual([])
  expect(stringAt(document?.root, 'spec', 'mtls', 'mode')).toEqual({ value: 'STRICT', span: { start: 31, end: 39 } })
})

describe('whatever the text', () => {
  test('reading again through a cache gives what reading anew gives, spans included', () => {
    fc.assert(
      fc.property(arbitraryYaml, fc.array(fc.tuple(fc.nat(), fc.nat(20), arbitraryYaml), { maxLength: 5 }), (first, edits) => {
        const cache: ParseCache = new Map()
        let text = first
        expect(parseYaml(text, cache)).toEqual(parseYaml(text))
        for (const [place, removed, inserted] of edits) {
          const offset = place % (text.length + 1)
          text = text.slice(0, offset) + inserted + text.slice(offset + removed)
          expect(parseYaml(text, cache)).toEqual(parseYaml(text))
        }
      }),
    )
  })

  test('an edit in one document reads only that one again', () => {
    const cache: ParseCache = new Map()
    const text = ['a: 1', 'b: 2', 'c: 3'].join('\n---\n')
    parseYaml(text, cache)
    const before = new Map(cache)
    parseYaml(text.replace('b: 2', 'b: 4'), cache)
    expect([...cache].filter(([source, chunks]) => before.get(source) === chunks).map(([source]) => source)).toEqual([
      'a: 1\n',
      '---\nc: 3',
    ])
  })

  test('spans lie inside the text, inside their document, and around what they name', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryYaml, fc.string({ unit: 'binary', maxLength: 60 })), text => {
        for (const document of parseYaml(text)) {
          for (const { span } of [document, ...document.problems]) {
            expect(span.start).toBeGreaterThanOrEqual(0)
            expect(span.end).toBeGreaterThanOrEqual(span.start)
          }
          expect(document.span.end).toBeLessThanOrEqual(text.length)
          for (const node of nodesOf(document)) {
            expect(node.span.start).toBeGreaterThanOrEqual(document.span.start)
            expect(node.span.end).toBeLessThanOrEqual(document.span.end)
            const written = text.slice(node.span.start, node.span.end)
            if (node.kind === 'scalar' && !node.quoted && !/[\r\n]/.test(written) && !written.startsWith('*'))
              expect(written.trim()).toBe(node.text.trim())
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

function problemsOf(text: string): readonly (readonly [code: string, written: string])[] {
  return parseYaml(text).flatMap(({ problems }) => problems.map(({ code, span }) => [code, text.slice(span.start, span.end)] as const))
}

function* nodesOf({ root }: YamlDocument): Generator<Node> {
  const seen = new Set<Node>()
  const open = root ? [root] : []
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    yield node
    if (node.kind === 'sequence') open.push(...node.items.filter(item => item !== undefined))
    if (node.kind === 'mapping') for (const { key, value } of node.entries) open.push(key, ...(value ? [value] : []))
  }
}

/** Nodes that a reader without memory visits. */
function sizeOf(root: Node | undefined): number {
  if (!root || root.kind === 'scalar') return 1
  const children = root.kind === 'sequence' ? root.items : root.entries.map(({ value }) => value)
  return children.reduce((sum, child) => sum + sizeOf(child), 1)
}

function plainValue(node: Node | undefined): unknown {
  if (!node) return null
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'sequence') return node.items.map(plainValue)
  return Object.fromEntries(node.entries.flatMap(({ key, value }) => (value ? [[key.text, plainValue(value)]] : [])))
}
