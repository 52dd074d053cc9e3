// Rules of CRDs over values of documents: what the API server would say, or silence.
import { describe, expect, test } from 'vitest'
import { cel } from '../../../../../server/src/core/istio/cel/cel.ts'
import { isTold } from '../../../../../server/src/core/istio/cel/rules.ts'
import { type CelValue, celValue } from '../../../../../server/src/core/istio/cel/value.ts'
import { admits, readOpenApi } from '../../../../../server/src/core/istio/openApi.ts'
import { parseYaml } from '../../../../../server/src/core/yaml/parse.ts'
import { fromJson } from '../../../../../server/src/core/yaml/tree.ts'

const text = { type: 'string' }
const integer = { type: 'integer' }
const number = { type: 'number' }
const object = (properties: object) => ({ type: 'object', properties })

function schemaOf(json: object) {
  const node = fromJson(json)
  if (!node) throw new Error('a schema is an object')
  return readOpenApi(node, undefined)
}

function valueIn(yaml: string, schema: object): CelValue | undefined {
  const root = parseYaml(yaml)[0]?.root
  return root && celValue(root, schemaOf(schema))
}

describe('a rule', () => {
  test.each([
    // Whole numbers are ints: / and % are theirs.
    ['self % 2 == 0', '{ a: 8 }', object({ a: integer }), 'self.a % 2 == 0', true],
    ['integer division', '{ a: 7 }', object({ a: integer }), 'self.a / 2 == 3', true],
    ['a whole double', '{ a: 7 }', object({ a: number }), 'self.a / 2.0 == 3.5', true],
    ['a double is no int', '{ a: 7 }', object({ a: number }), 'self.a % 2 == 1', undefined],
    ['int or string', '{ a: 7, b: "7" }', object({ a: { 'x-kubernetes-int-or-string': true }, b: {} }), 'string(self.a) == self.b', true],
    ['presence', '{ a: x }', object({ a: text, b: text }), 'has(self.a) && !has(self.b)', true],
    ['a null is not there', '{ a: null }', object({ a: text }), '!has(self.a)', true],
    ['what is unknown is pruned', '{ a: x, b: y }', object({ a: text }), '!has(self.b)', true],
    ['a reserved word', '{ namespace: x }', object({ namespace: text }), "self.__namespace__ == 'x'", true],
    ['a dash', '{ a-b: x }', object({ 'a-b': text }), "self.a__dash__b == 'x'", true],
    ['keys of a map stay', '{ a-b: x }', { type: 'object', additionalProperties: text }, "self['a-b'] == 'x'", true],
    ['a list', '[a, b]', { type: 'array', items: text }, "self.exists(each, each == 'b') && self.size() == 2", true],
    ['a pattern', 'abc', text, "self.matches('^[a-c]+$')", true],
    ['a broken one', 'abd', text, "self.matches('^[a-c]+$')", false],
    ['strings of Kubernetes', 'a,b', text, "self.split(',').size() == 2", true],
    // Nobody here can tell.
    ['a field that is missing', '{ }', object({ a: text }), "self.a == 'x'", undefined],
    ['a function of Kubernetes', 'https://a', text, "url(self).getScheme() == 'http'", undefined],
    ['quantities', '1Gi', text, "quantity(self).isLessThan(quantity('1Mi'))", undefined],
    ['a syntax that is not known', '{ }', object({ a: text }), "self.?a.orValue('') == 'x'", undefined],
    ['not a CEL expression', 'a', text, 'self ==', undefined],
    ['names that JavaScript has', '{ a: x }', object({ a: text, constructor: text }), 'has(self.constructor)', false],
  ])('%s', (_, yaml, schema, rule, expected) => {
    const self = valueIn(yaml, schema)
    expect(self).toBeDefined()
    expect(self === undefined ? undefined : cel.evaluate(rule, self)).toBe(expected)
  })
})

describe('a value that is not known', () => {
  test.each([
    ['a placeholder', '{ a: "{{ .Values.a }}" }', object({ a: text })],
    ['a key that is filled in', '{ "{{ .Values.a }}": b }', { type: 'object', additionalProperties: text }],
    ['of another type', '{ a: [b] }', object({ a: text })],
    ['a number in place of a text', '{ a: 1 }', object({ a: text })],
    ['a null that may be there', '{ a: null }', object({ a: { ...text, nullable: true } })],
    ['a default', '{ }', object({ a: { ...text, default: 'x' } })],
    ['a time', '{ a: "2026-01-01T00:00:00Z" }', object({ a: { ...text, format: 'date-time' } })],
    ['too large for an exact number', '{ a: 90071992547409931 }', object({ a: integer })],
    ['too much to look through', `[${'a, '.repeat(600)}]`, { type: 'array', items: text }],
  ])('%s', (_, yaml, schema) => {
    expect(valueIn(yaml, schema)).toBeUndefined()
  })
})

test('a word of the CRD is no placeholder', () => {
  expect(valueIn('ISTIO_MUTUAL', { ...text, enum: ['ISTIO_MUTUAL'] })).toBe('ISTIO_MUTUAL')
})

test.each([
  ['a field', object({ a: text }), 'a', true],
  ['no field', object({ a: text }), 'b', false],
  ['a key of a map', { type: 'object', additionalProperties: text }, 'b', true],
  ['any key', { type: 'object', additionalProperties: true }, 'b', true],
  ['what is preserved', { ...object({ a: text }), 'x-kubernetes-preserve-unknown-fields': true }, 'b', true],
  ['no types at all', {}, 'b', true],
])('%s is admitted or not', (_, schema, key, expected) => {
  expect(admits(schemaOf(schema), key)).toBe(expected)
})

test.each([
  ["duration(self) >= duration('1ms')", true],
  ['duration( self )  >= duration("1ms")', true],
  ["duration(self) >= duration('2ms')", false],
])('whether %s is told by a rule', (rule, expected) => {
  expect(isTold(rule)).toBe(expected)
})

describe('a text is an expression up to', () => {
  test.each([
    // Errors of the library.
    ['response.code => 400', 14],
    ['response.code >=', 14],
    ['(a', 2],
    ['a.?b', 1],
    // What it reads and cel-go refuses.
    ['has(a)', 0],
    ['!has(a["b"])', 1],
    ['[1].all(1, true)', 3],
    ['a.map(b.c, true, b)', 1],
    ['a == "\\d"', 5],
    ['a == 9223372036854775809', 5],
    ['a == 18446744073709551616u', 5],
    ['a == 1e999', 5],
    // What both read.
    ['has(a.b) && c.all(d, d > 1)', undefined],
    ['a == r"\\d" || a == "\\\\d\\n\\u00e9"', undefined],
    ['a == -9223372036854775808', undefined],
    ['a.has(b)', undefined],
    // What cel-go reads and the library does not.
    ['a // b', undefined],
    ['a.`b-c`', undefined],
    ['- -a', undefined],
    ['-1u', undefined],
    ['f( )', undefined],
    ['[ , ]', undefined],
    ['trueish', undefined],
    ['as{}', undefined],
  ])('%s: %s', (expression, expected) => {
    expect(cel.errorAt(expression)).toBe(expected)
  })
})
