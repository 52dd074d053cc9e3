// One spelling for each file: editors escape more of a path than this system does.
import { fileURLToPath, pathToFileURL } from 'node:url'

export function keyOf(uri: string): string {
  const path = pathOf(uri)
  return path === undefined ? uri : keyOfPath(path)
}

export function keyOfPath(path: string): string {
  return pathToFileURL(path).href
}

/** The path of a file on this disk; none for documents elsewhere, and for URIs that name no file here (`file://server/…`). */
export function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined
  try {
    return fileURLToPath(uri)
  } catch {
    return undefined
  }
}
