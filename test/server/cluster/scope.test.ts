import { describe, expect, test } from 'vitest'
import { configPlaces, type Scope, wantedPlaces } from '../../../server/src/cluster/scope.ts'
import { type Groups, pathOf, servedVersion, watched } from '../../../server/src/cluster/watched.ts'
import { clusterMesh } from '../../support/mesh.ts'

const groups: Groups = new Map(watched.map(({ group, versions }) => [group, versions]))
const whole: Scope = { groups, chosen: [], fallback: 'shop', isRefused: () => false, configs: [], rootNamespaces: [] }

const paths = (kind: string, scope: Partial<Scope>) =>
  wantedPlaces({ ...whole, ...scope })
    .filter(place => place.watched.kind === kind)
    .map(place => pathOf(place.watched, servedVersion(place.watched, groups) ?? '', place))

const always = (): boolean => true
const policies = '/apis/security.istio.io/v1'

test.each([
  ['the whole cluster', 'Pod', {}, ['/api/v1/pods']],
  ['what was chosen', 'Pod', { chosen: ['shop', 'bank'] }, ['/api/v1/namespaces/shop/pods', '/api/v1/namespaces/bank/pods']],
  [
    'where that is refused, the namespace of the context too',
    'Pod',
    { isRefused: always },
    ['/api/v1/pods', '/api/v1/namespaces/shop/pods'],
  ],
  [
    'policies of the root namespace count everywhere',
    'PeerAuthentication',
    { chosen: ['shop'], rootNamespaces: ['policies'] },
    ['shop', 'istio-system', 'policies'].map(each => `${policies}/namespaces/${each}/peerauthentications`),
  ],
  [
    'a namespace is listed once',
    'PeerAuthentication',
    { chosen: ['istio-system', 'istio-system'], rootNamespaces: ['istio-system'] },
    [`${policies}/namespaces/istio-system/peerauthentications`],
  ],
  ['what has no namespace is listed whole', 'GatewayClass', { chosen: ['shop'] }, ['/apis/gateway.networking.k8s.io/v1/gatewayclasses']],
  [
    'and stays unknown where that is refused',
    'GatewayClass',
    { chosen: ['shop'], isRefused: always },
    ['/apis/gateway.networking.k8s.io/v1/gatewayclasses'],
  ],
  [
    'but a namespace can be asked for by its name',
    'Namespace',
    { chosen: ['shop', 'bank'], isRefused: always },
    ['/api/v1/namespaces', '/api/v1/namespaces/shop', '/api/v1/namespaces/bank', '/api/v1/namespaces/istio-system'],
  ],
  [
    'settings stand in a ConfigMap for each revision',
    'MeshConfig',
    { configs: [{ namespace: 'mesh', name: 'istio-1-30' }] },
    ['/api/v1/namespaces/istio-system/configmaps/istio', '/api/v1/namespaces/mesh/configmaps/istio-1-30'],
  ],
  ['a name is a part of a path, whatever it is', 'Pod', { chosen: ['a/../b'] }, ['/api/v1/namespaces/a%2F..%2Fb/pods']],
  ['what the server does not have is not asked for', 'WasmPlugin', { groups: new Map([['security.istio.io', ['v1']]]) }, []],
] as const)('%s', (_, kind, scope, expected) => {
  expect(paths(kind, scope)).toEqual(expected)
})

describe('where the settings are', () => {
  test('in the namespace of each istiod, by its revision', () => {
    const pod = (namespace: string, revision: string) =>
      `---\napiVersion: v1\nkind: Pod\nmetadata: { name: istiod-${revision}, namespace: ${namespace}, labels: { app: istiod, istio.io/rev: ${revision} } }\n`
    expect(configPlaces(clusterMesh(pod('mesh', 'default') + pod('istio-system', '1-30')))).toEqual([
      { namespace: 'istio-system', name: 'istio-1-30' },
      { namespace: 'mesh', name: 'istio' },
    ])
  })
})
