// The packed extension, packed anew only when something that goes into it has changed since.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const vsix = 'dist/istio-security.vsix'
const inputs = [
  'client',
  'server',
  'demo',
  'bin',
  'media',
  'snippets',
  'syntaxes',
  'docs',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'package.json',
  'package-lock.json',
  '.vscodeignore',
  'scripts/build.ts',
  'scripts/package.ts',
]

/** The path of `dist/istio-security.vsix`, which with the rest of `dist/` is newer than every source. Rejects with the build's output. */
export async function packaged(progress: (line: string) => void, signal?: AbortSignal): Promise<string> {
  if (existsSync(vsix) && statSync(vsix).mtimeMs > Math.max(...inputs.map(newest))) return vsix
  progress('Building and packing the extension …')
  await promisify(execFile)(process.execPath, ['scripts/package.ts'], { signal })
  return vsix
}

/** When a file, or anything in a folder, last changed (a folder changes when an entry comes or goes). */
function newest(path: string): number {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map(entry => newest(join(path, entry))))
}
