import { expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'
import { describeMtls } from '../../../../server/src/core/report/mtls.ts'
import { cluster, clusterMesh, fileMesh } from '../../../support/mesh.ts'
import { shop } from '../features/worlds.ts'

const policy = (name: string, mode: string) =>
  `---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: ${name}, namespace: shop }\nspec: { mtls: { mode: ${mode} } }\n`
const described = (mesh: Mesh, name: string) => {
  const subject = mesh.find('PeerAuthentication', 'shop', name)
  if (!subject) throw new Error('no policy')
  return describeMtls(subject, mesh)
}

test('the policy itself and another one are told apart', () => {
  const [earlier, later] = readFile('file:///a.yaml', policy('default', 'STRICT') + policy('default', 'DISABLE')).resources
  const mesh = clusterMesh(shop, { files: [earlier, later].filter(each => each !== undefined) })
  const [first, second] = [earlier, later].map(each =>
    each?.kind === 'PeerAuthentication' ? describeMtls(each, mesh).workloads[0] : undefined,
  )
  expect([first, second]).toEqual(['checkout: DISABLE from the other shop/default', 'checkout: DISABLE from this policy'])
})

test('between two of which no age is known, no winner is named', () => {
  const mesh = fileMesh(shop + policy('a', 'STRICT') + policy('b', 'DISABLE'))
  expect(described(mesh, 'b').workloads).toContain(
    'checkout: the oldest of shop/a and this policy decides; which that is, is not known here',
  )
})

test.each([
  ['without a cluster', fileMesh(policy('a', 'STRICT'))],
  ['with a cluster whose pods may not be listed', clusterMesh('', { cluster: cluster(policy('a', 'STRICT'), ['PeerAuthentication']) })],
])('%s, what is covered is not known', (_, mesh) => {
  expect(described(mesh, 'a').headline).toBe('Which workloads it covers is not known here.')
})
