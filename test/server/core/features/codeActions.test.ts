import { describe, expect, test } from 'vitest'
import type { CodeAction } from 'vscode-languageserver-types'
import { codeActions } from '../../../../server/src/core/features/codeActions.ts'
import { diagnostics } from '../../../../server/src/core/features/diagnostics.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { check } from '../../../../server/src/core/rules/run.ts'
import { applyEdits } from '../../../../server/src/core/yaml/edit.ts'
import { cursor } from '../../../support/cursor.ts'
import { cluster } from '../../../support/mesh.ts'
import { legacy, shop } from './worlds.ts'

const uri = 'file:///policy.yaml'
const settings = { severities: {}, structure: 'all' } as const

const namespaceWide = (mode: string) => `# Owned by the platform team.
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: ${mode} # since the migration
`
const ofCheckout = (mode: string) =>
  namespaceWide(mode)
    .replace('name: default', 'name: checkout')
    .replace('spec:\n', 'spec:\n  selector:\n    matchLabels:\n      app: checkout\n')

describe('the way to STRICT', () => {
  test('at once, where nothing stands in the way', () => {
    const [only, ...more] = actionsAt(namespaceWide('<|>PERMISSIVE'), shop)
    expect(more).toEqual([])
    expect([only?.title, only?.isPreferred]).toEqual(['Set STRICT', true])
    expect(applied(namespaceWide('PERMISSIVE'), only)).toBe(namespaceWide('STRICT'))
  })

  test('a namespace policy keeps the workload that has plaintext callers PERMISSIVE in a policy of its own', () => {
    const [staged, atOnce, ...more] = actionsAt(namespaceWide('<|>PERMISSIVE'), shop + legacy)
    expect(more).toEqual([])
    expect([staged?.title, staged?.isPreferred]).toEqual(['Set STRICT, keep checkout PERMISSIVE in a policy of its own', true])
    expect([atOnce?.title, atOnce?.isPreferred]).toEqual(['Set STRICT at once: legacy will be refused', false])
    expect(applied(namespaceWide('PERMISSIVE'), staged)).toBe(`${namespaceWide('STRICT')}---
# PERMISSIVE while legacy has no proxy and can call checkout only in plaintext.
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: checkout-plaintext
  namespace: shop
spec:
  selector:
    matchLabels:
      app: checkout
  mtls:
    mode: PERMISSIVE
`)
  })

  test('a workload policy keeps the port that has plaintext callers PERMISSIVE', () => {
    const [staged] = actionsAt(ofCheckout('<|>PERMISSIVE'), shop + legacy)
    expect(staged?.title).toBe('Set STRICT, keep port 8080 PERMISSIVE for legacy')
    expect(
      applied(ofCheckout('PERMISSIVE'), staged),
    ).toBe(`${ofCheckout('STRICT')}  # PERMISSIVE while legacy has no proxy and can call checkout only in plaintext.
  portLevelMtls:
    8080:
      mode: PERMISSIVE
`)
  })

  test('a Service that opens the workload to the outside is a reason too', () => {
    const [staged] = actionsAt(
      ofCheckout('<|>PERMISSIVE'),
      shop.replace('spec: { selector: { app: checkout }', 'spec: { type: LoadBalancer, selector: { app: checkout }'),
    )
    expect(staged?.title).toBe('Set STRICT, keep port 8080 PERMISSIVE for callers of Service checkout from outside')
  })

  test('from DISABLE, PERMISSIVE comes first', () => {
    const [first, atOnce] = actionsAt(namespaceWide('<|>DISABLE'), shop)
    expect([first?.title, first?.isPreferred]).toEqual(['Set PERMISSIVE first: clients learn to send mTLS before STRICT demands it', true])
    expect(applied(namespaceWide('DISABLE'), first)).toBe(namespaceWide('PERMISSIVE'))
    expect([atOnce?.title, atOnce?.isPreferred]).toEqual(['Set STRICT', false])
  })

  test.each([
    ['STRICT', namespaceWide('<|>STRICT'), shop],
    ['a mode that inherits', namespaceWide('<|>UNSET'), shop],
    ['a policy that istiod ignores', ofCheckout('<|>PERMISSIVE').replace('namespace: shop', 'namespace: istio-system'), shop],
    ['a line that is not about the mode', namespaceWide('PERMISSIVE').replace('namespace: shop', 'namespace: <|>shop'), shop],
    ['another document', `${namespaceWide('PERMISSIVE')}---\n<|>a: 1\n`, shop],
  ])('nothing for %s', (_, marked, world) => {
    expect(actionsAt(marked, world)).toEqual([])
  })

  test.each([
    [
      'in JSON',
      '{"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": {"name": "default", "namespace": "shop"},\n"spec": {"mtls": {\n<|>"mode": "PERMISSIVE"}}}',
    ],
    [
      'in flow style',
      '{ apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: { name: default, namespace: shop },\nspec: { mtls: { mode: <|>PERMISSIVE } } }\n',
    ],
  ])('%s no document is added', (_, marked) => {
    expect(actionsAt(marked, shop + legacy).map(({ title }) => title)).toEqual(['Set STRICT at once: legacy will be refused'])
  })

  test.each([
    ['Windows line ends', namespaceWide('<|>PERMISSIVE').replaceAll('\n', '\r\n')],
    ['Windows line ends and a selector', ofCheckout('<|>PERMISSIVE').replaceAll('\n', '\r\n')],
    ['no line end', namespaceWide('<|>PERMISSIVE').trimEnd()],
    ['quotes', namespaceWide('<|>"PERMISSIVE"')],
    [
      'flow style',
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { matchLabels: { app: checkout } }, mtls: { mode: <|>PERMISSIVE } }\n',
    ],
    [
      'another document below',
      `${namespaceWide('<|>PERMISSIVE')}---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: late, namespace: shop }\n`,
    ],
    [
      'JSON',
      '{"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": {"name": "default", "namespace": "shop"},\n"spec": {"mtls": {"mode": \n<|>"PERMISSIVE"}}}',
    ],
    [
      'mtls after other fields',
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: checkout, namespace: shop }\nspec:\n  mtls: { mode: <|>PERMISSIVE }\n  selector: { matchLabels: { app: checkout } }\n',
    ],
  ])('every way out of %s parses, means STRICT and leaves no finding', (_, marked) => {
    const { text } = cursor(marked)
    const actions = actionsAt(marked, shop + legacy)
    for (const action of actions) {
      const { file, findings } = judged(applied(text, action), shop + legacy)
      const [policy] = file.resources.filter(each => each.kind === 'PeerAuthentication')
      expect(policy?.mode?.value, action.title).toBe('STRICT')
      expect(file.documents.flatMap(({ problems }) => problems)).toEqual([])
      // The neighbour without a proxy stays a finding until somebody gives it one.
      expect(findings.filter(({ rule }) => rule !== 'strict-without-proxy')).toEqual([])
    }
    expect(actions.length).toBeGreaterThan(0)
  })
})

describe('fixes of findings', () => {
  const wrong = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            princpals: # the callers
              - 'spiffe://cluster.local/ns/shop/sa/frontend'
`
  test('each belongs to its diagnostic, and comments and quotes stay', () => {
    const [first, ...more] = actionsAt(wrong.replace('princpals', '<|>princpals'), shop)
    expect(more).toEqual([])
    expect([first?.title, first?.isPreferred, first?.diagnostics?.map(({ code }) => code)]).toEqual([
      'Use "principals"',
      true,
      ['unknown-field'],
    ])
    const named = applied(wrong, first)
    expect(named).toBe(wrong.replace('princpals', 'principals'))
    const [second] = actionsAt(named.replace('spiffe', '<|>spiffe'), shop)
    expect(second?.title).toBe('Remove "spiffe://"')
    expect(judged(applied(named, second), shop).findings).toEqual([])
    expect(applied(named, second)).toContain("- 'cluster.local/ns/shop/sa/frontend'")
  })

  test('none where the pointer is elsewhere', () => {
    expect(actionsAt(wrong.replace('name: pay', 'name: <|>pay'), shop)).toEqual([])
  })
})

function judged(text: string, world: string) {
  const file = readFile(uri, text)
  const mesh = buildMesh({ files: file.resources, cluster: cluster(world), closedWorld: false })
  return { file, mesh, findings: check(file, mesh, settings) }
}

function actionsAt(marked: string, world: string): readonly CodeAction[] {
  const { text, offset } = cursor(marked)
  const { file, mesh, findings } = judged(text, world)
  return codeActions(
    file,
    mesh,
    file.lines.range({ start: offset, end: offset }),
    diagnostics(file, findings, () => undefined),
  )
}

function applied(text: string, action: CodeAction | undefined): string {
  const { lines } = readFile(uri, text)
  const edits = action?.edit?.changes?.[uri] ?? []
  return applyEdits(
    text,
    edits.map(({ range, newText }) => ({ span: { start: lines.offset(range.start), end: lines.offset(range.end) }, newText })),
  )
}
