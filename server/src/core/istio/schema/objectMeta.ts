// `metadata` of every kind. Source: k8s.io/apimachinery pkg/apis/meta/v1 types.go, told in our words.
import { any, boolean, field, listOf, type MapSchema, object, type StringSchema, string, strings } from './schema.ts'

const filled: StringSchema = { type: 'string', minLength: 1 }
const texts: MapSchema = { type: 'map', keys: 'text', values: string }

export const ownerReference = object('an owner reference', {
  apiVersion: field(filled, 'Group and version of the owner.', { example: 'apiVersion: apps/v1', required: 'crd' }),
  kind: field(filled, 'Kind of the owner.', { example: 'kind: Deployment', required: 'crd' }),
  name: field(filled, 'Name of the owner, in the same namespace.', { example: 'name: checkout', required: 'crd' }),
  uid: field(filled, 'The one object that is meant, even if another of its name follows.', {
    example: 'uid: 4c1d5f5e-0b1a-4f7e-9a57-3c5d8b0d9d11',
    required: 'crd',
  }),
  controller: field(boolean, 'Whether this owner manages the object.', { default: 'false' }),
  blockOwnerDeletion: field(boolean, 'Whether the owner waits for the object when it is deleted.', { default: 'false' }),
})

export const objectMeta = object('metadata', {
  name: field(string, 'Name of the object: lower-case letters, digits, dashes and dots. It cannot be changed later.', {
    example: 'name: checkout',
  }),
  generateName: field(string, 'Beginning of a name that is made on creation. Only `kubectl create` takes it.', {
    example: 'generateName: checkout-',
  }),
  namespace: field(
    string,
    'Where the object lives. It decides which workloads the policy can reach; in the root namespace that is the whole mesh.',
    { example: 'namespace: shop' },
  ),
  labels: field(texts, 'Words to find the **object** by. They select no workload: that is what `spec.selector` is for.', {
    example: 'labels: { team: payments }',
  }),
  annotations: field(texts, 'Notes for tools. Values are text: quote `"true"` and numbers.', {
    example: 'annotations: { istio.io/dry-run: "true" }',
  }),
  finalizers: field(strings, 'Who must agree before the object is gone.', { example: 'finalizers: [example.com/cleanup]' }),
  ownerReferences: field(listOf(ownerReference), 'Objects with which this one is deleted.', { readOnly: true }),
  uid: field(string, 'Written by the API server.', { readOnly: true }),
  resourceVersion: field(string, 'Written by the API server.', { readOnly: true }),
  generation: field({ type: 'integer', format: 'int64' }, 'Written by the API server.', { readOnly: true }),
  creationTimestamp: field(any, 'Written by the API server.', { readOnly: true }),
  deletionTimestamp: field(any, 'Written by the API server.', { readOnly: true }),
  deletionGracePeriodSeconds: field({ type: 'integer', format: 'int64' }, 'Written by the API server.', { readOnly: true }),
  selfLink: field(string, 'Written by API servers before Kubernetes 1.20.', { readOnly: true }),
  managedFields: field(any, 'Written by the API server.', { readOnly: true }),
})
