// What a get, list or watch is answered with, decided before a byte is sent.
import { listDocument, page } from './list.ts'
import type { KubeObject } from './object.ts'
import type { ApiRequest } from './request.ts'
import { type Matcher, matcher } from './selectors.ts'
import { badRequest, gone, invalid, notFound, type Status, unknownPath } from './status.ts'
import type { Store } from './store.ts'
import type { WatchRequest } from './watch.ts'

export type Reading =
  | { readonly kind: 'document'; readonly body: object }
  | { readonly kind: 'refused'; readonly status: Status }
  | { readonly kind: 'watch'; readonly request: WatchRequest }

/** `accept` may ask for the metadata of objects only (`as=PartialObjectMetadata`). */
export function read(store: Store, request: ApiRequest, accept: string): Reading {
  const { type, namespace, name = '', subresource, verb, query } = request
  const metadataOnly = accept.includes('as=PartialObjectMetadata')
  const render = metadataOnly ? metadataOf : (object: KubeObject) => object
  if (subresource === 'portforward') return refused(badRequest('Upgrade request required'))
  if (subresource) return refused(unknownPath())
  if (verb === 'get') {
    const object = store.get(type, namespace, name)
    return object ? { kind: 'document', body: render(object) } : refused(notFound(type, name))
  }
  const matches = selected(query)
  if (typeof matches === 'string') return refused(badRequest(matches))
  if (verb === 'watch') return watch({ ...request, matches, render })
  const listed = page(store, { ...request, matches })
  switch (listed.kind) {
    case 'page':
      return { kind: 'document', body: listDocument(type, listed.metadata, listed.items.map(render), metadataOnly) }
    case 'expired':
      return refused(gone(listed.wanted, store.revision))
    case 'bad-token':
      return refused(badRequest('continue key is not valid: encoded token is malformed'))
  }
}

const refused = (status: Status): Reading => ({ kind: 'refused', status })

function watch(request: WatchRequest): Reading {
  const { query } = request
  if (!query.has('sendInitialEvents') || query.get('resourceVersionMatch') === 'NotOlderThan') return { kind: 'watch', request }
  const reason = 'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
  return refused(invalid(`ListOptions.meta.k8s.io "" is invalid: ${reason}`))
}

/** The matcher of the query's selectors, or why they do not parse. */
function selected(query: URLSearchParams): Matcher | string {
  try {
    return matcher(query)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const metadataOf = ({ metadata }: KubeObject): object => ({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata })
