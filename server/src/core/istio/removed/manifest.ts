// What takes the place of a removed object: objects of today, and in comments what has no place in them.
import { stringify } from 'yaml'
import type { Service } from '../resources.ts'

export interface Manifest {
  readonly kind: 'PeerAuthentication' | 'RequestAuthentication' | 'AuthorizationPolicy'
  readonly name: string
  /** Absent where the removed object names none. */
  readonly namespace?: string
  readonly spec: Readonly<Record<string, unknown>>
}

export interface Conversion {
  readonly manifests: readonly Manifest[]
  /** Sentences about what was not, or not surely, carried over. */
  readonly notes: readonly string[]
}

/** YAML of the new objects, with the notes above them. */
export function written({ manifests, notes }: Conversion): string {
  const documents = manifests.map(({ kind, name, namespace, spec }) =>
    stringify(
      { apiVersion: 'security.istio.io/v1', kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec },
      { lineWidth: 0, version: '1.1' },
    ),
  )
  return [...notes.map(note => `# ${note}\n`), documents.join('---\n')].join('').trimEnd()
}

export type Selector = { readonly matchLabels: Readonly<Record<string, string>> }

/** Removed objects named Services where today's select pods. Of a Service nobody has described, the labels are left to be filled in. */
export interface Target {
  readonly name: string
  readonly selector: Selector
  readonly service?: Service
}

export function targetOf(name: string, services: readonly Service[]): Target {
  const [short = name] = name.split('.')
  const service = services.find(each => each.name === short)
  return service && Object.keys(service.selector).length > 0
    ? { name: short, selector: { matchLabels: service.selector }, service }
    : { name: short, selector: { matchLabels: { app: `<label-of-the-pods-of-${short}>` } } }
}

export function noteOn({ name, service }: Target): readonly string[] {
  return service ? [] : [`"${name}" was a Service; write the labels of its pods into the selector.`]
}
