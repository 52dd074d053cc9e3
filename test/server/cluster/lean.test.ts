import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../../demo/demo.ts'
import { lean, leanDefinition, leanOwner, leanPod } from '../../../server/src/cluster/lean.ts'
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
    const read = readObject(object, source)
    const { 'sidecar.istio.io/status': _, ...annotations } = read?.annotations ?? {}
    expect(readObject(trimmed, source)).toEqual(read && { ...read, annotations })
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

test('of what makes pods the template is kept, and of istiod what decides about the mesh', () => {
  const variables = [
    { name: 'PILOT_ENABLE_AMBIENT', value: 'true' },
    { name: 'CLUSTER_ID', value: 'east' },
    { name: 'REVISION', valueFrom: { fieldRef: { fieldPath: 'pl4nted' } } },
    { name: 'TOKEN', value: 'pl4nted' },
  ]
  const template = {
    metadata: { labels: { app: 'istiod' }, annotations: { 'sidecar.istio.io/inject': 'false' }, creationTimestamp: 'pl4nted' },
    spec: {
      serviceAccountName: 'istiod',
      volumes: ['pl4nted'],
      containers: [
        { name: 'discovery', image: 'pilot:1.30.2', env: variables, args: ['pl4nted'], ports: [{ containerPort: 15012 }] },
        { name: 'app', image: 'pl4nted', env: [{ name: 'PILOT_PASSWORD', value: 'pl4nted' }] },
      ],
    },
  }
  const metadata = { name: 'istiod', namespace: 'istio-system', managedFields: ['pl4nted'] }
  const source = { from: 'cluster', context: 'demo' } as const
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { template, strategy: 'pl4nted' },
    status: { replicas: 1 },
  }
  const cronJob = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec: { schedule: 'pl4nted', jobTemplate: { spec: { template, backoffLimit: 3 } } },
  }
  for (const owner of [deployment, cronJob]) {
    const trimmed = leanOwner(owner)
    expect(JSON.stringify(trimmed)).not.toContain('pl4nted')
    const [lean, whole] = [readObject(trimmed, source), readObject(owner, source)]
    expect({ ...lean, discovery: {} }).toEqual({ ...whole, discovery: {} })
    expect(lean).toMatchObject({ discovery: { PILOT_ENABLE_AMBIENT: 'true', CLUSTER_ID: 'east' }, discoveryImage: 'pilot:1.30.2' })
  }
})
