import { describe, expect, test } from 'vitest'
import { knowsWorkloads, workloadMeant, workloadNamed } from '../../../../server/src/core/policytest/workloadNamed.ts'
import { clusterMesh, fileMesh } from '../../../support/mesh.ts'
import { shop } from './shop.ts'

const mesh = clusterMesh(shop)

describe('a name means', () => {
  test.each<readonly [what: string, name: string, ownerKind: string, pods: readonly string[], account: string]>([
    ['a Deployment, by its pods', 'shop/checkout', 'Deployment', ['checkout-7d9f-a', 'checkout-7d9f-b'], 'checkout'],
    ['a ReplicaSet', 'shop/checkout-7d9f', 'ReplicaSet', ['checkout-7d9f-a', 'checkout-7d9f-b'], 'checkout'],
    ['one Pod', 'shop/checkout-7d9f-b', 'Pod', ['checkout-7d9f-b'], 'checkout'],
    ['the Pod rather than the Deployment of the same name', 'shop/db', 'Pod', ['db'], 'db'],
    ['a StatefulSet', 'shop/database', 'StatefulSet', ['db'], 'db'],
    ['a Pod that has finished', 'shop/report-1', 'Pod', ['report-1'], 'report'],
    ['a WorkloadEntry', 'shop/vm', 'WorkloadEntry', [], 'vm'],
  ])('%s', (_, name, ownerKind, pods, serviceAccount) => {
    const found = workloadNamed(mesh, name)
    expect(found).toMatchObject({ ownerKind, serviceAccount, namespace: 'shop' })
    expect(found?.pods.map(pod => pod.name)).toEqual(pods)
  })

  test('the same object each time', () => {
    expect(workloadNamed(mesh, 'shop/db')).toBe(workloadNamed(mesh, 'shop/db'))
  })

  test.each(['shop/chekout', 'billing/checkout', 'checkout', 'shop/', '/checkout', ''])('nothing: %j', name => {
    expect(workloadNamed(mesh, name)).toBeUndefined()
  })
})

test('the workload that was meant', () => {
  expect(workloadMeant(mesh, 'shop/chekout')).toBe('shop/checkout')
  expect(workloadMeant(mesh, 'billing/ledger')).toBeUndefined()
})

test('a name is nobody’s only where pods, what makes them and machines are all known', () => {
  expect(knowsWorkloads(mesh, 'shop/nobody')).toBe(true)
  expect(knowsWorkloads(fileMesh(shop), 'shop/nobody')).toBe(false)
})
