// The kustomizations among and above files: as what they list a file.
import { dirname, join, resolve } from 'node:path'
import { kustomizationNames, type Role, rolesIn } from '../core/istio/kustomize.ts'
import { parseYaml } from '../core/yaml/parse.ts'
import type { Files } from './files.ts'
import { keyOf, keyOfPath } from './uris.ts'

type Roles = ReadonlyMap<string, Role>

export class Kustomizations {
  /** Of every kustomization, by key. */
  private readonly listed = new Map<string, Roles>()

  clear(): void {
    this.listed.clear()
  }

  /** Reads a kustomization, or forgets it where there is no text. Answers the keys of the files that it lists or listed. */
  set(key: string, text: string | undefined): readonly string[] {
    const before = this.listed.get(key)
    this.listed.delete(key)
    if (text !== undefined) this.listed.set(key, rolesOf(key, text))
    return [...new Set([...(before?.keys() ?? []), ...(this.listed.get(key)?.keys() ?? [])])]
  }

  get keys(): readonly string[] {
    return [...this.listed.keys()]
  }

  /** What one kustomization takes for a patch is no whole object to another. */
  roleOf(key: string): Role | undefined {
    const roles = [...this.listed.values()].flatMap(each => each.get(key) ?? [])
    return roles.includes('patch') ? 'patch' : roles[0]
  }
}

function rolesOf(key: string, text: string): Roles {
  const roles = new Map<string, Role>()
  for (const { root } of parseYaml(text)) for (const [uri, role] of rolesIn(key, root)) roles.set(keyOf(uri), role)
  return roles
}

/** The kustomizations in the folders of these files and in the folders above. */
export async function kustomizationsAbove(paths: Iterable<string>, { read }: Pick<Files, 'read'>): Promise<Kustomizations> {
  const found = new Kustomizations()
  for (const folder of foldersAbove(paths)) {
    for (const name of kustomizationNames) {
      const path = join(folder, name)
      const text = await read(path).catch(() => undefined)
      if (text !== undefined) found.set(keyOfPath(path), text)
    }
  }
  return found
}

function foldersAbove(paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>()
  for (const path of paths) {
    for (let folder = dirname(resolve(path)); !folders.has(folder); folder = dirname(folder)) folders.add(folder)
  }
  return folders
}
