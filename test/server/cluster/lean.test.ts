import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import { lean, leanDefinition, leanPod } from '../../../server/src/cluster/lean.ts'
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

test('of a CRD the schemas of served versions are kept', () => {
  const version = (name: string, served: boolean) => ({
    name,
    served,
    storage: served,
    additionalPrinterColumns: ['pl4nted'],
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', description: name } } } },
  })
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gateways.networking.istio.io', managedFields: ['pl4nted'] },
    spec: {
      group: 'networking.istio.io',
      names: { kind: 'Gateway', plural: 'gateways' },
      conversion: 'pl4nted',
      versions: [version('v1', true), version('pl4nted', false)],
    },
    status: { storedVersions: ['pl4nted'] },
  }
  const source = { from: 'cluster', context: 'demo' } as const
  expect(JSON.stringify(leanDefinition(definition))).not.toContain('pl4nted')
  expect(readObject(leanDefinition(definition), source)).toEqual(readObject(definition, source))
  expect(readObject({ ...definition, spec: { ...definition.spec, group: 'cert-manager.io' } }, source)).toBeUndefined()
})
