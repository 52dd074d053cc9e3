// The roots that istiod, or whoever is the CA, gives to each namespace: the ConfigMap `istio-ca-root-cert`, which is public.
import type { DistributedRoots } from '../core/certificate/authorities.ts'
import type { Reply, Transport } from './transport.ts'

/** Where istiod writes them (pkg/config/constants/constants.go: CACertNamespaceConfigMapDataName). */
export const rootConfigMap = { name: 'istio-ca-root-cert', key: 'root-cert.pem' } as const

/** What reading it takes. A list with a selector for one name is allowed by a rule that names it: one request for all namespaces. */
export const rootConfigMapAccess = {
  group: '',
  resource: 'configmaps',
  resourceNames: [rootConfigMap.name],
  verbs: ['get', 'list'],
} as const

const atOnce = 4

type Gets = Pick<Transport, 'get'>

/**
 * Of the whole cluster where that may be listed, else of each of `namespaces`. Namespaces without the ConfigMap, or whose ConfigMap may not be
 * read, are left out: nothing is concluded from their absence. Never rejects.
 */
export async function readDistributedRoots(
  { transport }: { readonly transport: Gets },
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly DistributedRoots[]> {
  const selector = encodeURIComponent(`metadata.name=${rootConfigMap.name}`)
  const listed = await transport.get(`/api/v1/configmaps?fieldSelector=${selector}`, { signal })
  return rootsIn(listed.ok ? itemsOf(listed.value) : isForbidden(listed) ? await readEach(transport, namespaces, signal) : [])
}

/** Of one namespace; undefined where it has none, or they may not be read. Never rejects. */
export async function readDistributedRootsOf(
  { reached }: { readonly reached?: { readonly transport: Gets } | undefined },
  namespace: string,
  signal: AbortSignal,
): Promise<DistributedRoots | undefined> {
  const [found] = reached ? await rootsIn(await readEach(reached.transport, [namespace], signal)) : []
  return found
}

async function rootsIn(objects: readonly unknown[]): Promise<readonly DistributedRoots[]> {
  // The decoder is a chunk of its own, loaded with the first certificate.
  const { certificateReader } = await import('../core/certificate/read.ts')
  const reader = certificateReader()
  return objects.flatMap(object => {
    const found = pemOf(object)
    if (found === undefined) return []
    const roots = reader.pem(found.pem, rootConfigMap.name).certificates
    return roots.length > 0 ? [{ namespace: found.namespace, roots }] : []
  })
}

async function readEach(transport: Gets, namespaces: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
  const objects: unknown[] = []
  const queue = namespaces.values()
  const work = async () => {
    for (const namespace of queue) {
      if (signal.aborted) return
      const reply = await transport.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${rootConfigMap.name}`, { signal })
      if (reply.ok) objects.push(reply.value)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return objects
}

function isForbidden(reply: Extract<Reply<unknown>, { ok: false }>): boolean {
  return reply.failure.kind === 'status' && reply.failure.code === 403
}

function itemsOf(list: unknown): readonly unknown[] {
  const { items } = (list ?? {}) as { readonly items?: unknown }
  return Array.isArray(items) ? items : []
}

/** A server may send anything, and not every server heeds the selector. */
function pemOf(object: unknown): { readonly namespace: string; readonly pem: string } | undefined {
  const { metadata, data } = (object ?? {}) as {
    readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown } | null
    readonly data?: Readonly<Record<string, unknown>> | null
  }
  const pem = data?.[rootConfigMap.key]
  if (metadata?.name !== rootConfigMap.name || typeof metadata.namespace !== 'string' || typeof pem !== 'string') return undefined
  return { namespace: metadata.namespace, pem }
}
