// The path of a request as policies see it. Source: envoyproxy/envoy:source/common/http/path_utility.cc,
// google/googleurl:url/url_canon_path.cc (CanonicalizePath), istio/istio:pilot/pkg/networking/core/listener_builder.go.
import type { PathNormalization } from '../../istio/resources.ts'

const steps: Readonly<Record<PathNormalization, readonly ((path: string) => string)[]>> = {
  NONE: [],
  BASE: [canonicalPath],
  MERGE_SLASHES: [canonicalPath, mergeSlashes],
  DECODE_AND_MERGE_SLASHES: [decodeSlashes, canonicalPath, mergeSlashes],
}

/** With its query, which stays as it is. */
export function normalizePath(path: string, normalization: PathNormalization): string {
  const query = path.indexOf('?')
  const bare = query < 0 ? path : path.slice(0, query)
  return steps[normalization].reduce((text, step) => step(text), bare) + path.slice(bare.length)
}

/** What policies compare. */
export function withoutQuery(path: string): string {
  return path.replace(/[?#].*$/s, '')
}

/** Envoy answers 400 to a path with a fragment, before any policy. */
export function isRefusedPath(path: string): boolean {
  return path.includes('#')
}

function decodeSlashes(path: string): string {
  return path.replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\')
}

/** `//` alone stays as it is. */
function mergeSlashes(path: string): string {
  if (!path.includes('//')) return path
  const merged = path.split('/').filter(Boolean).join('/')
  return `${path.startsWith('/') ? '/' : ''}${merged}${path.endsWith('/') ? '/' : ''}`
}

/** Letters, digits and `-._~` need no percent sign. */
const unreserved = /^[\w\-.~]$/
const escaped = /^[^\x21-\x7e]$|^["#<>?^`{|}]$/
const dot = /\.|%2e/iy
const octet = /%([\da-f]{2})/iy

/** Dot segments resolved, backslashes turned, percent signs taken off where they are not needed and put where they are. */
function canonicalPath(path: string): string {
  let out = ''
  let looseEscape = -1
  for (let index = 0; index < path.length; ) {
    const character = String.fromCodePoint(path.codePointAt(index) ?? 0)
    const dotEnd = endOf(dot, path, index)
    const decoded =
      endOf(octet, path, index) === undefined ? undefined : String.fromCharCode(Number.parseInt(path.slice(index + 1, index + 3), 16))
    if (dotEnd !== undefined) {
      const segment = out.endsWith('/') ? dotSegment(path, dotEnd) : undefined
      if (segment?.parent) out = out.slice(0, Math.max(out.lastIndexOf('/', out.length - 2), 0) + 1)
      if (!segment) out += '.'
      index = segment?.end ?? dotEnd
    } else if (character === '\\') {
      out += '/'
      index += 1
    } else if (decoded !== undefined && unreserved.test(decoded)) {
      index += 3
      out = withoutNestedEscape(out + decoded, looseEscape, path[index])
    } else if (decoded !== undefined) {
      out += path.slice(index, index + 3)
      index += 3
    } else {
      if (character === '%') looseEscape = out.length
      out += escaped.test(character) ? encode(character) : character
      index += character.length
    }
  }
  return out
}

/** `.`, `..` up to the slash behind them, which goes with them; undefined where more of a name follows. */
function dotSegment(path: string, firstEnd: number): { readonly end: number; readonly parent: boolean } | undefined {
  const isEnd = (at: number) => at === path.length || path[at] === '/' || path[at] === '\\'
  const behind = (at: number) => Math.min(at + 1, path.length)
  if (isEnd(firstEnd)) return { end: behind(firstEnd), parent: false }
  const secondEnd = endOf(dot, path, firstEnd)
  return secondEnd !== undefined && isEnd(secondEnd) ? { end: behind(secondEnd), parent: true } : undefined
}

/** `%%34%31` must not become `%41`: a percent sign that began no escape is escaped once it would begin one. */
function withoutNestedEscape(out: string, loose: number, next = ''): string {
  const behind = out.slice(loose + 1)
  const would = behind.length === 1 ? behind + next : behind
  return loose >= 0 && behind.length < 3 && /^[\da-f]{2}$/i.test(would) ? `${out.slice(0, loose)}%25${behind}` : out
}

function endOf(form: RegExp, text: string, at: number): number | undefined {
  form.lastIndex = at
  return form.test(text) ? form.lastIndex : undefined
}

function encode(character: string): string {
  return [...new TextEncoder().encode(character)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
