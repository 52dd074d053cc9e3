// Reads JSON that nobody promised the shape of. Errors never quote the text: it may hold a key.
import { withoutPrivateKeys } from '../certificate/privateKeys.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

export type ParsedJson =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'invalid'; readonly position?: number }
  /** More than any proxy writes: it would take the reader's memory, or its stack. */
  | { readonly kind: 'unreasonable' }

/** A dump of 60 MB has some 2.5 million values, its deepest part some 40 levels. */
const mostValues = 3_000_000
const deepest = 256

/** Private keys are cut out before anything is read. */
export function parseJson(text: string): ParsedJson {
  if (isUnreasonable(text)) return { kind: 'unreasonable' }
  try {
    return { kind: 'value', value: JSON.parse(withoutPrivateKeys(text)) }
  } catch (error) {
    const said = error instanceof Error ? error.message : ''
    const position = /at position (\d+)/.exec(said)?.[1]
    if (/^(Unexpected end|Unterminated)/.test(said) || Number(position) >= text.length) return { kind: 'truncated' }
    return position === undefined ? { kind: 'invalid' } : { kind: 'invalid', position: Number(position) }
  }
}

/** Without parsing: counts what would become values, outside of strings. */
function isUnreasonable(text: string): boolean {
  let depth = 0
  let values = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at)
        break
      case openBrace:
      case openBracket:
        if (++depth > deepest || ++values > mostValues) return true
        break
      case closeBrace:
      case closeBracket:
        depth--
        break
      case comma:
        if (++values > mostValues) return true
        break
    }
  }
  return false
}

const [quote, openBrace, closeBrace, openBracket, closeBracket, comma, backslash] = [0x22, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x5c] as const

/** Where the string that starts at `from` ends; the end of the text where it does not. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return at
  }
  return text.length
}

/** A field by its protobuf name (`tls_certificate`) or its JSON name (`tlsCertificate`): Envoy writes the first, istioctl the second. */
export function field(from: Json | undefined, name: string): Json | undefined {
  const object = objectOf(from)
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const own = [name, camel].find(key => Object.hasOwn(object, key))
  return own === undefined ? undefined : object[own]
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** `undefined` for anything but a text with content. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
