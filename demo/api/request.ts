// What a request asks of the API: verb, kind, namespace, name, from its method and path.
import { type ResourceType, resourceTypes } from './resources.ts'

export interface ApiRequest {
  readonly verb: string
  readonly type: ResourceType
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  readonly query: URLSearchParams
}

/** Undefined where the path names no kind the server serves. */
export function parseRequest(method: string, url: URL): ApiRequest | undefined {
  const [root, ...segments] = url.pathname.split('/').filter(Boolean)
  if (root !== 'api' && root !== 'apis') return undefined
  const group = root === 'api' ? '' : (segments.shift() ?? '')
  const version = segments.shift()
  // /namespaces/shop is the namespace itself, /namespaces/shop/pods something in it.
  const inNamespace = segments[0] === 'namespaces' && segments.length > 2
  const [, namespace] = inNamespace ? segments.splice(0, 2) : []
  const [plural, name, subresource, ...rest] = segments
  const type = resourceTypes.find(each => each.group === group && each.version === version && each.plural === plural)
  if (!type || rest.length > 0 || (namespace !== undefined && !type.namespaced)) return undefined
  return {
    verb: verbOf(method, name, url.searchParams),
    type,
    query: url.searchParams,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  }
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (name !== undefined) return 'get'
      return ['1', 'true'].includes(query.get('watch') ?? '') ? 'watch' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    default:
      return name === undefined ? 'deletecollection' : 'delete'
  }
}
