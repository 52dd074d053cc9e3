// Which of the watched kinds this API server serves, and in which version.
import { isStatus, type Failure, type Transport } from './transport.ts'
import { apiVersionOf, type WatchedKind, watchedKinds } from './watched.ts'

export interface Discovered {
  /** The version to ask each served kind in. */
  readonly served: ReadonlyMap<WatchedKind, string>
  /** Whether the kinds that are not served are certainly not there. */
  readonly certain: boolean
  /** Whether any kind of Istio is served. */
  readonly istio: boolean
  /** Whether lists can be had as the beginning of a watch. */
  readonly streamLists: boolean
}

/** The answer, or why the API server gives none. An account that may not look gets the preferred versions, which then tell by themselves. */
export async function discover(transport: Transport, signal: AbortSignal, deadlineMs: number): Promise<{ ok: true; value: Discovered } | { ok: false; failure: Failure }> {
  const [groups, version] = await Promise.all([transport.get('/apis', { signal, deadlineMs }), transport.get('/version', { signal, deadlineMs })])
  const streamLists = version.ok && streamsLists(version.value)
  if (!groups.ok) {
    if (!isStatus(groups.failure, 403) && !isStatus(groups.failure, 404)) return groups
    return { ok: true, value: { served: new Map(watchedKinds.map(each => [each, each.versions[0] ?? 'v1'])), certain: false, istio: true, streamLists } }
  }
  const versions = versionsByGroup(groups.value)
  const served = new Map<WatchedKind, string>()
  let certain = true
  const resources = new Map<string, Promise<ReadonlySet<string> | undefined>>()
  for (const watched of watchedKinds) {
    if (watched.group === '') {
      served.set(watched, 'v1')
      continue
    }
    const version = watched.versions.find(each => versions.get(watched.group)?.includes(each))
    if (!version) continue
    const groupVersion = apiVersionOf(watched.group, version)
    const listed = resources.get(groupVersion) ?? resourcesOf(transport, groupVersion, signal, deadlineMs)
    resources.set(groupVersion, listed)
    const plurals = await listed
    if (!plurals) certain = false
    if (!plurals || plurals.has(watched.plural)) served.set(watched, version)
  }
  return { ok: true, value: { served, certain, istio: [...served.keys()].some(({ group }) => group.endsWith('.istio.io')), streamLists } }
}

async function resourcesOf(transport: Transport, groupVersion: string, signal: AbortSignal, deadlineMs: number): Promise<ReadonlySet<string> | undefined> {
  const reply = await transport.get(`/apis/${groupVersion}`, { signal, deadlineMs })
  if (!reply.ok) return undefined
  return new Set(itemsOf(reply.value, 'resources').map(each => String((each as { name?: unknown }).name)))
}

function versionsByGroup(groups: unknown): ReadonlyMap<string, readonly string[]> {
  return new Map(
    itemsOf(groups, 'groups').map(group => [
      String((group as { name?: unknown }).name),
      itemsOf(group, 'versions').map(each => String((each as { version?: unknown }).version)),
    ]),
  )
}

/** Servers before 1.27 ignore the wish silently, later ones refuse it where it is switched off; it is on by default from 1.32. */
function streamsLists(version: unknown): boolean {
  const { major, minor } = (version ?? {}) as { major?: unknown; minor?: unknown }
  return major === '1' && Number.parseInt(String(minor), 10) >= 32
}

function itemsOf(value: unknown, key: string): readonly object[] {
  const items = (value as Record<string, unknown> | null)?.[key]
  return Array.isArray(items) ? items.filter(item => typeof item === 'object' && item !== null) : []
}
