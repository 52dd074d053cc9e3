import { describe, expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { cluster, clusterMesh, fileMesh } from '../../../support/mesh.ts'

const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}, namespace: shop }\n`
const peer = (name: string, mode: string, created = '') =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: ${name}, namespace: shop${created && `, creationTimestamp: "${created}"`} }\nspec: { mtls: { mode: ${mode} } }\n`
const config = (mesh: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata:\n  mesh: |\n${mesh.replace(/^/gm, '    ')}\n`
const caller = (serviceAccount: string, trustDomain = 'cluster.local') =>
  ({ match: 'exact', trustDomain, namespace: 'shop', serviceAccount }) as const

describe('files over a cluster', () => {
  const under = cluster(
    [peer('default', 'PERMISSIVE', '2026-01-01T00:00:00Z'), peer('other', 'STRICT', '2026-02-01T00:00:00Z')].join('---\n'),
  )
  const mesh = buildMesh({ files: readFile('file:///a.yaml', peer('default', 'DISABLE')).resources, cluster: under, closedWorld: false })

  test('a file replaces the object of the cluster and keeps its age', () => {
    const policies = mesh.in('PeerAuthentication', 'shop')
    expect(policies.map(({ name, mode, created }) => [name, mode?.value, created]).toSorted()).toEqual([
      ['default', 'DISABLE', '2026-01-01T00:00:00Z'],
      ['other', 'STRICT', '2026-02-01T00:00:00Z'],
    ])
    expect(mesh.all('PeerAuthentication').length).toBe(2)
    expect(mesh.find('PeerAuthentication', 'shop', 'default')?.mode?.value).toBe('DISABLE')
  })

  test('of two files with the same object the later one counts', () => {
    expect(
      fileMesh(`${peer('default', 'STRICT')}---\n${peer('default', 'DISABLE')}`)
        .all('PeerAuthentication')
        .map(({ mode }) => mode?.value),
    ).toEqual(['DISABLE'])
  })
})

describe('what is the same object', () => {
  const owner = (kind: string, metadata: string) =>
    `---\napiVersion: apps/v1\nkind: ${kind}\nmetadata: { ${metadata}, namespace: shop }\nspec: { template: { spec: { containers: [{ name: app }] } } }\n`
  const both = owner('Deployment', 'name: web') + owner('StatefulSet', 'name: web')

  test('a Deployment and a StatefulSet of one name are two', () => {
    expect(fileMesh(both).all('WorkloadOwner').length).toBe(2)
    const files = readFile('file:///a.yaml', owner('Deployment', 'name: web')).resources
    expect(clusterMesh(both, { files }).all('WorkloadOwner').length).toBe(2)
  })

  test('objects that get their name from the API server are never one', () => {
    const unnamed = owner('Deployment', 'generateName: web-')
    expect(fileMesh(unnamed + unnamed).all('WorkloadOwner').length).toBe(2)
  })
})

describe('presence', () => {
  test('a namespace is there when anything lives in it', () => {
    const mesh = fileMesh(account('web'), { closedWorld: true })
    expect([mesh.presence('Namespace', '', 'shop'), mesh.presence('Namespace', '', 'bank')]).toEqual(['present', 'absent'])
  })

  test('the account "default" is there when its namespace is', () => {
    const mesh = fileMesh(account('web'), { closedWorld: true })
    expect(['shop', 'bank'].map(namespace => mesh.presence('ServiceAccount', namespace, 'default'))).toEqual(['present', 'absent'])
  })

  test.each([
    ['there, whatever is known', fileMesh(account('web')), 'web', 'present'],
    ['not in files that are not everything', fileMesh(account('web')), 'nobody', 'unknown'],
    ['not in files that are everything', fileMesh(account('web'), { closedWorld: true }), 'nobody', 'absent'],
    ['not in a list that was seen completely', clusterMesh(account('web')), 'nobody', 'absent'],
    ['not in a list that could not be seen', clusterMesh('', { cluster: cluster(account('web'), ['Pod']) }), 'nobody', 'unknown'],
  ])('%s', (_, mesh, name, presence) => {
    expect(mesh.presence('ServiceAccount', 'shop', name)).toBe(presence)
  })
})

describe('whether somebody can present an identity', () => {
  const networks = '---\napiVersion: v1\nkind: Namespace\nmetadata: { name: istio-system, labels: { topology.istio.io/network: east } }\n'
  test.each([
    ['an account', clusterMesh(account('web')), caller('web'), 'present'],
    ['no account', clusterMesh(account('web')), caller('nobody'), 'absent'],
    ['another trust domain', clusterMesh(account('web')), caller('nobody', 'partner.example'), 'unknown'],
    [
      'the trust domain of the mesh',
      clusterMesh(`${account('web')}---\n${config('trustDomain: td.example')}`),
      caller('nobody', 'td.example'),
      'absent',
    ],
    [
      '"cluster.local" stands for the trust domain of the mesh',
      clusterMesh(`${account('web')}---\n${config('trustDomain: td.example')}`),
      caller('web'),
      'present',
    ],
    [
      'an alias',
      clusterMesh(`${account('web')}---\n${config('trustDomainAliases: [old.example]')}`),
      caller('nobody', 'old.example'),
      'absent',
    ],
    ['several networks: other clusters have accounts too', clusterMesh(account('web') + networks), caller('nobody'), 'unknown'],
  ])('%s', (_, mesh, principal, presence) => {
    expect(mesh.identity(principal)).toBe(presence)
  })
})

describe('settings', () => {
  test.each([
    ['nothing known', '', { rootNamespace: 'istio-system', trustDomain: 'cluster.local', known: false }],
    [
      'the ConfigMap',
      config('rootNamespace: mesh-root\ntrustDomain: td.example'),
      { rootNamespace: 'mesh-root', trustDomain: 'td.example', known: true },
    ],
    ['a ConfigMap that does not parse', config('rootNamespace: [x'), { rootNamespace: 'istio-system', known: true }],
    [
      'a ConfigMap of something else',
      config('rootNamespace: mesh-root').replace('name: istio,', 'name: other,'),
      { rootNamespace: 'istio-system', known: false },
    ],
  ])('%s', (_, yaml, settings) => {
    expect(clusterMesh(yaml).settings).toMatchObject(settings)
  })

  test('what the user says outranks the ConfigMap', () => {
    expect(clusterMesh(config('rootNamespace: mesh-root'), { rootNamespace: 'said' }).settings.rootNamespace).toBe('said')
  })
})
