// Texts made to take long, or to be taken for something else: each gets its answer, and soon.
import { describe, expect, test } from 'vitest'
import { hover } from '../../../../server/src/core/features/hover.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { check } from '../../../../server/src/core/rules/run.ts'
import { everything, judged } from './fixture.ts'

const policy = 'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: a\n  namespace: b\n'
const routes = 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: a, namespace: b }\nspec:\n  hosts:\n'
const times = (count: number, write: (index: number) => string) => Array.from({ length: count }, (_, index) => write(index)).join('')

/** Far more than each takes, and far less than what grows with the square takes. */
const seconds = 10_000

test.each([
  ['nested lists', `${policy}spec: ${'['.repeat(5000)}${']'.repeat(5000)}\n`],
  ['nested maps', `${policy}spec: ${'{a: '.repeat(5000)}1${'}'.repeat(5000)}\n`],
  ['dashes', `${policy}spec: ${'- '.repeat(50_000)}a\n`],
  ['unknown keys', `${policy}spec:\n${times(20_000, index => `  key${index}: 1\n`)}`],
  ['repeated keys', `${policy}${times(20_000, () => 'spec: {}\n')}`],
  ['merged keys', `${policy}x: &x { a: 1 }\nspec:\n${times(10_000, index => `  <<: *x\n  k${index}: 1\n`)}`],
  [
    'aliases of aliases',
    `${policy}a0: &a0 [x]\n${times(30, index => `a${index + 1}: &a${index + 1} [${times(9, () => `*a${index},`)}]\n`)}`,
  ],
  ['empty rules', `${policy}spec:\n  rules:\n${times(20_000, () => '  -\n')}`],
  ['comments that silence', `${policy}spec:\n${times(5000, index => `  # istio-security: ignore unknown-field\n  k${index}: 1\n`)}`],
  ['template comments', `${policy}# ${'{{ a '.repeat(20_000)}\n`],
  ['Go comments in a line', `${policy}spec: {}\n${'{{/*a*/}}'.repeat(5000)}x\n`],
  ['braces', `${policy}spec: ${'{'.repeat(50_000)}\n`],
  ['documents', times(2000, () => `${policy}spec: { x: 1 }\n---\n`)],
  ['a long path', `${policy}spec: { rules: [{ to: [{ operation: { paths: ["${'[0-0'.repeat(20_000)}"] } }] }] }\n`],
  ['lines in a quote that closes too late', `${policy}spec: "a\n${'  a\n'.repeat(50_000)}"\n`],
  ['lines in a quote that never closes', `${policy}spec: "a\n${'  a\n'.repeat(50_000)}`],
  ['words in a brace that never closes', `${policy}spec: {${'a b, '.repeat(5000)}\n`],
  ['lines in a bracket that never closes', `${policy}spec: [\n${'  a,\n'.repeat(20_000)}`],
  ['a bracket at the end', `${policy}spec: [`],
  ['stars in a namespace', `${policy}spec: { rules: [{ from: [{ source: { namespaces: ["${'*a'.repeat(20_000)}*"] } }] }] }\n`],
  ['labels', `${policy}spec:\n  selector:\n    matchLabels:\n${times(20_000, index => `      k${index}: v\n`)}`],
  ['hosts', `${routes}${times(20_000, index => `    - a${index}.example.com\n`)}`],
  ['hosts with a wildcard', `${routes}${times(20_000, index => `    - "*.a${index}.example.com"\n`)}`],
  ['a long key', `${policy}spec: { ? "${'a'.repeat(100_000)}" : 1 }\n`],
])('%s', { timeout: seconds }, (_, text) => {
  for (const { span } of judged(text, true).findings) {
    expect(span.end).toBeLessThanOrEqual(text.length)
    expect(span.end).toBeGreaterThan(span.start)
  }
})

test.each([
  ['a quote that never closes', `${policy}spec: "a\n  b\n`, '"', 'This quote is never closed'],
  ['a brace that never closes', `${policy}spec: { a: b\n`, '{', 'YAML finds no end of this bracket'],
  ['the inner of two brackets', `${policy}spec: { a: [b, c }\n`, '[', 'YAML finds no end of this bracket'],
  ['the outer of two brackets', `${policy}spec: { a: [b]\nx: y\n`, '{', 'YAML finds no end of this bracket'],
])('%s is told where it opens', (_, text, opening, message) => {
  const [first] = judged(text, true).findings.filter(({ rule }) => rule === 'yaml-syntax')
  expect(first?.message).toContain(message)
  expect([first?.span.start, text.slice(first?.span.start, first?.span.end)]).toEqual([text.lastIndexOf(opening), opening])
})

describe('a document that is not read says so at its first line, if it is one of Istio', () => {
  const found = (text: string, longestDocument = 200) => {
    const file = readFile('file:///long.yaml', text, { longestDocument })
    const findings = check(file, buildMesh({ files: file.resources, closedWorld: false }), everything)
    return findings.map(({ rule, severity, span }) => `${severity} ${rule}: ${text.slice(span.start, span.end)}`)
  }
  const filler = `# ${'x'.repeat(300)}\n`
  const item = '{"apiVersion":"security.istio.io/v1","kind":"AuthorizationPolicy"}'
  const told = 'info document-too-large: '

  test.each<readonly [name: string, text: string, first: readonly string[]]>([
    ['an object', `# A\n---\n${policy}${filler}`, [`${told}apiVersion: security.istio.io/v1`]],
    ['an item of a List', `apiVersion: v1\nkind: List\nitems:\n- ${policy.replaceAll('\n', '\n  ')}\n${filler}`, [`${told}apiVersion: v1`]],
    [
      'JSON in one line',
      `{"kind":"List","items":[${item},${item},${item},${item}]}`,
      [`${told}{"kind":"List","items":[${item},${item}`.slice(0, 100 + told.length)],
    ],
    ['another kind', `apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    ${policy.replaceAll('\n', '\n    ')}\n${filler}`, []],
    [
      'comments that silence others',
      `${policy}# istio-security: ignore unknown-field x\n${filler}`,
      [`${told}apiVersion: security.istio.io/v1`],
    ],
    ['one beside a short one', `${policy}---\n${policy}${filler}`, [`${told}apiVersion: security.istio.io/v1`]],
  ])('%s', (_, text, first) => expect(found(text)).toEqual(first))

  test('a comment silences it', () => {
    expect(found(`# istio-security: ignore document-too-large generated\n${policy}${filler}`)).toEqual([])
  })
})

test('names of Object are names like others', () => {
  const text = `${policy}  labels: { __proto__: a, constructor: b }\n__proto__: { polluted: yes }\nspec: { __proto__: { action: DENY }, constructor: 1, action: toString }\n`
  const unknown = judged(text, true).findings.filter(({ rule }) => rule === 'unknown-field')
  expect(unknown.map(({ span }) => text.slice(span.start, span.end))).toEqual(['__proto__', '__proto__', 'constructor'])
  expect('polluted' in {}).toBe(false)
})

test('a name cannot bring a link, an image or a control character into a hover', () => {
  const name = JSON.stringify('[x](command:evil) ![i](https://e/i.png) www.e.org a@e.org <img src=x> \u001b[31m \u009b31m \u2028 \u202e')
  const { file, mesh } = judged(
    `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: ${name}, namespace: b }\n`,
    true,
  )
  const contents = hover(file, mesh, file.text.indexOf('AuthorizationPolicy'), { fields: true })?.contents
  const shown = JSON.stringify(contents)
  expect(shown).toContain('command:evil')
  expect(shown).not.toMatch(/(?<!\\)\]\(|(?<!\\)<img|https:\/\/|www\.e|a@e|\\u001b|\\u009b|\u2028|\u202e/)
})
