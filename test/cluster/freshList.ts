// What the API server holds, listed anew by the rig itself and read untrimmed: what a connection must know after whatever happened.
import { isDeepStrictEqual } from 'node:util'
import { pathOf, type Watched, watched } from '../../server/src/cluster/watched.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import type { Resource } from '../../server/src/core/istio/resources.ts'
import { eventually } from '../support/eventually.ts'
import type { ApiClient } from './apiClient.ts'

type Listed = ReadonlyMap<string, Resource>
type Held = () => Iterable<Resource> | Promise<Iterable<Resource>>

/** What of the cluster somebody may read; absent: everything. */
export interface Readable {
  readonly kinds?: (each: Watched) => boolean
  readonly namespaces?: readonly string[]
}

/** Waits until what is held is what a fresh list says; throws what differs when it never is. */
export async function equalsFreshList(held: Held, admin: ApiClient, readable: Readable = {}, seconds = 30): Promise<void> {
  await eventually(
    'the store equals a fresh list',
    async () => differences(byKey(await held()), await freshList(admin, readable)),
    found => found.length === 0,
    seconds,
  )
}

async function freshList(admin: ApiClient, { kinds = () => true, namespaces }: Readable): Promise<Listed> {
  const lists = await Promise.all(watched.filter(kinds).map(each => listOf(each, admin)))
  return byKey(lists.flat().filter(({ namespace }) => namespaces?.includes(namespace) ?? true))
}

async function listOf(each: Watched, admin: ApiClient): Promise<readonly Resource[]> {
  const { group, versions, apiKind, kind, label, byName } = each
  for (const version of versions) {
    const path = pathOf(each, version, byName ? { namespace: 'istio-system', name: 'istio' } : {})
    // An API server that has just started puts off some kinds for a moment.
    const { status, body } = await eventually(
      `${path} is served`,
      () => admin.request('GET', `${path}${label ? `?labelSelector=${encodeURIComponent(label)}` : ''}`),
      answer => answer.status !== 429 && answer.status < 500,
    )
    if (status === 404) continue
    if (status !== 200) throw new Error(`GET ${path}: ${body.message}`)
    const header = { apiVersion: group === '' ? version : `${group}/${version}`, kind: apiKind ?? kind }
    const items: readonly object[] = byName ? [body] : body.items
    return items.flatMap(item => readObject({ ...item, ...header }, { from: 'cluster', context: 'rig' }) ?? [])
  }
  return []
}

/** One line each, such as `Pod shop/cart is missing`; the first few. */
function differences(held: Listed, fresh: Listed): readonly string[] {
  const missing = [...fresh.keys()].filter(key => !held.has(key)).map(key => `${key} is missing`)
  const superfluous = [...held.keys()].filter(key => !fresh.has(key)).map(key => `${key} was deleted`)
  const other = [...fresh].filter(([key, object]) => held.has(key) && !isDeepStrictEqual(known(held.get(key)), known(object)))
  return [...missing, ...superfluous, ...other.map(([key]) => `${key} is outdated`)].slice(0, 10)
}

/** What is understood of an object. Its text is that of the trimmed one. */
function known(object: Resource | undefined): object {
  const { written: _, ...rest } = (object ?? {}) as { readonly written?: unknown }
  return rest
}

function byKey(objects: Iterable<Resource>): Listed {
  return new Map(Array.from(objects, object => [`${object.kind} ${object.namespace}/${object.name}`, object]))
}
