import { describe, expect, test } from 'vitest'
import type { MarkupContent } from 'vscode-languageserver-types'
import { hover } from '../../../../server/src/core/features/hover.ts'
import { escapeMarkdown } from '../../../../server/src/core/features/markdown.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { cursor } from '../../../support/cursor.ts'
import { cluster } from '../../../support/mesh.ts'
import { legacy, shop } from './worlds.ts'

const policy = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: checkout-callers, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/frontend] } }]
      to: [{ operation: { methods: [GET, POST], paths: [/cart*], ports: ["8080"] } }]
`
const peer = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`

describe('on an AuthorizationPolicy', () => {
  test.each([
    ['kind', policy.replace('AuthorizationPolicy', 'Authorization<|>Policy')],
    ['name', policy.replace('checkout-callers', 'checkout<|>-callers')],
    ['the key of the name', policy.replace('{ name', '{ na<|>me')],
  ])('its %s says whom it admits, to what, and what follows', (_, marked) => {
    const text = hoverText(marked)
    expect(text).toContain('**ALLOW · shop/checkout-callers → 1 workload, 1 pod: checkout**')
    expect(text).toContain(String.raw`- frontend (shop) · GET, POST /cart\* port 8080`)
    expect(text).toContain('Everyone else is refused: this is the only ALLOW policy of checkout.')
    expect(text).toContain('Enforced by the sidecar.')
  })

  test('with nothing known about the cluster it concludes nothing from that', () => {
    const text = hoverText(policy.replace('kind: ', 'kind: <|>'), '')
    expect(text).toContain('workloads with app=checkout in namespace shop (which workloads those are is not known here)')
    expect(text).toContain('Everyone else is refused unless another ALLOW policy admits them.')
  })

  test('its fields say what they mean', () => {
    expect(hoverText(policy.replace('principals', 'princi<|>pals'))).toContain('Identities of callers')
    expect(hoverText(policy.replace('principals', 'princi<|>pals'), shop, { fields: false })).toBeUndefined()
  })

  test('fields of policy tests are explained, whatever other extensions do', () => {
    const marked = 'kind: AuthorizationTest\ncases:\n  - from: { plain<|>text: true }\n    expect: deny\n'
    expect(hoverText(marked, shop, { fields: false })).toContain('The caller speaks no mTLS')
    expect(hoverText(marked.replace('<|>', '').replace('deny', 'de<|>ny'))).toContain('It is refused.')
  })

  test('a principal says which pods present it', () => {
    expect(hoverText(policy.replace('sa/frontend', 'sa/fron<|>tend'))).toContain(
      'Presented by 1 pod of 1 workload:\n\n- frontend (shop): frontend-1',
    )
  })

  test.each([
    ['an account that is not there', 'cluster.local/ns/shop/sa/nobody', 'No service account "nobody" in namespace "shop"'],
    ['an account that no pod runs as', 'cluster.local/ns/shop/sa/unused', 'no pod with a proxy runs as it'],
    ['another trust domain', 'partner.example/ns/shop/sa/frontend', 'Trust domain "partner.example" is not the one of this mesh'],
    ['a prefix', 'cluster.local/ns/shop/\\*', 'Presented by 2 pods of 2 workloads'],
    ['spiffe://', 'spiffe://cluster.local/ns/shop/sa/frontend', 'Istio adds `spiffe://` itself'],
    ['something else', 'frontend', 'an identity is `trust-domain/ns/namespace/sa/account`'],
  ])('a principal: %s', (_, value, words) => {
    expect(hoverText(policy.replace('cluster.local/ns/shop/sa/frontend', `"<|>${value.replace('\\', '')}"`))).toContain(words)
  })

  test('a principal that is still to be filled in says nothing', () => {
    expect(
      hoverText(policy.replace('sa/frontend', 'sa/<|>$(ACCOUNT)').replace('[cluster', '["cluster').replace('ACCOUNT)]', 'ACCOUNT)"]')),
    ).toBeUndefined()
  })

  test('names cannot write Markdown', () => {
    const text = hoverText(policy.replace('checkout-callers', '"<img src=x>[click](command:x) `a` \\u202e"').replace('kind: ', 'kind: <|>'))
    expect(text).toContain(escapeMarkdown('<img src=x>[click](command:x) `a` \u202e'))
    expect(text).not.toMatch(/(?<!\\)<img/)
    expect(text).not.toMatch(/(?<!\\)\[click/)
    expect(text).not.toContain('\u202e')
  })
})

describe('on a PeerAuthentication', () => {
  test('the mode says what it means and what is effective for each workload, with the policy that decides', () => {
    const text = hoverText(peer.replace('STRICT', 'STR<|>ICT'), `${shop}${legacy}`)
    expect(text).toContain('**STRICT**: Only mutual TLS')
    expect(text).toContain('- checkout: STRICT from this policy')
    expect(text).toContain('- legacy: no proxy, nothing is enforced')
  })

  test('the kind says it too', () => {
    expect(hoverText(peer.replace('kind: ', 'kind: <|>'))).toContain('**STRICT · shop/default**')
  })

  test('an older policy of the cluster that wins is named', () => {
    const older = `---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { matchLabels: { app: checkout } }, mtls: { mode: PERMISSIVE } }\n`
    expect(hoverText(peer.replace('STRICT', 'STR<|>ICT'), `${shop}${older}`)).toContain('- checkout: PERMISSIVE from shop/checkout')
  })

  test('the second of two documents speaks of itself', () => {
    const text = `${peer}---\n${peer.replace('name: default', 'name: second').replace('STRICT', 'DIS<|>ABLE')}`
    expect(hoverText(text)).toContain('**DISABLE**')
  })

  test('the items of a List speak of themselves', () => {
    const item = (name: string, mode: string) =>
      `  - apiVersion: security.istio.io/v1\n    kind: PeerAuthentication\n    metadata: { name: ${name}, namespace: shop }\n    spec: { mtls: { mode: ${mode} } }\n`
    const list = `apiVersion: v1\nkind: List\nitems:\n${item('default', 'STRICT')}`
    expect(hoverText(list.replace('name: default', 'name: def<|>ault'))).toContain('**STRICT · shop/default**')
  })
})

describe('nothing', () => {
  test.each([
    ['in other YAML', 'kind: Deploy<|>ment\napiVersion: apps/v1\nmetadata: { name: a }\n'],
    ['between things', policy.replace('spec:\n', 'spec:\n<|>')],
    ['on a mode that is a word of JavaScript', peer.replace('STRICT', 'con<|>structor')],
    ['on an action that is one', policy.replace('spec:\n', 'spec:\n  action: to<|>String\n')],
    ['in a comment', `${peer}# STR<|>ICT\n`],
  ])('%s', (_, marked) => {
    expect(hoverText(marked)).toBeUndefined()
  })
})

test('in a Helm template fields and words are still explained, and values that are expressions are not', () => {
  const template =
    '{{- if .Values.strict }}\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  selector:\n    matchLabels: {{ .Values.labels | toYaml }}\n  portLevelMtls: {}\n{{- end }}\n'
  expect(hoverText(template.replace('portLevel', 'port<|>Level'))).toContain('Exceptions by port')
  expect(hoverText(template.replace('.Release', '.Rel<|>ease'))).toBeUndefined()
})

/** With a cluster that holds `world`, or with none where it is empty. */
function hoverText(marked: string, world = shop, options = { fields: true }): string | undefined {
  const { text, offset } = cursor(marked)
  const file = readFile('file:///policy.yaml', text)
  const mesh = buildMesh({ files: file.resources, closedWorld: false, ...(world ? { cluster: cluster(world) } : {}) })
  const found = hover(file, mesh, offset, options)
  return (found?.contents as MarkupContent | undefined)?.value
}
