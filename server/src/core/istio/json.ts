// JSON as Go's decoder reads it: one value, whatever follows it, and every member of an object, repeated ones too.
// Source: Go encoding/json (Decoder).

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly members: readonly JsonMember[]
}

export interface JsonMember {
  readonly name: string
  readonly value: Json
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && 'members' in value
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** Undefined for text that does not begin with a JSON value. */
export function readJson(text: string): { readonly value: Json } | undefined {
  const value = new Reader(text).value(0)
  return value === undefined ? undefined : { value }
}

/** Deeper than anybody writes, and shallow enough for a call for each level. */
const deepest = 1000

const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const word = /true|false|null/y
const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null }

class Reader {
  private readonly text: string
  private position = 0

  constructor(text: string) {
    this.text = text
  }

  value(depth: number): Json | undefined {
    if (depth > deepest) return undefined
    if (this.take('{')) return this.object(depth + 1)
    if (this.take('[')) return this.list(depth + 1)
    return this.string() ?? this.number() ?? this.word()
  }

  private object(depth: number): JsonObject | undefined {
    const members: JsonMember[] = []
    if (this.take('}')) return { members }
    do {
      const name = this.string()
      const value = name !== undefined && this.take(':') ? this.value(depth) : undefined
      if (name === undefined || value === undefined) return undefined
      members.push({ name, value })
    } while (this.take(','))
    return this.take('}') ? { members } : undefined
  }

  private list(depth: number): readonly Json[] | undefined {
    const items: Json[] = []
    if (this.take(']')) return items
    do {
      const item = this.value(depth)
      if (item === undefined) return undefined
      items.push(item)
    } while (this.take(','))
    return this.take(']') ? items : undefined
  }

  private string(): string | undefined {
    const found = this.match(string)
    return found === undefined ? undefined : (JSON.parse(found) as string)
  }

  /** Go refuses a number that is too large for it. */
  private number(): number | undefined {
    const found = this.match(number)
    return found === undefined || !Number.isFinite(Number(found)) ? undefined : Number(found)
  }

  private word(): boolean | null | undefined {
    const found = this.match(word)
    return found === undefined ? undefined : words[found]
  }

  private take(sign: string): boolean {
    this.skipBlanks()
    if (this.text[this.position] !== sign) return false
    this.position++
    return true
  }

  private match(pattern: RegExp): string | undefined {
    this.skipBlanks()
    pattern.lastIndex = this.position
    const found = pattern.exec(this.text)?.[0]
    this.position += found?.length ?? 0
    return found
  }

  private skipBlanks(): void {
    while (' \t\r\n'.includes(this.text[this.position] ?? '-')) this.position++
  }
}
