// Fills an empty API server: Istio's and the Gateway API's definitions, then the objects of the world.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import type { ApiClient } from './apiClient.ts'

/** Creates the definitions in `folder`, then `objects` in their order. */
export async function populate(admin: ApiClient, folder: string, objects: readonly object[]): Promise<void> {
  const texts = await Promise.all(['istio', 'gateway'].map(name => readFile(join(folder, `${name}.yaml`), 'utf8')))
  const definitions = texts.flatMap(text => text.split(/^---$/m)).filter(text => text.includes('kind: CustomResourceDefinition'))
  const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  await Promise.all(definitions.map(definition => admin.create(collection, definition)))
  await all(admin, collection, 'every definition is established', ({ status }) =>
    status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True'),
  )
  await served(admin, collection)
  await admin.createAll(objects)
}

/** A definition is established a moment before its objects can be listed: until then the API server answers 429. */
async function served(admin: ApiClient, collection: string): Promise<void> {
  const { body } = await admin.request('GET', collection)
  const paths: readonly string[] = body.items.flatMap(({ spec }: Definition) =>
    spec.versions.filter(version => version.served).map(({ name }) => `/apis/${spec.group}/${name}/${spec.names.plural}?limit=1`),
  )
  await eventually(
    'every kind can be listed',
    async () => (await Promise.all(paths.map(path => admin.request('GET', path)))).map(({ status }) => status),
    statuses => statuses.every(status => status === 200),
    30,
  )
}

interface Definition {
  readonly spec: {
    readonly group: string
    readonly names: { readonly plural: string }
    readonly versions: readonly { readonly name: string; readonly served: boolean }[]
  }
}

/** Waits for the kubelet. */
export function podsRunning(admin: ApiClient): Promise<void> {
  return all(admin, '/api/v1/pods', 'every pod runs', ({ status }) => status?.phase === 'Running')
}

interface WithStatus {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

async function all(admin: ApiClient, collection: string, what: string, holds: (object: WithStatus) => boolean | undefined): Promise<void> {
  await eventually(
    what,
    async () => (await admin.request('GET', collection)).body.items,
    items => items.every(holds),
  )
}
