// Writes a file so that it is there whole or not at all.
import { randomBytes } from 'node:crypto'
import { rename, rm, stat, writeFile } from 'node:fs/promises'

/** Rejects with what the system says, and then the file is what it was. Only its owner may read it. A pipe or device is written as it is. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isFile()) return writeFile(path, text)
  const aside = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await writeFile(aside, text, { flag: 'wx', mode: 0o600 })
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}
