import { describe, expect, test } from 'vitest'
import { yamlOf } from '../../../../../server/src/core/istio/written.ts'
import { liveFindings, liveUri } from '../../../../../server/src/core/report/policies/liveFindings.ts'
import { rules } from '../../../../../server/src/core/rules/index.ts'
import { clusterMesh } from '../../../../support/mesh.ts'

const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: checkout, namespace: shop }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pay
  namespace: shop
  uid: 0a1b
  resourceVersion: "7"
  managedFields: [{ manager: kubectl }]
  creationTimestamp: "2026-11-01T08:00:00Z"
  annotations: { kubectl.kubernetes.io/last-applied-configuration: "{}" }
spec:
  action: ALLOW
  rules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/chekout] } }] }]
status: { conditions: [] }
`

function policyOf(mesh: ReturnType<typeof clusterMesh>) {
  const policy = mesh.find('AuthorizationPolicy', 'shop', 'pay')
  if (!policy) throw new Error('no policy')
  return policy
}

test('an object of the cluster is judged like a file, and the finding stands in its YAML', () => {
  const mesh = clusterMesh(shop)
  const policy = policyOf(mesh)
  const text = yamlOf(policy) ?? ''
  const findings = liveFindings(policy, mesh)
  expect(findings.map(({ rule, span }) => [rule, text.slice(span.start, span.end)])).toEqual([
    ['unknown-service-account', 'cluster.local/ns/shop/sa/chekout'],
  ])
  expect(liveFindings(policy, mesh)).toBe(findings)
})

test('its YAML says what a person wrote, in the order people write it', () => {
  expect(yamlOf(policyOf(clusterMesh(shop)))).toBe(`apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pay
  namespace: shop
  creationTimestamp: "2026-11-01T08:00:00Z"
spec:
  action: ALLOW
  rules:
    - from:
        - source:
            principals:
              - cluster.local/ns/shop/sa/chekout
`)
})

test('a name is only a part of the URI', () => {
  expect(liveUri({ ...policyOf(clusterMesh(shop)), name: '../a b' })).toBe('cluster:prod/AuthorizationPolicy/shop/..%2Fa%20b')
})

describe('the examples of the rules, as a cluster has them', () => {
  // What no API server takes cannot be there; what concerns only the text of a file is not there.
  const possible = rules.filter(rule => rule.istio === 'accepts' && rule.on !== 'document')

  test.each(possible.map(rule => [rule.id, rule] as const))('%s: no good one has the finding', (id, rule) => {
    const mesh = clusterMesh(rule.good)
    const found = (['PeerAuthentication', 'AuthorizationPolicy', 'RequestAuthentication', 'DestinationRule'] as const)
      .flatMap(kind => mesh.all(kind))
      .flatMap(object => liveFindings(object, mesh))
    expect(found.map(each => each.rule).filter(each => each === id)).toEqual([])
  })
})

test('what stands beside an object is seen: the younger of two policies for a namespace', () => {
  const peer = (name: string, created: string) => `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${name}, namespace: shop, creationTimestamp: "${created}" }
spec: { mtls: { mode: STRICT } }
`
  const mesh = clusterMesh([peer('old', '2026-01-01T00:00:00Z'), peer('young', '2026-02-01T00:00:00Z')].join('---\n'))
  const messages = mesh.all('PeerAuthentication').flatMap(each => liveFindings(each, mesh).map(({ message }) => message))
  expect(messages).toEqual([
    expect.stringContaining('This one is older and counts'),
    expect.stringContaining('"shop/old" is older and counts; this one is ignored'),
  ])
})
