// What a snapshot says of itself: a List of a cluster's objects whose annotations tell when it was taken and what it holds completely.
import { entriesAt, type Node } from '../yaml/tree.ts'
import type { Resource, Snapshot, Source } from './resources.ts'

/** The annotations of the List. Lists of Kubernetes have none, and its readers pass over them. */
export const snapshotAnnotations = {
  taken: 'istio-security/taken',
  version: 'istio-security/version',
  istioVersion: 'istio-security/istio-version',
  complete: 'istio-security/complete',
  missing: 'istio-security/missing',
} as const

/** Every object of the kind, in one namespace or everywhere. */
export interface Held {
  readonly kind: string
  readonly namespace?: string
}

/** `Namespace, Pod in shop, Pod in bank` */
export function heldText(held: readonly Held[]): string {
  return held.map(({ kind, namespace }) => (namespace === undefined ? kind : `${kind} in ${namespace}`)).join(', ')
}

function readHeld(text: string): readonly Held[] {
  return text
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')
    .map(each => {
      const [kind = '', namespace] = each.split(' in ')
      return { kind, ...(namespace === undefined ? {} : { namespace }) }
    })
}

/** The cluster that a List stands for: its objects as those of a cluster, since they are no longer what somebody is writing. */
export function readSnapshot(root: Node | undefined, objects: readonly Resource[], source: Source): readonly Snapshot[] {
  const annotations: Readonly<Record<string, string>> = Object.fromEntries(
    entriesAt(root, 'metadata', 'annotations').flatMap(({ key, value }) => (value?.kind === 'scalar' ? [[key.text, value.text]] : [])),
  )
  const complete = annotations[snapshotAnnotations.complete]
  if (!root || complete === undefined || source.from !== 'file') return []
  const istioVersion = annotations[snapshotAnnotations.istioVersion]
  const context = `snapshot of ${annotations[snapshotAnnotations.taken] ?? 'a cluster'}`
  return [
    {
      kind: 'Snapshot',
      apiVersion: 'v1',
      name: '',
      namespace: '',
      labels: {},
      annotations,
      source,
      at: { kind: root.span },
      objects: objects.map(object => ({ ...object, source: { from: 'cluster', context } })),
      complete: readHeld(complete),
      ...(istioVersion ? { istioVersion } : {}),
    },
  ]
}
