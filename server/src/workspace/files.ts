// Reading files, behind an interface: the disk here, the client's file system elsewhere.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface Files {
  /** Text of a file; throws what the system says. */
  read(path: string): Promise<string>
  /** YAML and JSON files at or below a path, in a stable order; empty where nothing is there. */
  list(path: string): Promise<readonly string[]>
  /** Whether a file or folder is there. */
  exists(path: string): Promise<boolean>
}

/** More than this is a folder of something else; what lies beyond is not read. */
export const mostFiles = 5000
const largestFile = 5_000_000
/** A file that is named itself, as a snapshot is. */
const largestNamed = 200_000_000
const skipped = new Set(['node_modules', 'vendor', 'dist', 'target'])

export const disk: Files = {
  read: path => readFile(path, 'utf8'),
  async list(path) {
    const found: string[] = []
    await collect(path, found, true)
    return found.toSorted()
  },
  exists: path =>
    stat(path).then(
      () => true,
      () => false,
    ),
}

async function collect(path: string, found: string[], named: boolean): Promise<void> {
  if (found.length >= mostFiles) return
  const info = await stat(path).catch(() => undefined)
  if (info?.isFile()) {
    if (named ? info.size <= largestNamed : info.size <= largestFile && isYaml(path)) found.push(path)
    return
  }
  if (!info?.isDirectory()) return
  // A folder that may not be read holds nothing for us.
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const hidden = isSkipped(entry.name)
    // Links are not followed: they can lead in circles, and out of the workspace.
    if (hidden || entry.isSymbolicLink()) continue
    if (entry.isDirectory() || isYaml(entry.name)) await collect(join(path, entry.name), found, false)
  }
}

/** Whether any part of a relative path is hidden, or the output or the packages of some tool. */
export function isSkipped(path: string): boolean {
  return path.split(/[\\/]/).some(part => part.startsWith('.') || skipped.has(part))
}

/** A `Kustomization` has no ending. */
export function isYaml(path: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(path) || /(?:^|[\\/])Kustomization$/.test(path)
}
