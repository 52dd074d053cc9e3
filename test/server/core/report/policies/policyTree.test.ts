import { describe, expect, test } from 'vitest'
import { buildMesh } from '../../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { liveFindings } from '../../../../../server/src/core/report/policies/liveFindings.ts'
import {
  type PolicyExtent,
  type PolicyFacts,
  type PolicyNode,
  type PolicyTreeNode,
  policyId,
  policyNodes,
  policyPath,
} from '../../../../../server/src/core/report/policies/policyTree.ts'
import { cluster, clusterMesh } from '../../../../support/mesh.ts'

const pod = (namespace: string, name: string, app: string) => `---
apiVersion: v1
kind: Pod
metadata:
  { name: ${name}, namespace: ${namespace}, labels: { app: ${app} }, annotations: { sidecar.istio.io/status: "{}" },
    ownerReferences: [{ kind: StatefulSet, name: ${app}, controller: true }] }
spec: { serviceAccountName: ${app}, containers: [{ name: app }, { name: istio-proxy }] }
status: { phase: Running }
`
const policy = (kind: string, namespace: string, name: string, spec: string, created = '2026-01-01T00:00:00Z') => `---
apiVersion: ${kind === 'DestinationRule' ? 'networking' : 'security'}.istio.io/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: "${created}" }
spec: ${spec}
`
const world = [
  '---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }\n',
  pod('shop', 'web-1', 'web'),
  pod('shop', 'pay-1', 'pay'),
  pod('shop', 'pay-2', 'pay'),
  policy('PeerAuthentication', 'istio-system', 'default', '{ mtls: { mode: STRICT } }'),
  policy('PeerAuthentication', 'istio-system', 'lost', '{ selector: { matchLabels: { app: pay } }, mtls: { mode: DISABLE } }'),
  policy('PeerAuthentication', 'shop', 'old', '{ mtls: { mode: STRICT } }'),
  policy('PeerAuthentication', 'shop', 'young', '{ mtls: { mode: PERMISSIVE } }', '2026-02-01T00:00:00Z'),
  policy('PeerAuthentication', 'shop', 'pay', '{ selector: { matchLabels: { app: pay } }, portLevelMtls: { 8080: { mode: PERMISSIVE } } }'),
  policy('AuthorizationPolicy', 'shop', 'pay', '{ selector: { matchLabels: { app: pay } }, action: DENY, rules: [{}] }'),
  policy('AuthorizationPolicy', 'shop', 'typo', '{ selector: { matchLabels: { app: pai } }, rules: [{}] }'),
  policy(
    'RequestAuthentication',
    'shop',
    'tokens',
    '{ jwtRules: [{ issuer: "https://id.example.com", jwksUri: "https://id.example.com/keys" }] }',
  ),
  policy('DestinationRule', 'shop', 'pay', '{ host: pay, trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }'),
  policy('DestinationRule', 'shop', 'pool', '{ host: web, trafficPolicy: { loadBalancer: { simple: RANDOM } } }'),
].join('')

function factsOf(mesh: Mesh): PolicyFacts {
  return {
    findings: each => liveFindings(each, mesh),
    file: () => undefined,
    onlyInFiles: [],
    documentation: rule => `#${rule}`,
    filesSpeakOf: () => false,
  }
}

function below(mesh: Mesh, parent?: string, extent?: PolicyExtent, facts = factsOf(mesh)): readonly PolicyTreeNode[] {
  return policyNodes(mesh, parent, facts, extent)
}

function lines(nodes: readonly PolicyTreeNode[]): readonly string[] {
  return nodes.map(node => ('text' in node ? node.text : 'message' in node ? node.message : `${node.name} | ${node.description}`))
}

const mesh = clusterMesh(world)

describe('by scope', () => {
  test('the mesh first, then namespaces', () => {
    expect(below(mesh).map(({ id, kind }) => [id, kind])).toEqual([
      ['namespace/istio-system', 'scope'],
      ['namespace/shop', 'scope'],
    ])
  })

  test('what is for all of a namespace, then workloads, then clients', () => {
    expect(lines(below(mesh, 'namespace/shop')).map(line => line.split(' | ')[0])).toEqual([
      'old',
      'young',
      'tokens',
      'Workload pay',
      'Workloads with app=pai',
      'Clients',
    ])
  })

  test('a DestinationRule without TLS is no policy', () => {
    expect(lines(below(mesh, 'scope/shop/clients/Clients'))).toEqual([
      expect.stringMatching(/^pay \| ISTIO_MUTUAL → pay\.shop\.svc\.cluster\.local/),
    ])
  })

  test('the path of a policy leads from its namespace to its row', () => {
    const path = policyPath(mesh, 'AuthorizationPolicy', 'shop', 'pay')
    const found = path.map((id, index) => below(mesh, path[index - 1]).some(node => node.id === id))
    expect(found).toEqual([true, true, true])
    expect(policyPath(mesh, 'AuthorizationPolicy', 'shop', 'gone')).toEqual([])
  })
})

function row(kind: PolicyNode['policyKind'], namespace: string, name: string, of = mesh): PolicyNode {
  const id = policyId({ kind, namespace, name })
  const [, parent] = [...policyPath(of, kind, namespace, name)].reverse()
  const found = below(of, parent).find(node => node.id === id)
  if (found?.kind !== 'policy') throw new Error('no row')
  return found
}

test.each([
  ['PeerAuthentication', 'shop', 'old', 'full', /^STRICT → 2 workloads, 3 pods · by sidecar/],
  ['PeerAuthentication', 'shop', 'young', 'none', /shop\/old is older and counts/],
  ['PeerAuthentication', 'shop', 'pay', 'full', /^UNSET · 8080 PERMISSIVE → 1 workload, 2 pods · by sidecar/],
  ['PeerAuthentication', 'istio-system', 'lost', 'none', /^DISABLE · selects nothing · ignored/],
  ['AuthorizationPolicy', 'shop', 'pay', 'full', /^DENY → 1 workload, 2 pods · by sidecar/],
  ['AuthorizationPolicy', 'shop', 'typo', 'none', /^ALLOW · selects nothing/],
  ['RequestAuthentication', 'shop', 'tokens', 'full', /^tokens of https:\/\/id\.example\.com → 2 workloads, 3 pods · by sidecar/],
] as const)('%s %s/%s has effect %s', (kind, namespace, name, effect, description) => {
  const found = row(kind, namespace, name)
  expect(found.description).toMatch(description)
  expect(found.effect).toBe(effect)
})

test('nothing is said to select nothing where pods may be missing', () => {
  const layer = cluster(world, ['PeerAuthentication', 'AuthorizationPolicy'])
  const open = buildMesh({ files: [], cluster: layer, closedWorld: false })
  expect(row('AuthorizationPolicy', 'shop', 'typo', open)).toMatchObject({ effect: 'unknown', description: 'ALLOW' })
})

test('below a policy: findings, facts, whom it is for', () => {
  const nodes = below(mesh, policyId({ kind: 'PeerAuthentication', namespace: 'shop', name: 'young' }))
  expect(nodes.map(({ kind }) => kind)).toEqual(['finding', 'fact', 'workload', 'workload'])
  expect(nodes[0]).toMatchObject({
    rule: 'peer-authentication-conflict',
    documentation: '#peer-authentication-conflict',
    path: ['metadata', 'name'],
  })
  expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length)
})

test('what a file says of a policy', () => {
  const file = { is: 'differs', uri: 'file:///pay.yaml', file: 'policies/pay.yaml', line: 3, paths: ['spec.action'] } as const
  const facts = { ...factsOf(mesh), file: () => file }
  const found = below(mesh, 'namespace/shop', {}, facts)[0]
  expect(found).toMatchObject({ file, description: expect.stringMatching(/^≠ STRICT .* · differs from policies\/pay\.yaml$/) })
  expect(below(mesh, undefined, { text: 'differs' }, facts)).toHaveLength(2)
  expect(below(mesh, undefined, { text: 'differs' })).toEqual([])
})

test.each([
  ['deny pay', ['namespace/shop']],
  ['peer-authentication-conflict', ['namespace/shop']],
  ['PERMISSIVE', ['namespace/shop']],
  ['istio-system', ['namespace/istio-system']],
  ['nothing is called so', []],
])('the filter "%s" shows %j', (text, ids) => expect(below(mesh, undefined, { text }).map(({ id }) => id)).toEqual(ids))

test.each([
  'namespace/gone',
  'scope/shop/workloads/gone',
  'policy/Pod/shop/web-1',
  'policy/AuthorizationPolicy/shop/gone',
  'scope',
  '%',
  '',
])('nothing stands below "%s"', id => expect(below(mesh, id)).toEqual([]))

test('of very many only the first are made, and a row leads to more', () => {
  const nodes = below(mesh, 'namespace/shop', { limit: 2 })
  expect(nodes.map(({ kind }) => kind)).toEqual(['policy', 'policy', 'more'])
  expect(nodes[2]).toMatchObject({ below: 'namespace/shop', rest: 4, limit: 502 })
})
