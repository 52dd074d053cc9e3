import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import { lean, leanPod } from '../../../server/src/cluster/lean.ts'
import { readObject } from '../../../server/src/core/istio/read.ts'

let demo: Demo

beforeAll(async () => {
  demo = await startDemo()
})

afterAll(() => demo.close())

test('what is left out of the objects of a mesh decides nothing', () => {
  const source = { from: 'cluster', context: 'demo' } as const
  const objects = demo.world.store.all()
  expect(objects.filter(({ kind }) => kind === 'Pod').length).toBeGreaterThan(10)
  for (const object of objects) {
    const trimmed = object.kind === 'Pod' ? leanPod(object) : lean(object)
    expect(readObject(trimmed, source)).toEqual(readObject(object, source))
  }
})

test('environment variables, managed fields and the last applied object are left out', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'checkout-1',
      managedFields: ['pl4nted'],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'pl4nted', 'sidecar.istio.io/inject': 'true' },
    },
    spec: { containers: [{ name: 'app', env: [{ name: 'PASSWORD', value: 'pl4nted' }] }], volumes: ['pl4nted'] },
  }
  expect(JSON.stringify(leanPod(pod))).not.toContain('pl4nted')
  expect(leanPod(pod).metadata.annotations).toEqual({ 'sidecar.istio.io/inject': 'true' })
})
