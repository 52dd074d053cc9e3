// The world that a policy test names: some files and folders, and nothing else. Open editors win over the disk.
import { readFile, type SourceFile } from '../core/istio/file.ts'
import type { Resource } from '../core/istio/resources.ts'
import { buildMesh } from '../core/mesh/build.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { type Files, mostFiles } from './files.ts'

export interface NamedWorldOptions {
  readonly files: Files
  readonly uriOf: (path: string) => string
  readonly openAt: (uri: string) => SourceFile | undefined
  readonly istioVersion?: string
}

export type NamedWorld = { readonly ok: true; readonly mesh: Mesh } | { readonly ok: false; readonly reason: string }

/** `named`: absolute paths, with how they are written. A world that is not whole would answer for another one, so it is none. */
export async function namedWorld(
  named: readonly { readonly written: string; readonly path: string }[],
  { files, uriOf, openAt, istioVersion }: NamedWorldOptions,
): Promise<NamedWorld> {
  const found = new Map<string, readonly Resource[]>()
  for (const { written, path } of named) {
    const paths = openAt(uriOf(path)) ? [path] : await files.list(path)
    if (paths.length === 0 && !(await files.exists(path))) return unreadable(written, 'there is no such file or folder')
    if (paths.length >= mostFiles) return unreadable(written, `it holds ${mostFiles} files or more; name the folders that matter`)
    for (const each of paths) {
      const uri = uriOf(each)
      if (found.has(uri)) continue
      try {
        found.set(uri, (openAt(uri) ?? readFile(uri, await files.read(each), whole)).resources)
      } catch (error) {
        return unreadable(written, error instanceof Error ? error.message : String(error))
      }
    }
  }
  const mesh = buildMesh({ files: [...found.values()].flat(), closedWorld: true, ...(istioVersion ? { istioVersion } : {}) })
  return { ok: true, mesh }
}

/** A document that is left out could not be told from one that is not there. */
const whole = { longestDocument: Number.POSITIVE_INFINITY } as const

function unreadable(path: string, detail: string): NamedWorld {
  return { ok: false, reason: `The mesh of this test cannot be read: "${path}": ${detail}.` }
}
