// Whatever stands in an editor: never an exception, never a flood. The times are printed, not judged.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeActions } from '../../../../server/src/core/features/codeActions.ts'
import { codeLenses, resolveLens } from '../../../../server/src/core/features/codeLens.ts'
import { completion } from '../../../../server/src/core/features/completion.ts'
import { diagnostics } from '../../../../server/src/core/features/diagnostics.ts'
import { hover } from '../../../../server/src/core/features/hover.ts'
import { inlayHints } from '../../../../server/src/core/features/inlayHints.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { check } from '../../../../server/src/core/rules/run.ts'
import { arbitraryYaml } from '../yaml/arbitrary.ts'

const policy = 'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: pay, namespace: shop }\nspec:\n  rules:\n'
const rule = '    - from: [{ source: { principals: [cluster.local/ns/shop/sa/web] } }]\n'

test.each<readonly [name: string, text: string, mostFindings: number]>([
  ['a policy of 5 MB, which is too large to be judged', policy + rule.repeat(70_000), 1],
  ['2,000 policies', `${policy}${rule}---\n`.repeat(2_000), 0],
  ['JSON that is no Kubernetes object', JSON.stringify(Array.from({ length: 8_000 }, (_, index) => ({ index, words: ['x'] }))), 0],
  ['YAML that is no Kubernetes object', 'services:\n  web: { image: nginx }\n'.repeat(2_000), 0],
  ['Helm templates', `{{- if .Values.on }}\n${policy}${rule}{{- end }}\n---\n`.repeat(500), 0],
  ['tabs everywhere', `${policy}${rule}`.replaceAll('  ', '\t'), 10],
  ['brackets without end', `${policy}    - from: ${'['.repeat(10_000)}`, 10],
  ['aliases of aliases', `${policy}    - &a {}\n${'    - *a\n'.repeat(8_000)}`, 1],
])(
  '%s',
  (name, text, mostFindings) => {
    const started = performance.now()
    const file = readFile('file:///a.yaml', text)
    const mesh = buildMesh({ files: file.resources, closedWorld: false })
    const findings = check(file, mesh, { severities: {}, structure: 'all' })
    const judged = performance.now()
    const offsets = [0, 0.3, 0.6, 0.99].map(part => Math.floor(text.length * part))
    for (const offset of offsets) hover(file, mesh, offset, { fields: true })
    const hovered = performance.now()
    for (const offset of offsets) completion(text, offset, mesh, { snippets: true, fields: true })
    const completed = performance.now()
    const each = (from: number, to: number) => `${Math.round((to - from) / offsets.length)} ms`
    console.log(
      `${name}: ${(text.length / 1e6).toFixed(2)} MB, read and judged in ${Math.round(judged - started)} ms, hover ${each(judged, hovered)}, completion ${each(hovered, completed)}`,
    )
    expect(findings.length).toBeLessThanOrEqual(mostFindings)
  },
  30_000,
)

test('no text and no place in it throws', () => {
  const frame = fc.constantFrom(
    '',
    policy,
    policy.replace('AuthorizationPolicy', 'PeerAuthentication').replace('  rules:\n', '  mtls: { mode: PERMISSIVE }\n'),
    'apiVersion: v1\nkind: List\nitems:\n',
  )
  fc.assert(
    fc.property(frame, arbitraryYaml, (before, rest) => {
      const text = before + rest
      const file = readFile('file:///a.yaml', text)
      const mesh = buildMesh({ files: file.resources, closedWorld: true })
      const found = diagnostics(file, check(file, mesh, { severities: {}, structure: 'all' }), () => undefined)
      for (const lens of codeLenses(file, mesh)) resolveLens(lens, file, mesh)
      inlayHints(file, mesh, file.lines.range({ start: 0, end: text.length }))
      for (let offset = 0; offset <= text.length; offset += 3) {
        hover(file, mesh, offset, { fields: true })
        completion(text, offset, mesh, { snippets: false, fields: true })
        codeActions(file, mesh, file.lines.range({ start: offset, end: offset }), found)
      }
    }),
    { numRuns: 40 },
  )
}, 30_000)
