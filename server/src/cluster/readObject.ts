// One object of the cluster as YAML for people: one GET by name, without what is private or noise. Never a Secret.

import { explainProblem } from '../core/report/problem.ts'
import { writeYaml } from '../core/yaml/write.ts'
import type { Answer, ClusterProblem, ObjectRef } from '../protocol.ts'
import type { ClusterConnection } from './connection.ts'
import { isStatus } from './reflector.ts'
import type { Failure, Transport } from './transport.ts'
import { pathOf, resourceOf, servedVersion, type Watched, watched } from './watched.ts'

type Readable = Pick<Watched, 'group' | 'versions' | 'plural' | 'namespaced'> & { readonly apiKind: string }

/** Beside what is watched: what owns pods. */
const owners: readonly Readable[] = [
  { apiKind: 'ReplicaSet', group: 'apps', versions: ['v1'], plural: 'replicasets', namespaced: true },
  { apiKind: 'Job', group: 'batch', versions: ['v1'], plural: 'jobs', namespaced: true },
  { apiKind: 'ReplicationController', group: '', versions: ['v1'], plural: 'replicationcontrollers', namespaced: true },
]

/** By its name in this product, where two groups have a kind of one name, else in the API. */
function readableOf(kind: string): Readable | undefined {
  const own = watched.find(each => each.kind === kind && each.kind !== 'WorkloadOwner') ?? watched.find(each => each.apiKind === kind)
  return own ? { ...own, apiKind: own.apiKind ?? own.kind } : owners.find(each => each.apiKind === kind)
}

/** Settings of Istio; any other ConfigMap may hold anything. */
function mayBeRead({ plural }: Readable, name: string): boolean {
  return plural !== 'configmaps' || /^istio(?:-|$)/.test(name)
}

/** Leads to another place than an object. */
function isPath(name: string): boolean {
  return ['', '.', '..'].includes(name)
}

/** Its text, or why there is none. */
export async function readObjectText(
  { reached, groups }: Pick<ClusterConnection, 'reached' | 'groups'>,
  { kind, namespace, name, context }: ObjectRef,
  signal: AbortSignal,
): Promise<Answer<string>> {
  if (!reached) return failed({ kind: 'not-connected' })
  const readable = readableOf(kind)
  if (!readable || !mayBeRead(readable, name) || [name, namespace].some(each => each !== undefined && isPath(each)))
    return failed({ kind: 'not-shown', resource: kind, name })
  const version = readable.group === '' ? readable.versions[0] : (servedVersion(readable as Watched, groups) ?? readable.versions[0])
  const place = { name, ...(readable.namespaced && namespace !== undefined ? { namespace } : {}) }
  const path = (where: Parameters<typeof pathOf>[2]) => pathOf(readable as Watched, version ?? 'v1', where)
  const reply = await reached.transport.get(path(place), { signal })
  if (reply.ok) return { ok: true, value: textOf(reply.value) }
  const listed = isStatus(reply.failure, 403) ? await listOne(reached.transport, path(withoutName(place)), name, signal) : undefined
  if (!listed) return failed(problemOf(reply.failure, readable, place, context))
  const header = { apiVersion: [readable.group, version].filter(Boolean).join('/'), kind: readable.apiKind }
  return { ok: true, value: textOf({ ...header, ...listed }) }
}

function withoutName({ name: _, ...rest }: { readonly namespace?: string; readonly name: string }): { readonly namespace?: string } {
  return rest
}

/** Whoever may follow a kind may list it, and that need not mean the verb "get". */
async function listOne(transport: Transport, path: string, name: string, signal: AbortSignal): Promise<object | undefined> {
  const reply = await transport.get(`${path}?fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`, { signal })
  const items = reply.ok && isRecord(reply.value) && Array.isArray(reply.value.items) ? reply.value.items : []
  return items.find(item => isRecord(item) && isRecord(item.metadata) && item.metadata.name === name)
}

function problemOf(failure: Failure, readable: Readable, place: { namespace?: string; name: string }, context: string): ClusterProblem {
  const within = place.namespace === undefined ? {} : { namespace: place.namespace }
  if (failure.kind === 'aborted') return { kind: 'cancelled' }
  if (failure.kind === 'status' && failure.code === 404)
    return { kind: 'not-found', resource: readable.apiKind, name: place.name, ...within }
  if (failure.kind === 'status' && failure.code === 403)
    return { kind: 'forbidden', verb: 'get', resource: resourceOf(readable), ...within }
  return { kind: 'unreachable', context, detail: failure.kind === 'status' ? failure.message : failure.detail }
}

function failed(problem: ClusterProblem): { readonly ok: false; readonly problem: ReturnType<typeof explainProblem> } {
  return { ok: false, problem: explainProblem(problem) }
}

/** Written by the API server, and of no use to a reader; the copy that kubectl keeps may hold anything. */
const machines: readonly string[] = ['managedFields', 'resourceVersion', 'selfLink', 'kubectl.kubernetes.io/last-applied-configuration']

/** The object in the order of its fields, without the values of environment variables, managed fields and kubectl's copy of it. */
export function textOf(object: unknown): string {
  let blanked = 0
  const cleaned = JSON.parse(JSON.stringify(object), function (this: unknown, key, value) {
    if (machines.includes(key)) return undefined
    if (key !== 'env' || !Array.isArray(value)) return value
    return value.map(variable => {
      if (!isRecord(variable) || variable.value === undefined) return variable
      blanked++
      const { value: _, ...rest } = variable
      return rest
    })
  })
  const note = blanked > 0 ? '# The values of environment variables are not shown: they may be secret.\n' : ''
  return `${note}${writeYaml(cleaned).text}`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
