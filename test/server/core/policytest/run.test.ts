import { describe, expect, test } from 'vitest'
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'
import { coverageOf } from '../../../../server/src/core/policytest/coverage.ts'
import { readPolicyTest } from '../../../../server/src/core/policytest/read.ts'
import { type CaseResult, runCase } from '../../../../server/src/core/policytest/run.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'
import { clusterMesh, fileMesh } from '../../../support/mesh.ts'
import { shop } from './shop.ts'

const mesh = clusterMesh(shop)
const get = {
  from: { workload: 'shop/frontend' },
  to: { workload: 'shop/checkout', port: 8080 },
  request: { method: 'GET', path: '/cart' },
  expect: 'allow',
}

function run(cases: readonly object[], world: Mesh = mesh): readonly CaseResult[] {
  const [document] = parseYaml(JSON.stringify({ kind: 'AuthorizationTest', cases }))
  const read = document && readPolicyTest(document)
  if (!read) throw new Error('no policy test')
  return read.cases.map(each => runCase(each, world))
}

const one = (changes: object, world?: Mesh) => run([{ ...get, ...changes }], world)[0]

describe('passes', () => {
  test.each<readonly [what: string, changes: object]>([
    ['what is allowed', {}],
    ['with its status', { status: 200 }],
    ['with its policy', { by: { policy: 'shop/callers' } }],
    ['with its rule', { by: { policy: 'shop/callers', rule: 0 } }],
    ['the only port where none is named', { to: { workload: 'shop/checkout' } }],
    [
      'what is denied',
      { request: { method: 'GET', path: '/admin' }, expect: 'deny', status: 403, by: { policy: 'shop/no-admin', rule: 0 } },
    ],
    ['what no rule allows', { request: { method: 'PUT', path: '/' }, from: { workload: 'shop/report-1' }, expect: 'deny', by: 'none' }],
    ['the address of the only pod of the caller', { from: { workload: 'shop/checkout-7d9f-a' }, expect: 'deny' }],
    ['an address that is given', { from: { plaintext: true }, ip: '192.0.2.7', by: { policy: 'shop/callers', rule: 1 } }],
    ['the address of a machine that calls', { from: { workload: 'shop/vm' }, expect: 'deny' }],
  ])('%s', (_, changes) => {
    expect(one(changes)).toMatchObject({ outcome: 'passed' })
  })
})

describe('fails, and says why', () => {
  test.each<readonly [what: string, changes: object, reason: string]>([
    ['another verdict', { expect: 'deny' }, 'Expected deny, and it is allowed.'],
    ['another status', { status: 401, request: { method: 'GET', path: '/admin' }, expect: 'deny' }, 'Expected status 401, and it is 403.'],
    ['another policy', { by: { policy: 'shop/other' } }, 'Expected shop/other to decide, and shop/callers rule 0 does.'],
    ['another rule', { by: { policy: 'shop/callers', rule: 1 } }, 'Expected shop/callers rule 1 to decide, and shop/callers rule 0 does.'],
    ['a rule where none should', { by: 'none' }, 'Expected no rule to decide, and shop/callers rule 0 does.'],
    ['a status where there is no HTTP', { to: { workload: 'shop/db', port: 5432 }, request: undefined, status: 200 }, 'and it is none'],
    ['no HTTP where there must be', { request: undefined, expect: 'deny', status: 403 }, 'Expected status 403, and it is 400'],
    ['a missing fact', { from: { principal: 'cluster.local/ns/shop/sa/x' }, expect: 'deny' }, 'the source address'],
    ['the addresses of several pods', { from: { workload: 'shop/checkout' }, expect: 'deny' }, 'the source address'],
    [
      'a caller that is not there',
      { from: { workload: 'shop/fronted' } },
      'There is no workload "shop/fronted". Did you mean "shop/frontend"?',
    ],
    ['a callee that is not there', { to: { workload: 'bank/x', port: 1 } }, 'There is no workload "bank/x".'],
    ['which port', { to: { workload: 'shop/db' } }, '"shop/db" listens on 5432, 9187. Name the port.'],
    ['no known port', { to: { workload: 'shop/frontend' } }, 'Which ports "shop/frontend" has is not known. Name the port.'],
    [
      'a machine without identity',
      { from: { workload: 'shop/nobody' } },
      'The service account of WorkloadEntry "shop/nobody" is not known',
    ],
    ['a case that cannot be read', { expect: 'alow' }, 'This case cannot be run. "alow" is not a value of "expect".'],
  ])('%s', (_, changes, reason) => {
    const result = one(changes)
    expect(result?.outcome).toBe('failed')
    expect(result?.reason).toContain(reason)
  })

  test('a workload that may well be somewhere else', () => {
    const open = clusterMesh(shop, { closedWorld: false })
    const result = one({ to: { workload: 'shop/lost', port: 1 } }, { ...open, complete: () => false })
    expect(result?.reason).toBe('No workload "shop/lost" is known here.')
  })
})

test('a skipped case is neither', () => {
  expect(one({ skip: 'waits for the gateway' })).toMatchObject({ outcome: 'skipped', reason: 'waits for the gateway' })
})

describe('a workload that certainly has no proxy calls in plaintext, and it is said', () => {
  const because = 'shop/legacy has no proxy, so it calls in plaintext.'
  const legacy = `
apiVersion: v1
kind: Pod
metadata: { name: legacy, namespace: shop, labels: { app: legacy } }
spec: { serviceAccountName: frontend, containers: [{ name: app }] }
status: { phase: Running, podIP: 10.0.0.9 }
`
  const strict = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`
  const from = { workload: 'shop/legacy' }
  test.each<readonly [what: string, added: string, reason: string]>([
    ['no identity that a rule allows', '', `ALLOW policies apply, and none of their rules matches. ${because}`],
    ['STRICT', strict, `shop/default sets STRICT for port 8080, and the connection is plaintext. ${because}`],
  ])('%s', (_, added, reason) => {
    const result = one({ from, expect: 'deny' }, clusterMesh(`${shop}---${legacy}---${added}`))
    expect(result).toMatchObject({ outcome: 'passed', decision: { decision: 'deny' } })
    expect(result?.reason).toContain(reason)
  })

  test('as does an ambient one at a sidecar that takes no HBONE', () => {
    const ambient = legacy.replace('labels: { app: legacy }', 'annotations: { ambient.istio.io/redirection: enabled }')
    const says = (yaml: string) => one({ from, expect: 'deny' }, clusterMesh(`${yaml}---${ambient}`))?.reason
    expect(says(shop)).toContain('The sidecar of shop/checkout takes no HBONE, so the ztunnel of shop/legacy sends plaintext.')
    expect(says(shop.replaceAll('app: checkout, pod', 'networking.istio.io/tunnel: http, app: checkout, pod'))).not.toContain('HBONE')
  })

  test('nothing is assumed of a pod that injection has not seen yet', () => {
    const pod = legacy.replace(/^status.*$/m, '')
    const open = fileMesh(`${shop}---${pod}`.replace(', labels: { istio-injection: enabled }', ''))
    expect(one({ from }, open)?.reason).not.toContain(because)
  })
})

test('the trust domain of a workload is that of its mesh', () => {
  const td = clusterMesh(shop, { trustDomain: 'td.example' })
  expect(one({}, td)).toMatchObject({ outcome: 'passed' })
  expect(one({ from: { principal: 'other.example/ns/shop/sa/frontend' }, expect: 'deny', by: 'none' }, td)?.reason).toContain(
    'other.example',
  )
})

describe('of several policies that ztunnel may name, each is right', () => {
  const bank = `
apiVersion: v1
kind: Pod
metadata: { name: vault, namespace: bank, annotations: { ambient.istio.io/redirection: enabled } }
spec: { containers: [{ name: app, ports: [{ containerPort: 8080 }] }] }
status: { phase: Running, podIP: 10.0.0.9 }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: a, namespace: bank }
spec: { action: DENY, rules: [{ from: [{ source: { notPrincipals: ["*"] } }] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: b, namespace: bank }
spec: { action: DENY, rules: [{ to: [{ operation: { ports: ["8080"] } }] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: c, namespace: bank }
spec: { rules: [{}] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: bank }
spec: { mtls: { mode: STRICT } }
`
  test.each([
    [{ policy: 'bank/a' }, 'passed'],
    [{ policy: 'bank/b', rule: 0 }, 'passed'],
    [{ published: 'istio-system/istio_converted_static_strict' }, 'passed'],
    [{ policy: 'bank/c' }, 'failed'],
    [{ published: 'istio-system/other' }, 'failed'],
  ])('%j: %s', (by, outcome) => {
    const plaintext = { from: { plaintext: true }, to: { workload: 'bank/vault' }, expect: 'deny', by }
    expect(run([plaintext], clusterMesh(bank))[0]?.outcome).toBe(outcome)
  })
})

test('coverage counts the cases that each rule decided, and leaves out what never decides', () => {
  const results = run([
    get,
    get,
    { ...get, expect: 'deny' },
    { ...get, request: { path: '/admin' }, expect: 'deny' },
    { ...get, skip: 'later' },
  ])
  expect(coverageOf([{ mesh, results }])).toEqual([
    { policy: 'shop/callers', rule: 0, decided: 3 },
    { policy: 'shop/callers', rule: 1, decided: 0 },
    { policy: 'shop/no-admin', rule: 0, decided: 1 },
  ])
  expect(
    coverageOf([
      { mesh, results },
      { mesh, results },
    ])[0],
  ).toEqual({ policy: 'shop/callers', rule: 0, decided: 6 })
})
