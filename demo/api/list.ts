// Lists: whole, or page by page from one consistent revision.
import type { KubeObject } from './object.ts'
import { apiVersionOf, type ResourceType } from './resources.ts'
import type { Matcher } from './selectors.ts'
import type { Store } from './store.ts'

export interface ListRequest {
  readonly type: ResourceType
  readonly namespace?: string
  readonly query: URLSearchParams
  readonly matches: Matcher
}

/** Where the next page starts, and the revision that all pages show. */
interface Continue {
  readonly revision: number
  readonly start: number
}

export type Page =
  | { readonly kind: 'page'; readonly items: readonly KubeObject[]; readonly metadata: object }
  | { readonly kind: 'expired'; readonly wanted: string }
  | { readonly kind: 'bad-token' }

export function page(store: Store, { type, namespace, query, matches }: ListRequest): Page {
  const token = query.get('continue')
  const from = token ? decode(token) : { revision: store.revision, start: 0 }
  if (!from) return { kind: 'bad-token' }
  if (store.isCompacted(from.revision)) return { kind: 'expired', wanted: String(from.revision) }
  const all = store.list(type, namespace, from.revision).filter(matches)
  const limit = Number(query.get('limit')) || all.length
  const end = from.start + limit
  const more = end < all.length && { continue: encode({ ...from, start: end }), remainingItemCount: all.length - end }
  return { kind: 'page', items: all.slice(from.start, end), metadata: { resourceVersion: String(from.revision), ...more } }
}

/** The list document around rendered items. */
export function listDocument(type: ResourceType, metadata: object, items: readonly object[], metadataOnly: boolean): object {
  if (metadataOnly) return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items }
  return { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata, items }
}

const encode = (from: Continue): string => Buffer.from(JSON.stringify(from)).toString('base64url')

function decode(token: string): Continue | undefined {
  try {
    const { revision, start } = JSON.parse(Buffer.from(token, 'base64url').toString())
    return Number.isInteger(revision) && Number.isInteger(start) ? { revision, start } : undefined
  } catch {
    // Not one of our tokens: the caller answers 400, as the API server does.
    return undefined
  }
}
