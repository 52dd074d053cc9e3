// Namespaces and pods that were named: certain or silent.
import { beforeEach, expect, test } from 'vitest'
import { asides } from '../../../server/src/cli/cannotRun.ts'
import { requireNamespaces } from '../../../server/src/cli/namespaces.ts'
import { podNamed } from '../../../server/src/cli/podNamed.ts'
import { buildMesh, ClusterLayer } from '../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../server/src/core/mesh/mesh.ts'
import { clusterMesh } from '../../support/mesh.ts'

beforeEach(() => asides.clear())

const names = new Set(['shop', 'bank'])

test('a namespace that is not seen is missing only where all are', () => {
  requireNamespaces(['shop'], { names, whole: true })
  expect([...asides]).toEqual([])
  expect(() => requireNamespaces(['shpo'], { names, whole: true })).toThrow('there is no namespace "shpo"; did you mean "shop"?')
  requireNamespaces(['shpo'], { names, whole: false })
  expect([...asides]).toEqual(['whether there is a namespace "shpo" is not known, since not all namespaces could be read'])
})

const pod = (name: string, phase: string, owner = 'pay') => `---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, ownerReferences: [{ apiVersion: apps/v1, kind: StatefulSet, name: ${owner}, controller: true }] }
spec: { containers: [{ name: app }] }
status: { phase: ${phase} }
`
const full = clusterMesh(pod('pay-0', 'Pending') + pod('pay-1', 'Running') + pod('db-0', 'Running', 'db') + pod('db-1', 'Running', 'db'))
const empty: Mesh = buildMesh({ files: [], cluster: new ClusterLayer({ objects: [], complete: () => false }), closedWorld: false })

test.each([
  ['its own name, whatever its phase', full, 'pay-0', 'pay-0', []],
  ['the only pod that runs', full, 'pay', 'pay-1', []],
  ['the first of two', full, 'db', 'db-0', ['of 2 pods of "shop/db": db-0; the other: db-1']],
  ['a name that may be there', empty, 'gone', 'gone', []],
])('%s', (_, mesh, asked, found, said) => {
  expect(podNamed(mesh, { namespace: 'shop', name: asked })).toEqual({ namespace: 'shop', name: found })
  expect([...asides]).toEqual(said)
})
