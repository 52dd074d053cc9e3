import { expect, test } from 'vitest'
import { clusterMesh } from '../../../support/mesh.ts'

const root = (labels: string) => `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: istio-system, labels: { ${labels} } }\n`
const istiod = (clusterId: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: istiod, namespace: istio-system, labels: { app: istiod } }
spec: { template: { metadata: { labels: { app: istiod } }, spec: { containers: [{ name: discovery, env: [{ name: CLUSTER_ID, value: ${clusterId} }] }] } } }
`
const gateway = (className: string, labels = '') =>
  `---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: east, namespace: istio-system, labels: { ${labels} } }\nspec: { gatewayClassName: ${className} }\n`
const networks = (text: string) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata: { mesh: "{}", meshNetworks: "${text}" }\n`

test.each([
  ['nothing', root(''), []],
  ['an istiod that is alone', istiod('Kubernetes'), []],
  ['no networks', networks('networks: {}'), []],
  ['an ingress', gateway('istio'), []],
  ['a network of the root namespace', root('topology.istio.io/network: north'), ['namespace "istio-system" is on network "north"']],
  ['a name of the cluster', istiod('east'), ['istiod calls this cluster "east"']],
  [
    'networks in the settings',
    networks('networks: { north: {}, south: {} }'),
    ['the mesh\'s settings name the network "north"', 'the mesh\'s settings name the network "south"'],
  ],
  ['a gateway of another network', gateway('istio-remote'), ['"istio-system/east" is a gateway between networks']],
  ['an east-west gateway', gateway('istio', 'topology.istio.io/network: north'), ['"istio-system/east" is a gateway between networks']],
] as const)('%s', (_, yaml, signs) => {
  const mesh = clusterMesh(yaml)
  expect(mesh.peers).toEqual(signs)
  const caller = { match: 'exact', trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'nobody' } as const
  expect(mesh.identity(caller)).toBe(signs.length > 0 ? 'unknown' : 'absent')
})
