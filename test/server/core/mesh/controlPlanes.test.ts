import { describe, expect, test } from 'vitest'
import {
  configNameOf,
  controlPlanes,
  defaultControlPlane,
  istioVersionOf,
  meshConfigOf,
} from '../../../../server/src/core/mesh/controlPlanes.ts'
import { clusterMesh, fileMesh } from '../../../support/mesh.ts'

const istiod = (revision: string, { namespace = 'istio-system', labels = '', phase = 'Running' } = {}) => `---
apiVersion: v1
kind: Pod
metadata: { name: istiod-${revision}-1, namespace: ${namespace}, labels: { app: istiod, istio.io/rev: ${revision}${labels && `, ${labels}`} } }
spec: { containers: [{ name: discovery }] }
status: { phase: ${phase} }
`
const deployment = (revision: string, image: string, environment: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: istiod-${revision}, namespace: istio-system, labels: { app: istiod, istio.io/rev: ${revision} } }
spec:
  template:
    metadata: { labels: { app: istiod, istio.io/rev: ${revision} } }
    spec: { containers: [{ name: discovery, image: "${image}", env: [${environment}] }] }
`
const webhook = (revision: string, tag?: string) => `---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: ${tag ? `istio-revision-tag-${tag}` : `istio-sidecar-injector-${revision}`}, labels: { istio.io/rev: ${revision}${tag ? `, istio.io/tag: ${tag}` : ''} } }
webhooks: []
`
const config = (name: string, settings: string, namespace = 'istio-system') =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: ${namespace} }\ndata: { mesh: "${settings}" }\n`

test('pods, Deployments and webhooks together say what each istiod is', () => {
  const yaml = [
    istiod('1-30-2', { labels: 'app.kubernetes.io/version: 1.30.2' }),
    deployment('1-31-0', 'docker.io/istio/pilot:1.31.0-distroless', '{ name: CLUSTER_ID, value: east }'),
    webhook('1-30-2'),
    webhook('1-30-2', 'default'),
    webhook('1-30-2', 'stable'),
    webhook('1-31-0', 'canary'),
  ]
  expect(controlPlanes(clusterMesh(yaml.join('')))).toEqual([
    { namespace: 'istio-system', revision: '1-30-2', version: '1.30.2', tags: ['default', 'stable'] },
    { namespace: 'istio-system', revision: '1-31-0', version: '1.31.0', tags: ['canary'], environment: { CLUSTER_ID: 'east' } },
  ])
})

test.each([
  ['the tag "default" decides', [istiod('a'), istiod('b'), webhook('a'), webhook('b', 'default')], 'b'],
  ['else the revision without a name', [istiod('a'), istiod('default')], 'default'],
  ['else the only one', [istiod('a')], 'a'],
  ['of several none is certain', [istiod('a'), istiod('b')], undefined],
  ['one whose pods have ended is none', [istiod('a', { phase: 'Failed' })], undefined],
] as const)('%s', (_, yaml, revision) => {
  expect(defaultControlPlane(clusterMesh(yaml.join('')))?.revision).toBe(revision)
})

test('a pod that only says to be istiod does not take the place of the one in the usual namespace', () => {
  const usual = istiod('default')
  expect(defaultControlPlane(clusterMesh(istiod('default', { namespace: 'aaa' }) + usual))?.namespace).toBe('istio-system')
  const elsewhere = istiod('default', { namespace: 'aaa' }) + istiod('default', { namespace: 'mesh' })
  expect(defaultControlPlane(clusterMesh(elsewhere))).toBeUndefined()
})

test.each([
  [
    'of the default one',
    [istiod('a', { labels: 'app.kubernetes.io/version: 1.29.1' }), istiod('default', { labels: 'helm.sh/chart: istiod-1.30.0' })],
    '1.30',
  ],
  [
    'of all where they agree',
    [istiod('a', { labels: 'app.kubernetes.io/version: 1.29.1' }), istiod('b', { labels: 'app.kubernetes.io/version: 1.29.4' })],
    '1.29',
  ],
  [
    'unknown where they do not',
    [istiod('a', { labels: 'app.kubernetes.io/version: 1.29.1' }), istiod('b', { labels: 'app.kubernetes.io/version: 1.30.0' })],
    undefined,
  ],
  ['from the tag of the image', [deployment('default', 'registry.example:5000/istio/pilot:1.30.2', '')], '1.30'],
  ['a digest tells none', [deployment('default', 'istio/pilot@sha256:1.30', '')], undefined],
] as const)('the version is that %s', (_, yaml, version) => {
  expect(istioVersionOf(clusterMesh(yaml.join('')))).toBe(version)
})

test.each([
  ['default', 'istio'],
  ['1-30-2', 'istio-1-30-2'],
])('the settings of revision %s are in %s', (revision, name) => {
  expect(configNameOf(revision)).toBe(name)
})

describe('settings', () => {
  const settings = (...yaml: readonly string[]) => {
    const { rootNamespace, trustDomain } = clusterMesh(yaml.join('')).settings
    return [rootNamespace, trustDomain]
  }

  test('those of the default control plane count', () => {
    const both = [config('istio', 'trustDomain: old'), config('istio-new', 'trustDomain: new')]
    expect(settings(...both, istiod('new'), webhook('new', 'default'))).toEqual(['istio-system', 'new'])
    expect(settings(...both, istiod('default'), istiod('new'))).toEqual(['istio-system', 'old'])
  })

  test('the root namespace is the usual one where the settings name none, wherever istiod runs', () => {
    expect(settings(config('istio', 'trustDomain: a', 'mesh'), istiod('default', { namespace: 'mesh' }))).toEqual(['istio-system', 'a'])
    expect(settings(config('istio', 'rootNamespace: policies', 'mesh'), istiod('default', { namespace: 'mesh' }))).toEqual([
      'policies',
      'cluster.local',
    ])
  })

  test('control planes that disagree leave nothing certain', () => {
    const disagree = clusterMesh(config('istio', 'trustDomain: a') + config('istio-b', 'trustDomain: b'))
    const agree = clusterMesh(config('istio', 'trustDomain: a') + config('istio-b', 'trustDomain: a'))
    expect([disagree.complete('MeshConfig'), agree.complete('MeshConfig')]).toEqual([false, true])
  })

  test('files that are everything there is settle it', () => {
    const mesh = fileMesh(config('istio', 'trustDomain: a') + config('istio-b', 'trustDomain: b'), { closedWorld: true })
    expect([mesh.complete('MeshConfig'), meshConfigOf(mesh)?.trustDomain]).toEqual([true, 'a'])
  })
})
