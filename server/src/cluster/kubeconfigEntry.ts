// Reads mappings of a kubeconfig with the types that client-go decodes, and notes where the file has others.
import { dirname, isAbsolute, join } from 'node:path'
import { get, type Node } from '../core/yaml/tree.ts'

/** A mapping of the file. Reading from it notes what has another type than client-go decodes. */
export class Entry {
  readonly file: string
  private readonly node: Node | undefined
  private readonly wrong: string[]

  constructor(node: Node | undefined, file: string, wrong: string[]) {
    this.node = node
    this.file = file
    this.wrong = wrong
  }

  get keys(): readonly string[] {
    return this.node?.kind === 'mapping' ? this.node.entries.map(({ key }) => key.text) : []
  }

  complain(detail: string): void {
    this.wrong.push(detail)
  }

  text(key: string): string | undefined {
    return this.textOf(get(this.node, key), key)
  }

  /** Base64 that decodes. */
  base64(key: string): string | undefined {
    const text = this.text(key)?.replace(/[\r\n]/g, '')
    if (text && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) this.complain(`"${key}" is not base64`)
    return text
  }

  path(key: string): string | undefined {
    const text = this.text(key)
    return text && absolute(text, this.file)
  }

  flag(key: string): boolean {
    const node = get(this.node, key)
    if (isNull(node)) return false
    if (node?.kind === 'scalar' && typeof node.value === 'boolean') return node.value
    this.complain(`"${key}" is neither true nor false`)
    return false
  }

  texts(key: string): readonly string[] {
    return this.items(key).flatMap(item => this.textOf(item, key) ?? [])
  }

  child(key: string): Entry | undefined {
    const node = get(this.node, key)
    return isNull(node) ? undefined : this.entryOf(node, key)
  }

  list(key: string): readonly Entry[] {
    return this.items(key).map(item => this.entryOf(item, key))
  }

  textMap(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.keys.flatMap(key => (isNull(get(this.node, key)) ? [] : [[key, this.text(key) ?? '']])))
  }

  /** As JSON, whatever it is. */
  plain(key: string): unknown {
    const node = get(this.node, key)
    return node && plainOf(node)
  }

  /** The entries of a list such as `clusters: [{ name, cluster: {…} }]`, by name. */
  named<T>(list: string, key: string, read: (entry: Entry, name: string) => T): Map<string, T> {
    const entries = new Map<string, T>()
    for (const item of this.list(list)) {
      const name = item.text('name') ?? ''
      if (entries.has(name)) this.complain(`two ${list} are named "${name}"`)
      entries.set(name, read(item.child(key) ?? new Entry(undefined, this.file, this.wrong), name))
    }
    return entries
  }

  private items(key: string): readonly (Node | undefined)[] {
    const node = get(this.node, key)
    if (node?.kind === 'sequence') return node.items
    if (!isNull(node)) this.complain(`"${key}" is not a list`)
    return []
  }

  private entryOf(node: Node | undefined, key: string): Entry {
    if (!isNull(node) && node?.kind !== 'mapping') this.complain(`"${key}" has something other than a mapping`)
    return new Entry(node, this.file, this.wrong)
  }

  private textOf(node: Node | undefined, key: string): string | undefined {
    if (isNull(node)) return undefined
    if (node?.kind === 'scalar' && typeof node.value === 'string') return node.value
    this.complain(`"${key}" is not text; a number takes quotes`)
    return undefined
  }
}

function isNull(node: Node | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null)
}

function plainOf(node: Node | undefined): unknown {
  if (node?.kind === 'mapping') return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, plainOf(value)]))
  if (node?.kind === 'sequence') return node.items.map(plainOf)
  return node?.value ?? null
}

export function absolute(path: string, file: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path)
}
