import { describe, expect, test } from 'vitest'
import type { CompletionItem } from 'vscode-languageserver-types'
import { completion } from '../../../../server/src/core/features/completion.ts'
import { Lines } from '../../../../server/src/core/yaml/lines.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'
import { cursor } from '../../../support/cursor.ts'
import { clusterMesh, fileMesh } from '../../../support/mesh.ts'
import { shop } from './worlds.ts'

const mesh = clusterMesh(shop)
const options = { snippets: true, fields: true }

const policy = (rest: string) =>
  `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: pay\n  namespace: shop\nspec:\n${rest}`
const peer = (rest: string) =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: default\n  namespace: shop\n${rest}`
const rule = (rest: string) => `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  namespace: shop\nspec:\n${rest}`
const source = (rest: string) => policy(`  rules:\n    - from:\n        - source:\n            ${rest}`)

const authorizationTest = (rest: string) => `kind: AuthorizationTest\ncases:\n  ${rest}`

describe('offers', () => {
  test.each<readonly [name: string, marked: string, first: readonly string[]]>([
    [
      'identities, those that pods present first',
      source('principals:\n              - <|>'),
      ['cluster.local/ns/shop/sa/checkout', 'cluster.local/ns/shop/sa/frontend', 'cluster.local/ns/shop/sa/unused'],
    ],
    ['identities in quotes', source('principals: ["<|>"]'), ['cluster.local/ns/shop/sa/checkout']],
    ['identities in a flow list', source('principals: [cluster.local/ns/shop/sa/frontend, <|>]'), ['cluster.local/ns/shop/sa/checkout']],
    ['identities as the value of the list', source('principals: <|>'), ['cluster.local/ns/shop/sa/checkout']],
    [
      'identities where one is half typed',
      source('notPrincipals:\n              - cluster.local/ns/sh<|>\n'),
      ['cluster.local/ns/shop/sa/checkout'],
    ],
    ['service accounts by namespace and name', source('serviceAccounts: [<|>]'), ['shop/checkout', 'shop/frontend', 'shop/unused']],
    ['namespaces', source('namespaces: [<|>]'), ['shop']],
    ['methods', policy('  rules:\n    - to:\n        - operation:\n            methods: [<|>]'), ['GET', 'HEAD', 'POST']],
    ['ports that workloads serve', policy('  rules:\n    - to:\n        - operation:\n            ports: [<|>]'), ['8080']],
    ['condition keys', policy('  rules:\n    - when:\n        - key: <|>'), ['request.headers[]', 'source.ip']],
    ['actions', policy('  action: <|>'), ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM']],
    ['hosts of Services', rule('  host: <|>'), ['checkout.shop.svc.cluster.local']],
    ['who may see a rule', rule('  exportTo: [<|>]'), ['*', '.', 'shop']],
    ['modes of a client', rule('  trafficPolicy:\n    tls:\n      mode: <|>'), ['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL']],
    ['trust domains', source('trustDomains: [<|>]'), ['cluster.local']],
    [
      'cipher suites',
      'apiVersion: networking.istio.io/v1\nkind: Gateway\nspec:\n  servers:\n    - tls:\n        cipherSuites: [<|>]',
      ['ECDHE-ECDSA-AES256-GCM-SHA384'],
    ],
    [
      'what people write in metadata',
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  <|>',
      ['name', 'generateName', 'namespace', 'labels', 'annotations', 'finalizers'],
    ],
    ['modes', peer('spec:\n  mtls:\n    mode: <|>'), ['STRICT', 'PERMISSIVE', 'DISABLE', 'UNSET']],
    ['modes of a port', peer('spec:\n  portLevelMtls:\n    8080:\n      mode: <|>'), ['STRICT']],
    ['fields of a source', source('<|>'), ['principals', 'notPrincipals']],
    ['fields that are not there yet', policy('  action: ALLOW\n  <|>\n  rules: []\n'), ['selector', 'targetRefs', 'targetRef', 'provider']],
    ['kinds', 'apiVersion: security.istio.io/v1\nkind: <|>\n', ['PeerAuthentication', 'AuthorizationPolicy', 'RequestAuthentication']],
    ['the kind of policy tests', 'kind: <|>\n', ['AuthorizationTest']],
    ['fields of a case', authorizationTest('- <|>'), ['name', 'from', 'ip', 'remoteIp', 'to', 'request']],
    ['workloads', authorizationTest('- from: { workload: <|> }'), ['shop/checkout', 'shop/frontend']],
    ['policies', authorizationTest('- by: { policy: "<|>" }'), []],
    ['what a case can expect', authorizationTest('- expect: <|>'), ['allow', 'deny']],
    ['the API version', 'apiVersion: <|>\n', ['security.istio.io/v1']],
    ['the namespace of the policy', 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  namespace: <|>\n', ['shop']],
    [
      'values in JSON',
      '{"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "spec": {"mtls": {"mode": "<|>"}}}',
      ['STRICT'],
    ],
    ['values in a Helm template', peer('spec:\n  {{- if .Values.strict }}\n  mtls:\n    mode: <|>\n  {{- end }}\n'), ['STRICT']],
    ['whole objects in an empty text', '<|>', ['Allow only this caller', 'STRICT mutual TLS']],
    ['whole objects in an empty document', `${peer('spec: {}\n')}---\n<|>`, ['Allow only this caller', 'STRICT mutual TLS']],
    ['the STRICT snippet before the fields', peer('spec:\n  <|>'), ['STRICT', 'selector']],
    ['the caller snippet before the fields', policy('  <|>'), ['Allow only this caller', 'selector']],
  ])('%s', (_, marked, first) => {
    expect(labels(marked).slice(0, first.length)).toEqual(first)
  })

  test.each<readonly [name: string, marked: string]>([
    ['in a comment', peer('spec:\n  mtls:\n    mode: STRICT # <|>')],
    ['in an object of another kind', 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  <|>'],
    ['in YAML that is no object', 'services:\n  web:\n    image: <|>'],
    ['in values that can be anything', policy('  rules:\n    - to:\n        - operation:\n            paths: [<|>]')],
    ['in a kind that is a word of JavaScript', policy('  <|>').replace('AuthorizationPolicy', 'constructor')],
    ['in the spec of EnvoyFilters', 'apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nspec:\n  <|>'],
  ])('nothing %s', (_, marked) => {
    expect(labels(marked)).toEqual([])
  })

  test('no snippet for a field that is there', () => {
    expect(labels(peer('spec:\n  mtls: {}\n  <|>'))).not.toContain('STRICT')
    expect(labels(policy('  rules: []\n  <|>'))).not.toContain('Allow only this caller')
  })

  test('no plain fields where another extension offers them', () => {
    const { text, offset } = cursor(source('<|>'))
    expect(completion(text, offset, mesh, { ...options, fields: false }).items).toEqual([])
  })

  test('fields of policy tests, which no other extension knows', () => {
    const { text, offset } = cursor(authorizationTest('- <|>'))
    expect(completion(text, offset, mesh, { ...options, fields: false }).items.map(({ label }) => label)).toContain('expect')
  })

  test('each identity says who presents it and where that is known from', () => {
    const { text, offset } = cursor(source('principals: [<|>]'))
    const [first, , last] = sorted(completion(text, offset, mesh, options).items)
    expect([first?.detail, last?.detail]).toEqual(['presented by 1 pod · prod', 'no pod presents it · prod'])
    expect(sorted(completion(text, offset, fileMesh(shop), options).items)[0]?.detail).toBe('presented by 1 pod · files')
  })

  test('no more than anyone scrolls through, narrowed by what is typed', () => {
    const accounts = Array.from(
      { length: 900 },
      (_, index) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: account-${index}, namespace: shop }\n`,
    ).join('---\n')
    const { text, offset } = cursor(source('principals: [account-77<|>]'))
    const { items, isIncomplete } = completion(text, offset, clusterMesh(accounts), options)
    expect(items.map(({ label }) => label.replace(/^.*\//, '')).toSorted()).toEqual(
      ['account-77', ...Array.from({ length: 10 }, (_, index) => `account-77${index}`)].toSorted(),
    )
    expect(isIncomplete).toBe(true)
  })
})

describe('writes', () => {
  test.each<readonly [name: string, marked: string, choice: string, written: string]>([
    [
      'over what is half typed',
      source('principals:\n              - cluster.local/ns/sh<|>op\n'),
      'cluster.local/ns/shop/sa/checkout',
      source('principals:\n              - cluster.local/ns/shop/sa/checkout\n'),
    ],
    [
      'after a dash',
      source('principals:\n              - <|>\n'),
      'cluster.local/ns/shop/sa/checkout',
      source('principals:\n              - cluster.local/ns/shop/sa/checkout\n'),
    ],
    [
      'within double quotes',
      source('principals: ["clus<|>"]'),
      'cluster.local/ns/shop/sa/checkout',
      source('principals: ["cluster.local/ns/shop/sa/checkout"]'),
    ],
    [
      'within single quotes',
      source("principals: ['<|>']"),
      'cluster.local/ns/shop/sa/checkout',
      source("principals: ['cluster.local/ns/shop/sa/checkout']"),
    ],
    [
      'within a flow list',
      source('principals: [a, <|>, b]'),
      'cluster.local/ns/shop/sa/checkout',
      source('principals: [a, cluster.local/ns/shop/sa/checkout, b]'),
    ],
    [
      'a list of one for the value of a list',
      source('principals: <|>\n'),
      'cluster.local/ns/shop/sa/checkout',
      source('principals: [cluster.local/ns/shop/sa/checkout]\n'),
    ],
    [
      'a port as text',
      policy('  rules:\n    - to:\n        - operation:\n            ports: [<|>]\n'),
      '8080',
      policy('  rules:\n    - to:\n        - operation:\n            ports: ["8080"]\n'),
    ],
    ['a mode', peer('spec:\n  mtls:\n    mode: PERM<|>ISSIVE # why\n'), 'STRICT', peer('spec:\n  mtls:\n    mode: STRICT # why\n')],
    [
      'a mode in JSON',
      '{"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "spec": {"mtls": {"mode": "<|>"}}}',
      'STRICT',
      '{"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "spec": {"mtls": {"mode": "STRICT"}}}',
    ],
    ['a field over a word above other fields', policy('  act<|>\n  rules: []\n'), 'action', policy('  action: \n  rules: []\n')],
    ['a map with its first line', peer('spec:\n  <|>\n'), 'mtls', peer('spec:\n  mtls:\n    \n')],
    ['a list with its first dash', source('<|>\n'), 'principals', source('principals:\n              - \n')],
    ['a field in a flow map', peer('spec: { <|> }\n'), 'mtls', peer('spec: { mtls: {} }\n')],
    ['a field whose colon is there', peer('spec:\n  mt<|>:\n    mode: STRICT\n'), 'mtls', peer('spec:\n  mtls:\n    mode: STRICT\n')],
    ['the STRICT snippet', peer('spec:\n  <|>\n'), 'STRICT', peer('spec:\n  mtls:\n    mode: STRICT\n')],
  ])('%s', (_, marked, choice, written) => {
    const after = accept(marked, choice)
    expect(after).toBe(written)
    expect(parseYaml(after).flatMap(({ problems }) => problems)).toEqual([])
  })

  test('whole objects that parse, with and without places to fill in', () => {
    for (const choice of ['STRICT mutual TLS', 'Allow only this caller', 'Test of policies']) {
      const written = accept('<|>', choice, false)
      expect(written).not.toMatch(/\$/)
      expect(parseYaml(written)[0]?.problems).toEqual([])
      expect(accept('<|>', choice, true)).toContain(`\${1:`)
    }
  })

  test('the caller snippet in a spec parses', () => {
    expect(parseYaml(accept(policy('  <|>\n'), 'Allow only this caller', false))[0]?.problems).toEqual([])
  })
})

test('what is compared with the typed text begins as the replaced text does', () => {
  for (const written of ['principals: ["clus<|>"]', "principals: ['clus<|>']", 'principals: [clus<|>]']) {
    const { text, offset } = cursor(source(written))
    for (const { textEdit, filterText = '' } of completion(text, offset, mesh, options).items) {
      if (!textEdit || !('range' in textEdit)) throw new Error('no edit')
      const replaced = text.slice(new Lines(text).offset(textEdit.range.start), offset)
      expect(filterText.startsWith(replaced)).toBe(true)
    }
  }
})

function labels(marked: string): readonly string[] {
  const { text, offset } = cursor(marked)
  return sorted(completion(text, offset, mesh, options).items).map(({ label }) => label)
}

function sorted(items: readonly CompletionItem[]): readonly CompletionItem[] {
  const key = ({ sortText, label }: CompletionItem) => sortText ?? label
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

function accept(marked: string, label: string, snippets = true): string {
  const { text, offset } = cursor(marked)
  const item = completion(text, offset, mesh, { ...options, snippets }).items.find(each => each.label === label)
  if (!item?.textEdit || !('range' in item.textEdit)) throw new Error(`"${label}" is not offered`)
  const lines = new Lines(text)
  const { range, newText } = item.textEdit
  return text.slice(0, lines.offset(range.start)) + newText + text.slice(lines.offset(range.end))
}
