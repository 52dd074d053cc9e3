// A snapshot answers as the cluster does that it was taken of, keeps nothing secret, and does not claim to know what it lacks.
import { describe, expect, test } from 'vitest'
import { buildCluster } from '../../../../../demo/mesh/cluster.ts'
import { watched } from '../../../../../server/src/cluster/watched.ts'
import { callersOf } from '../../../../../server/src/core/decide/access/callersOf.ts'
import { connections, rowOf } from '../../../../../server/src/core/decide/mtls/paths.ts'
import { serverRows } from '../../../../../server/src/core/decide/mtls/serverRows.ts'
import { readFile } from '../../../../../server/src/core/istio/file.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import type { Kind, Resource } from '../../../../../server/src/core/istio/resources.ts'
import { heldText } from '../../../../../server/src/core/istio/snapshot.ts'
import { buildMesh, ClusterLayer } from '../../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { trimmed } from '../../../../../server/src/core/mesh/snapshot/trim.ts'
import { type TakenSnapshot, type WriteOptions, writeSnapshot } from '../../../../../server/src/core/mesh/snapshot/write.ts'
import { check } from '../../../../../server/src/core/rules/run.ts'

const demo = buildCluster(new Date('2026-05-01T12:00:00Z'), '-----BEGIN CERTIFICATE-----\nroot\n-----END CERTIFICATE-----')
const kinds = [...new Set(watched.map(({ kind }) => kind))]
const policies = demo.filter(({ apiVersion }) => /istio\.io/.test(apiVersion))

const taken = (given: Partial<TakenSnapshot> = {}): TakenSnapshot => ({
  objects: demo,
  complete: kinds.map(kind => ({ kind })),
  missing: [],
  taken: '2026-05-01T12:00:00Z',
  version: '1.2.3',
  ...given,
})

function meshFrom(snapshot: TakenSnapshot, options: WriteOptions = { format: 'yaml' }, closedWorld = false): Mesh {
  const { text } = writeSnapshot(snapshot, options)
  const { resources } = readFile('file:///snapshot.yaml', text, { longestDocument: Number.POSITIVE_INFINITY })
  return buildMesh({ files: resources, closedWorld })
}

function liveMesh(objects: readonly unknown[] = demo): Mesh {
  const resources = objects.flatMap(each => readObject(each, { from: 'cluster', context: 'demo' }) ?? [])
  return buildMesh({
    files: [],
    cluster: new ClusterLayer({ objects: resources, complete: kind => kinds.includes(kind) }),
    closedWorld: false,
  })
}

/** Without where it was read and what Istio never looks at. */
function essence(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each) => (beside.includes(key) ? undefined : each instanceof Map ? [...each] : each)))
}

const beside: readonly string[] = ['source', 'at', 'annotations', 'written', 'span', 'actionAt', 'spec']

function answers(mesh: Mesh): unknown {
  return {
    servers: serverRows(mesh).length,
    paths: [...connections(mesh)]
      .map(each => rowOf(mesh, each))
      .map(({ from, host, port, tls, wire, status, reason }) => [from, host, port, tls, wire, status, reason].join(' '))
      .toSorted(),
    access: mesh.workloads.map(workload => {
      const { callers, others, plaintext } = callersOf(mesh, workload)
      return [
        workload.namespace,
        workload.name,
        callers.map(({ identity, outcome }) => [identity, outcome.decision]),
        others.decision,
        essence(plaintext),
      ]
    }),
    findings: policies.map(object => {
      const file = readFile('file:///policy.json', JSON.stringify(object))
      const world = buildMesh({ files: file.resources, closedWorld: false, cluster: new ClusterLayer(worldOf(mesh)) })
      return check(file, world, { severities: {}, structure: 'all' }).map(({ rule, message }) => [rule, message])
    }),
  }
}

function worldOf(mesh: Mesh) {
  return { objects: kinds.flatMap((kind): readonly Resource[] => mesh.all(kind)), complete: (kind: Kind) => mesh.complete(kind) }
}

describe.each(['yaml', 'json'] as const)('as %s', format => {
  test('what is read of it is what is read of the cluster', () => {
    const [live, written] = [liveMesh(), meshFrom(taken(), { format })]
    const objects = (mesh: Mesh) =>
      kinds.map(kind => [
        kind,
        mesh
          .all(kind)
          .map(essence)
          .map(each => JSON.stringify(each))
          .toSorted(),
      ])
    expect(objects(written)).toEqual(objects(live))
    expect(written.settings).toEqual(live.settings)
  })

  test('the answers are the same', () => {
    expect(answers(meshFrom(taken(), { format }))).toEqual(answers(liveMesh()))
  })
})

test('under other names as many findings of the same rules', () => {
  const rules = (mesh: Mesh, objects: readonly unknown[]) =>
    objects
      .filter(each => /istio\.io/.test((each as { apiVersion: string }).apiVersion))
      .flatMap(object => {
        const file = readFile('file:///policy.json', JSON.stringify(object))
        const world = buildMesh({ files: file.resources, closedWorld: false, cluster: new ClusterLayer(worldOf(mesh)) })
        return check(file, world, { severities: {}, structure: 'all' }).map(({ rule }) => rule)
      })
      .toSorted()
  const { text } = writeSnapshot(taken(), { format: 'json', pseudonyms: { seed: 'a seed' } })
  const renamed = JSON.parse(text).items
  const before = demo.map(trimmed).filter(each => each !== undefined)
  expect(rules(liveMesh(renamed), renamed)).toEqual(rules(liveMesh(before), before))
})

describe('what it lacks', () => {
  const partial = taken({
    complete: [{ kind: 'Namespace' }, { kind: 'ServiceAccount', namespace: 'shop' }],
    missing: [{ kind: 'ServiceAccount' }, { kind: 'Pod' }],
  })

  test.each([
    ['a kind that was read', 'Namespace', '', 'absent'],
    ['a namespace of it that was read', 'ServiceAccount', 'shop', 'absent'],
    ['another namespace', 'ServiceAccount', 'bank', 'unknown'],
    ['a kind that was not read', 'Pod', 'shop', 'unknown'],
    ['a kind that snapshots do not hold', 'Secret', 'shop', 'unknown'],
  ] as const)('%s', (_, kind, namespace, presence) => {
    expect(meshFrom(partial).presence(kind, namespace, 'nobody')).toBe(presence)
    // Nor where somebody says that the files are everything.
    expect(meshFrom(partial, { format: 'yaml' }, true).presence(kind, namespace, 'nobody')).toBe(presence)
  })

  test('is said in it', () => {
    expect(writeSnapshot(partial, { format: 'yaml' }).text).toContain('istio-security/missing: "ServiceAccount, Pod"')
    expect(heldText(partial.complete)).toBe('Namespace, ServiceAccount in shop')
  })
})

describe('with a cluster', () => {
  test('the cluster counts, whatever the snapshot holds', () => {
    const { resources } = readFile('file:///snapshot.yaml', writeSnapshot(taken(), { format: 'yaml' }).text, { longestDocument: 9e9 })
    const cluster = new ClusterLayer({ objects: [], complete: () => true })
    expect(buildMesh({ files: resources, cluster, closedWorld: false }).all('Pod')).toEqual([])
  })

  test('a file lies over the snapshot', () => {
    const { resources } = readFile('file:///snapshot.yaml', writeSnapshot(taken(), { format: 'yaml' }).text, { longestDocument: 9e9 })
    const edited = readFile('file:///a.yaml', 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: new, namespace: shop }')
    const mesh = buildMesh({ files: [...resources, ...edited.resources], closedWorld: false })
    expect([mesh.presence('ServiceAccount', 'shop', 'new'), mesh.presence('ServiceAccount', 'shop', 'none')]).toEqual(['present', 'absent'])
  })
})

describe('secrets', () => {
  const metadata = {
    name: 'x',
    namespace: 'shop',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'PLANTED', note: 'PLANTED' },
  }
  const container = { name: 'app', image: 'PLANTED', args: ['PLANTED'], command: ['PLANTED'], env: [{ name: 'A', value: 'PLANTED' }] }
  const key = '-----BEGIN PRIVATE KEY-----\nPLANTED\n-----END PRIVATE KEY-----'
  const objects = [
    { apiVersion: 'v1', kind: 'Secret', metadata, data: { token: 'PLANTED' } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { containers: [container], volumes: [{ name: 'PLANTED' }] },
      status: { hostIP: 'PLANTED' },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { template: { metadata, spec: { containers: [{ ...container, name: 'discovery' }] } } },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...metadata, name: 'istio' },
      data: { mesh: 'accessToken: PLANTED\nrootNamespace: istio-system', values: 'PLANTED' },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata,
      spec: { http: [{ headers: { request: { set: { authorization: 'PLANTED' } } } }] },
    },
    { apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin', metadata, spec: { pluginConfig: { key: 'PLANTED' } } },
    { apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter', metadata, spec: { configPatches: ['PLANTED'] } },
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'RequestAuthentication',
      metadata,
      spec: { jwtRules: [{ jwks: '{"keys":[{"kty":"oct","k":"PLANTED"}]}' }] },
    },
    { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata, spec: { host: 'x', other: key } },
  ]

  test.each(objects.map(each => [each.kind, each] as const))('nothing of a %s', (_, object) => {
    const { text } = writeSnapshot(taken({ objects: [object] }), { format: 'json' })
    expect(text).not.toContain(key)
    // istiod's image tells its version.
    expect(object.kind === 'Deployment' ? text.replace('"image":"PLANTED"', '') : text).not.toContain('PLANTED')
  })
})

test('texts that look like a template, or like something else in YAML, come back as they were', () => {
  const values = [
    '{{ x }}',
    '{% y %}',
    '<% z',
    '((a))',
    '#@ b',
    '%{c}',
    '{{{',
    'yes',
    '0x10',
    '1e3',
    ' a',
    'a: b',
    '#',
    '- a',
    '\u2028',
    '\u0085',
    "'",
    '"',
    '\\',
    'a\nb',
    '',
  ]
  const object = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'x', namespace: 'shop' },
    spec: { rules: [{ when: [{ key: 'request.headers[a]', values }] }] },
  }
  for (const format of ['yaml', 'json'] as const) {
    const [policy] = meshFrom(taken({ objects: [object] }), { format }).all('AuthorizationPolicy')
    expect(policy?.rules[0]?.when[0]?.values.map(({ value }) => value)).toEqual(values)
  }
})
