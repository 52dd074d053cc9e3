// A paste cut into what is one entry each: a line, an object in JSON however it is broken, a block of Envoy's debug log.

export interface Entry {
  /** The first, from 0. */
  readonly line: number
  /** Clipped; without the prefix of `kubectl logs --prefix`. */
  readonly text: string
  readonly json?: Readonly<Record<string, unknown>>
  readonly reporter?: string
}

/** What is longer than any line of a proxy is cut there. */
const longestLine = 20_000
const mostLinesOfOne = 200

/** In one pass over the lines. Blank ones are no entries. */
export function entriesOf(text: string): readonly Entry[] {
  const lines = text.split(/\r\n|\n|\r/)
  const entries: Entry[] = []
  let at = 0
  while (at < lines.length) {
    const { text: line, reporter } = withoutPrefix(lines[at] ?? '')
    const taken = blockAt(line, at, lines)
    if (line.trim() !== '') {
      const json = jsonIn(taken > 1 ? lines.slice(at, at + taken).join('\n') : line)
      const own =
        taken > 1 && !json
          ? lines
              .slice(at, at + taken)
              .map(clipped)
              .join('\n')
          : line
      entries.push({ line: at, text: own.trim(), ...(json ? { json } : {}), ...(reporter === undefined ? {} : { reporter }) })
    }
    at += taken
  }
  return entries
}

function clipped(line: string): string {
  return line.length > longestLine ? line.slice(0, longestLine) : line
}

/** `[pod/checkout-1/istio-proxy] …`; `checkout-1 istio-proxy …` of stern. */
function withoutPrefix(line: string): { readonly text: string; readonly reporter?: string } {
  const text = clipped(line)
  const [prefix, kubectl, stern] =
    /^\s*(?:\[pod\/([^/\]\s]{1,253})\/[^\]\s]{1,63}\] |([a-z\d][\w.-]{0,252}) istio-proxy (?=[[{\d]))/.exec(text) ?? []
  const reporter = kubectl ?? stern
  return reporter === undefined ? { text } : { text: text.slice(prefix?.length), reporter }
}

/** How many lines belong together, beginning with this one. */
function blockAt(line: string, at: number, lines: readonly string[]): number {
  if (line.trim() === '{') return objectAt(line, at, lines)
  return isCheck(line) ? checkAt(at, lines) : 1
}

/** An object over several lines ends where a brace stands below its first one. */
function objectAt(line: string, at: number, lines: readonly string[]): number {
  const indent = line.slice(0, line.indexOf('{'))
  for (let length = 1; length < mostLinesOfOne && at + length < lines.length; length++) {
    const each = lines[at + length] ?? ''
    if (each.startsWith(`${indent}}`)) return length + 1
    if (each.trim() === '{' && each.startsWith(`${indent}{`)) return 1
  }
  return 1
}

function isCheck(line: string): boolean {
  return line.includes('checking request: ') || line.includes('checking connection: ')
}

/** Envoy writes each header, and each field of the metadata, on a line of its own. */
function checkAt(at: number, lines: readonly string[]): number {
  let length = 1
  while (length < mostLinesOfOne && at + length < lines.length && !beginsEntry(lines[at + length] ?? '')) length++
  return length
}

function beginsEntry(line: string): boolean {
  return line.trim() === '' || /^\s*(?:\[|\{"|\d{4}-\d\d-\d\d)/.test(line) || (line.includes('matched policy') && !line.includes("', '"))
}

function jsonIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const start = text.indexOf('{')
  const end = text.lastIndexOf('}')
  // What stands before is a time or a name, never another object.
  if (start < 0 || end < start || (start > 0 && /["=]/.test(text.slice(0, start)))) return undefined
  try {
    const value: unknown = JSON.parse(text.slice(start, end + 1))
    return isRecord(value) ? value : undefined
  } catch {
    // Braces also stand in lines of text.
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
