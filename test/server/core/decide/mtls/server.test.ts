// Edge cases of ComposePeerAuthentication, in the order of istio/istio:pilot/pkg/security/authn/policy_applier.go.
import { describe, expect, test } from 'vitest'
import { effectiveMtls, levelOf, modeOfPort, selectedBy } from '../../../../../server/src/core/decide/mtls/server.ts'
import { clusterMesh, fileMesh } from '../../../../support/mesh.ts'

const policy = (name: string, spec: string, namespace = 'shop', created = '2026-01-01T00:00:00Z') =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: "${created}" }\nspec: ${spec}\n`
/** A file knows no age. */
const peerOfFile = (name: string, spec: string) => policy(name, spec).replace(/, creationTimestamp: "[^"]*"/, '')
const server = { namespace: 'shop', labels: { app: 'web' } }
const selected = 'selector: { matchLabels: { app: web } }'

describe('the mode of a port', () => {
  test.each<readonly [name: string, policies: readonly string[], port: number, mode: string, from: string | undefined]>([
    ['no policy', [], 8080, 'PERMISSIVE', undefined],
    ['mesh', [policy('m', '{ mtls: { mode: STRICT } }', 'istio-system')], 8080, 'STRICT', 'istio-system/m'],
    [
      'namespace over mesh',
      [policy('m', '{ mtls: { mode: STRICT } }', 'istio-system'), policy('n', '{ mtls: { mode: DISABLE } }')],
      8080,
      'DISABLE',
      'shop/n',
    ],
    [
      'UNSET inherits',
      [policy('m', '{ mtls: { mode: STRICT } }', 'istio-system'), policy('n', '{ mtls: { mode: UNSET } }'), policy('w', `{ ${selected} }`)],
      8080,
      'STRICT',
      'istio-system/m',
    ],
    [
      'workload over namespace',
      [policy('n', '{ mtls: { mode: STRICT } }'), policy('w', `{ ${selected}, mtls: { mode: PERMISSIVE } }`)],
      8080,
      'PERMISSIVE',
      'shop/w',
    ],
    [
      'its own port',
      [policy('w', `{ ${selected}, mtls: { mode: STRICT }, portLevelMtls: { 8080: { mode: DISABLE } } }`)],
      8080,
      'DISABLE',
      'shop/w',
    ],
    [
      'another port',
      [policy('w', `{ ${selected}, mtls: { mode: STRICT }, portLevelMtls: { 8080: { mode: DISABLE } } }`)],
      9090,
      'STRICT',
      'shop/w',
    ],
    [
      'a port that is UNSET takes the workload result',
      [policy('n', '{ mtls: { mode: STRICT } }'), policy('w', `{ ${selected}, portLevelMtls: { 8080: { mode: UNSET } } }`)],
      8080,
      'STRICT',
      'shop/n',
    ],
    [
      'ports of a namespace policy count for nothing',
      [policy('n', '{ mtls: { mode: STRICT }, portLevelMtls: { 8080: { mode: DISABLE } } }')],
      8080,
      'STRICT',
      'shop/n',
    ],
    ['an empty selector is none', [policy('n', '{ selector: { matchLabels: {} }, mtls: { mode: STRICT } }')], 8080, 'STRICT', 'shop/n'],
    [
      'the older of two',
      [policy('young', '{ mtls: { mode: DISABLE } }', 'shop', '2026-02-01T00:00:00Z'), policy('old', '{ mtls: { mode: STRICT } }')],
      8080,
      'STRICT',
      'shop/old',
    ],
    [
      'of the same age the first by name',
      [policy('b', '{ mtls: { mode: DISABLE } }'), policy('a', '{ mtls: { mode: STRICT } }')],
      8080,
      'STRICT',
      'shop/a',
    ],
    [
      'the older wins even where it says nothing',
      [policy('young', '{ mtls: { mode: STRICT } }', 'shop', '2026-02-01T00:00:00Z'), policy('old', '{ mtls: { mode: UNSET } }')],
      8080,
      'PERMISSIVE',
      undefined,
    ],
    [
      'a selector in the root namespace is ignored',
      [policy('m', `{ ${selected}, mtls: { mode: STRICT } }`, 'istio-system')],
      8080,
      'PERMISSIVE',
      undefined,
    ],
    [
      'a selector of other labels',
      [policy('w', '{ selector: { matchLabels: { app: web, tier: front } }, mtls: { mode: STRICT } }')],
      8080,
      'PERMISSIVE',
      undefined,
    ],
    ['another namespace', [policy('n', '{ mtls: { mode: STRICT } }', 'other')], 8080, 'PERMISSIVE', undefined],
  ])('%s', (_, policies, port, mode, from) => {
    const decided = modeOfPort(effectiveMtls(clusterMesh(policies.join('---\n')), server), port)
    expect([decided.mode, decided.policy && `${decided.policy.namespace}/${decided.policy.name}`]).toEqual([mode, from])
  })

  test.each<readonly [name: string, policies: readonly string[], undecided: readonly string[]]>([
    ['of one level in files', [peerOfFile('a', '{ mtls: { mode: STRICT } }'), peerOfFile('b', '{ mtls: { mode: DISABLE } }')], ['a', 'b']],
    [
      'that a workload policy overrides',
      [
        peerOfFile('a', '{ mtls: { mode: STRICT } }'),
        peerOfFile('b', '{ mtls: { mode: DISABLE } }'),
        peerOfFile('w', `{ ${selected}, mtls: { mode: STRICT } }`),
      ],
      [],
    ],
    [
      'below which a workload policy inherits',
      [
        peerOfFile('a', '{ mtls: { mode: STRICT } }'),
        peerOfFile('b', '{ mtls: { mode: DISABLE } }'),
        peerOfFile('w', `{ ${selected}, mtls: { mode: UNSET } }`),
      ],
      ['a', 'b'],
    ],
    ['that say nothing', [peerOfFile('a', '{}'), peerOfFile('b', '{ mtls: { mode: UNSET } }')], []],
    ['of which one has an age', [peerOfFile('a', '{ mtls: { mode: STRICT } }'), policy('b', '{ mtls: { mode: DISABLE } }')], []],
  ])('two policies %s', (_, policies, undecided) => {
    expect(effectiveMtls(fileMesh(policies.join('---\n')), server).undecided.map(({ name }) => name)).toEqual(undecided)
  })

  test('the root namespace is what the mesh says it is', () => {
    const mesh = clusterMesh(policy('m', '{ mtls: { mode: STRICT } }', 'mesh-root'), { rootNamespace: 'mesh-root' })
    expect(effectiveMtls(mesh, server).mode).toBe('STRICT')
  })
})

test.each([
  ['mesh', policy('m', '{}', 'istio-system'), 'mesh'],
  ['namespace', policy('n', '{}'), 'namespace'],
  ['workload', policy('w', `{ ${selected} }`), 'workload'],
  ['nothing, with a selector in the root namespace', policy('m', `{ ${selected} }`, 'istio-system'), undefined],
])('a policy decides for: %s', (_, yaml, level) => {
  const mesh = clusterMesh(yaml)
  expect(mesh.all('PeerAuthentication').map(each => levelOf(each, mesh.settings.rootNamespace))).toEqual([level])
})

test.each([
  ['mesh: every workload', policy('m', '{}', 'istio-system'), ['other/web', 'shop/db', 'shop/web']],
  ['namespace: its workloads', policy('n', '{}'), ['shop/db', 'shop/web']],
  ['workload: those with the labels', policy('w', `{ ${selected} }`), ['shop/web']],
  ['ignored: none', policy('m', `{ ${selected} }`, 'istio-system'), []],
])('a policy covers, by %s', (_, yaml, covered) => {
  const pod = (namespace: string, name: string) =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }\nspec: { containers: [{ name: istio-proxy }, { name: app }] }\n`
  const mesh = clusterMesh(yaml + pod('shop', 'web') + pod('shop', 'db') + pod('other', 'web'))
  const [subject] = mesh.all('PeerAuthentication')
  expect(subject && selectedBy(subject, mesh).map(each => `${each.namespace}/${each.name}`)).toEqual(covered)
})
