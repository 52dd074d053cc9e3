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
  await admin.createAll(objects)
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
