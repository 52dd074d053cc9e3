// Inline keys (`jwks`) as Istio's library takes them: a JSON Web Key, or a set of them.
// Source: lestrrat-go/jwx v1.2 jwk (Parse, ParseKey, UnmarshalJSON of each key), internal/base64.
import { isList, isObject, type Json, type JsonObject, readJson } from '../json.ts'

export type Jwks = { readonly keys: readonly Jwk[] } | { readonly unreadable: string }

export interface Jwk {
  readonly type: KeyType
  /** Holds what only the issuer may know: a private or a symmetric key. */
  readonly secret: boolean
}

type KeyType = 'RSA' | 'EC' | 'OKP' | 'oct'

/** `unreadable` says why, in a clause. */
export function parseJwks(text: string): Jwks {
  const json = readJson(text)
  if (!json) return { unreadable: 'this is not JSON' }
  const { value } = json
  if (!isObject(value)) return { unreadable: 'a key or a set of keys is a JSON object' }
  const sets = value.members.filter(({ name }) => name === 'keys').map(each => each.value)
  if (sets.length === 0) return parseKeys([value], () => 'the key')
  const lists = sets.map(set => (set === null ? [] : set)).filter(isList)
  if (lists.length < sets.length) return { unreadable: '"keys" is no list' }
  return parseKeys(lists.flat(), index => `key ${index + 1}`)
}

function parseKeys(values: readonly Json[], nameOf: (index: number) => string): Jwks {
  const keys: Jwk[] = []
  for (const [index, value] of values.entries()) {
    const key = parseKey(value, nameOf(index))
    if ('unreadable' in key) return key
    keys.push(key)
  }
  return { keys }
}

type Form = 'text' | 'bytes' | 'texts' | 'certificates'
type Members = Readonly<Record<string, Form>>

interface KeyForm {
  readonly required: Members
  /** Only in a private key, which has a `d`; a symmetric key is secret as a whole. */
  readonly secret?: Members
}

const keyForms: Readonly<Record<KeyType, KeyForm>> = {
  RSA: {
    required: { e: 'bytes', n: 'bytes' },
    secret: { dp: 'bytes', dq: 'bytes', p: 'bytes', q: 'bytes', qi: 'bytes' },
  },
  EC: { required: { crv: 'text', x: 'bytes', y: 'bytes' }, secret: {} },
  OKP: { required: { crv: 'text', x: 'bytes' }, secret: {} },
  oct: { required: { k: 'bytes' } },
}

const common: Members = {
  alg: 'text',
  kid: 'text',
  key_ops: 'texts',
  use: 'text',
  x5c: 'certificates',
  x5t: 'text',
  'x5t#S256': 'text',
  x5u: 'text',
}

function parseKey(value: Json, name: string): Jwk | { readonly unreadable: string } {
  if (!isObject(value)) return { unreadable: `${name} is no JSON object` }
  const type = typeOf(value)
  if (type === undefined) return { unreadable: `${name} has no type ("kty")` }
  if (!isKeyType(type)) return { unreadable: `${name} is of the type "${type}", and "kty" is one of "RSA", "EC", "OKP", "oct"` }
  const { required, secret } = keyForms[type]
  const isPrivate = secret !== undefined && value.members.some(each => each.name.toLowerCase() === 'd')
  const needed: Members = isPrivate ? { ...required, d: 'bytes' } : required
  const forms: Members = { ...common, ...needed, ...(isPrivate ? secret : {}) }
  for (const member of value.members) {
    if (member.name === 'kty' && member.value !== type) return { unreadable: `"kty" of ${name} is not the same everywhere` }
    const form = Object.hasOwn(forms, member.name) ? forms[member.name] : undefined
    if (form && !formed[form].test(member.value)) return { unreadable: `"${member.name}" of ${name} ${formed[form].otherwise}` }
  }
  const missing = Object.keys(needed).find(each => !value.members.some(member => member.name === each))
  return missing === undefined ? { type, secret: isPrivate || type === 'oct' } : { unreadable: `${name} has no "${missing}"` }
}

function isKeyType(text: string): text is KeyType {
  return Object.hasOwn(keyForms, text)
}

/** Where Go looks for the type, capitals do not matter, and null says nothing. */
function typeOf({ members }: JsonObject): string | undefined {
  const written = members.filter(({ name, value }) => /^kty$/iu.test(name) && value !== null).map(({ value }) => value)
  return written.every(value => typeof value === 'string') ? written.at(-1) : undefined
}

/** Null counts as empty. */
const formed: Readonly<Record<Form, { test(value: Json): boolean; readonly otherwise: string }>> = {
  text: { test: isText, otherwise: 'is no text' },
  bytes: { test: value => isText(value) && isBase64(value ?? ''), otherwise: 'is not base64url' },
  texts: { test: value => value === null || (isList(value) && value.every(isText)), otherwise: 'is no list of texts' },
  certificates: {
    test: value => value === null || (isList(value) && value.every(each => typeof each === 'string' && isCertificate(each))),
    otherwise: 'is no list of certificates in base64',
  },
}

function isText(value: Json): value is string | null {
  return value === null || typeof value === 'string'
}

/** With the letters of either alphabet, but not of both; padded or not. Line breaks do not count. */
function isBase64(text: string): boolean {
  const letters = /[+/]/.test(text) ? '[A-Za-z0-9+/]' : '[-_A-Za-z0-9]'
  const end = text.endsWith('=') ? `(?:${letters}{2}==|${letters}{3}=)` : `(?:${letters}{2,3})?`
  return new RegExp(`^(?:${letters}{4})*${end}$`).test(text.replaceAll(/[\r\n]/g, ''))
}

/** Every certificate is a sequence of more than 127 bytes; whether this one can be read is not looked at. */
function isCertificate(text: string): boolean {
  return isBase64(text) && text.replaceAll(/[\r\n]/g, '').startsWith('MI')
}
