// Reads JSON that nobody promised the shape of. Errors never quote the text: it may hold a key.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

export type ParsedJson =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'invalid'; readonly position?: number }

export function parseJson(text: string): ParsedJson {
  try {
    return { kind: 'value', value: JSON.parse(text) }
  } catch (error) {
    const said = error instanceof Error ? error.message : ''
    const position = /at position (\d+)/.exec(said)?.[1]
    if (/^(Unexpected end|Unterminated)/.test(said) || Number(position) >= text.length) return { kind: 'truncated' }
    return position === undefined ? { kind: 'invalid' } : { kind: 'invalid', position: Number(position) }
  }
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
