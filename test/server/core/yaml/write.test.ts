import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'
import type { Node, Span } from '../../../../server/src/core/yaml/tree.ts'
import { writeYaml } from '../../../../server/src/core/yaml/write.ts'

test('block YAML, as people write it', () => {
  const value = {
    kind: 'AuthorizationPolicy',
    metadata: { name: 'pay', labels: {}, creationTimestamp: '2026-11-01T08:00:00Z' },
    spec: {
      rules: [{ to: [{ operation: { ports: ['80'], paths: ['/a b', ''] } }] }, {}],
      action: 'on',
      port: 80,
      none: null,
      list: [[1, 2]],
    },
  }
  expect(writeYaml(value).text).toBe(`kind: AuthorizationPolicy
metadata:
  name: pay
  labels: {}
  creationTimestamp: "2026-11-01T08:00:00Z"
spec:
  rules:
    - to:
        - operation:
            ports:
              - "80"
            paths:
              - "/a b"
              - ""
    - {}
  action: "on"
  port: 80
  none: null
  list:
    - - 1
      - 2
`)
})

test('what reorders or hides text is written out', () => {
  expect(writeYaml({ name: 'a\u202eb\u2028\u0085' }).text).toBe('name: "a\\u202eb\\u2028\\u0085"\n')
})

const json = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'y',
      'no',
      'null',
      '~',
      '010',
      '1e3',
      '0x1f',
      '1:30',
      '-',
      '- a',
      'a: b',
      '#',
      '%',
      '@',
      '2026-11-21',
      '<<',
      '=',
      '.5',
      '*',
      '&a',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
  ),
})).value

/** The tree as it is compared: with its places, but for the ends of collections, to which a reader counts the line break behind. */
function shape(node: Node | undefined): unknown {
  if (!node) return null
  if (node.kind === 'scalar') return [node.value, node.span]
  if (node.kind === 'sequence') return node.items.map(shape)
  return node.entries.map(({ key, value, span }) => [key.text, key.span, shape(value), span.start])
}

test('its tree is the one that a reader of the text gets, places included', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), json, { minKeys: 1, maxKeys: 3 }), value => {
      const { text, root } = writeYaml(value)
      const [document, ...more] = parseYaml(text)
      fc.pre(document?.templated === false)
      expect(more).toEqual([])
      expect(document?.problems).toEqual([])
      expect(shape(document?.root)).toEqual(shape(root))
    }),
    { numRuns: 500 },
  )
})

test('a span is where the value stands', () => {
  const { text, root } = writeYaml({ spec: { mtls: { mode: 'STRICT' } } })
  const spans: Span[] = []
  const visit = (node: Node | undefined): void => {
    if (node?.kind === 'mapping') for (const { value } of node.entries) visit(value)
    else if (node) spans.push(node.span)
  }
  visit(root)
  expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual(['STRICT'])
})
