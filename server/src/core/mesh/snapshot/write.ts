// A snapshot as text: a List, as kubectl prints one, that says where it comes from and what it lacks.
import { type Held, heldText, snapshotAnnotations } from '../../istio/snapshot.ts'
import { writeYaml } from '../../yaml/write.ts'
import { pseudonymized } from './pseudonyms.ts'
import { isJson, type Json, trimmed } from './trim.ts'

export interface TakenSnapshot {
  /** As the API server has them. */
  readonly objects: readonly unknown[]
  readonly complete: readonly Held[]
  /** What could not be read. */
  readonly missing: readonly Held[]
  readonly istioVersion?: string
  /** RFC 3339. */
  readonly taken: string
  /** Of this tool. */
  readonly version: string
}

export interface WriteOptions {
  readonly format: 'yaml' | 'json'
  /** Names are replaced; whoever does not know the seed cannot guess them by trying. */
  readonly pseudonyms?: { readonly seed: string }
}

export interface WrittenSnapshot {
  readonly text: string
  readonly objects: number
}

export function writeSnapshot(snapshot: TakenSnapshot, { format, pseudonyms }: WriteOptions): WrittenSnapshot {
  const kept = snapshot.objects.map(trimmed).filter(each => each !== undefined)
  const held = [...snapshot.complete, ...snapshot.missing]
  const renamed =
    pseudonyms &&
    pseudonymized(
      kept,
      pseudonyms.seed,
      held.flatMap(({ namespace }) => namespace ?? []),
    )
  const items = inOrder(renamed?.objects ?? kept)
  const shown = (list: readonly Held[]) => heldText(list.map(each => renamedHeld(each, renamed?.text)))
  const { taken, version, istioVersion } = snapshot
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    metadata: {
      annotations: {
        [snapshotAnnotations.taken]: taken,
        [snapshotAnnotations.version]: version,
        ...(istioVersion === undefined ? {} : { [snapshotAnnotations.istioVersion]: istioVersion }),
        [snapshotAnnotations.complete]: shown(snapshot.complete),
        ...(snapshot.missing.length > 0 ? { [snapshotAnnotations.missing]: shown(snapshot.missing) } : {}),
      },
    },
    items,
  }
  return {
    text:
      format === 'json' ? jsonText(list) : `${heading(renamed !== undefined)}${withoutTemplateMarks(writeYaml(list).text, String.raw`\x`)}`,
    objects: items.length,
  }
}

function renamedHeld({ kind, namespace }: Held, rename: ((text: string) => string) | undefined): Held {
  return namespace === undefined ? { kind } : { kind, namespace: rename?.(namespace) ?? namespace }
}

function heading(renamed: boolean): string {
  const names = renamed ? ' Names are replaced, the same everywhere.' : ''
  return `# The mesh of a cluster as istio-security read it: what decides about security, without Secrets.${names}\n# Read it with --mesh, or name it in the setting istioSecurity.mesh.\n`
}

/** An object a line: shorter, and as easy to compare. */
function jsonText({ items, ...list }: { readonly items: readonly Json[] }): string {
  const lines = items.map(item => withoutTemplateMarks(JSON.stringify(item), String.raw`\u00`))
  return `${JSON.stringify(list).slice(0, -1)},"items":[\n${lines.join(',\n')}\n]}\n`
}

/** What a reader of files takes for a template. It needs quotes in YAML too, so that it stands between quotes everywhere. */
const templateMarks = /\{(?=[{%])|<(?=%)|\((?=\()|#(?=@)/g

/** `prefix` begins an escape that ends in two hexadecimal digits. */
function withoutTemplateMarks(text: string, prefix: string): string {
  return text.replace(templateMarks, mark => `${prefix}${mark.charCodeAt(0).toString(16)}`)
}

const first = ['Namespace', 'ConfigMap']

/** By kind, namespace and name, so that two snapshots can be compared. */
function inOrder(objects: readonly Json[]): readonly Json[] {
  const place = ({ kind }: Json) => (first.includes(String(kind)) ? first.indexOf(String(kind)) : first.length)
  const key = ({ kind, metadata }: Json) => `${kind} ${isJson(metadata) ? `${metadata.namespace ?? ''} ${metadata.name}` : ''}`
  return objects
    .map(object => ({ object, place: place(object), key: key(object) }))
    .toSorted((a, b) => a.place - b.place || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ object }) => object)
}
