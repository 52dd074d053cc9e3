// Reference data outside the repository: third-party documents and verdicts that may not be copied into it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Cases of one JSON Lines file, or undefined where the folder is absent. */
export function sharedCases<T>(file: string): readonly T[] | undefined {
  const text = sharedText(join('oracles', file))
  return text === undefined ? undefined : jsonLines(text)
}

/** A file of the folder, or undefined where the folder is absent, which is a failure under CI. */
export function sharedText(file: string): string | undefined {
  const path = join(process.env.ISTIO_SECURITY_SHARED ?? '../shared', file)
  if (!existsSync(path)) {
    if (process.env.CI) throw new Error(`CI needs ${file} in ISTIO_SECURITY_SHARED`)
    console.log(`skipped: ${file} is not in ISTIO_SECURITY_SHARED`)
    return undefined
  }
  return readFileSync(path, 'utf8')
}

export function jsonLines<T>(text: string): readonly T[] {
  return text.split('\n').flatMap(line => (line ? [JSON.parse(line) as T] : []))
}
