import { expect, test } from 'vitest'
import { DiagnosticSeverity } from 'vscode-languageserver-types'
import { diagnostics } from '../../../../server/src/core/features/diagnostics.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { check } from '../../../../server/src/core/rules/run.ts'

const text = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from: [{ source: { principals: ["*𝒳", spiffe://cluster.local/ns/shop/sa/web] } }]
`
const file = readFile('file:///pay.yaml', text)
const found = (severities = {}) =>
  diagnostics(
    file,
    check(file, buildMesh({ files: file.resources, closedWorld: false }), { severities, structure: 'all' }),
    rule => `https://example.org/rules#${rule}`,
  )

test('a finding becomes a diagnostic with its place, its rule, its documentation and its fixes', () => {
  const range = { start: { line: 5, character: 45 }, end: { line: 5, character: 82 } }
  expect(found()).toEqual([
    {
      range,
      severity: DiagnosticSeverity.Error,
      source: 'istio-security',
      code: 'spiffe-prefix',
      codeDescription: { href: 'https://example.org/rules#spiffe-prefix' },
      message: '"spiffe://cluster.local/ns/shop/sa/web" never matches: Istio adds "spiffe://" itself. Remove the prefix.',
      data: { fixes: [{ title: 'Remove "spiffe://"', edits: [{ range, newText: 'cluster.local/ns/shop/sa/web' }] }] },
    },
  ])
})

test.each([
  ['warning', [DiagnosticSeverity.Warning]],
  ['info', [DiagnosticSeverity.Information]],
  ['hint', [DiagnosticSeverity.Hint]],
  ['off', []],
])('the setting %s is obeyed', (severity, expected) => {
  expect(found({ 'spiffe-prefix': severity }).map(each => each.severity)).toEqual(expected)
})

test('the items of a List are judged, each under its own name', () => {
  const item = text.replaceAll(/^/gm, '    ').replace('    api', '  - api').trimEnd()
  const list = readFile(
    'file:///list.yaml',
    `apiVersion: v1\nkind: List\nitems:\n${item}\n${item.replace('pay', 'second').replace('rules:', 'ruls:')}\n`,
  )
  const findings = check(list, buildMesh({ files: list.resources, closedWorld: false }), { severities: {}, structure: 'all' })
  expect(findings.map(({ rule, object }) => [rule, object.name])).toEqual([
    ['spiffe-prefix', 'pay'],
    ['unknown-field', 'second'],
  ])
})
