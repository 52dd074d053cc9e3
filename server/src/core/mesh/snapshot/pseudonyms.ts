// Other names for everything that tells whose mesh it is, the same everywhere, so that every decision stays what it was.
// Texts are replaced word by word: what is compared as a whole, by its beginning or by its end compares as before. Where a pattern
// such as `front*` cuts a word, all words are cut there, and codes have one length, so that neither end can be mistaken.

import { own } from '../../istio/own.ts'
import { meshSettings } from '../../istio/read.ts'
import { writeYaml } from '../../yaml/write.ts'
import { groupBy } from '../groupBy.ts'
import { compare } from '../workloads.ts'
import { renamedAddress } from './addresses.ts'
import { hash } from './hash.ts'
import { isJson, type Json, jsonOf } from './trim.ts'
import { isKnownValue, isKnownWord, isPartOfKnown } from './vocabulary.ts'

export interface Renamed {
  readonly objects: readonly Json[]
  /** The new text of any other that names the same things. */
  readonly text: (text: string) => string
}

/** `seed` decides who gets which code; whoever does not know it cannot guess names by trying. `others`: texts beside the objects. */
export function pseudonymized(objects: readonly Json[], seed: string, others: readonly string[] = []): Renamed {
  const texts = new Set(others)
  for (const object of objects)
    walk(object, text => {
      texts.add(text)
      return text
    })
  const word = codesFor(texts, seed)
  const renamed = new Map<string, string>()
  const text = (written: string): string => {
    const known = renamed.get(written)
    if (known !== undefined) return known
    const made = isKnownValue(written)
      ? written
      : (renamedAddress(written, seed) ?? written.replace(parts, part => partOf(part, word, seed)))
    renamed.set(written, made)
    return made
  }
  return { objects: inAgeOrder(objects).map(object => walk(object, text)), text }
}

/** Between objects that were made in the same second their names decide, which change: a part of a second takes their place. */
function inAgeOrder(objects: readonly Json[]): readonly Json[] {
  const made = groupBy(objects, object => `${object.kind} ${metadataOf(object).creationTimestamp}`)
  const ages = new Map<Json, string>()
  for (const group of made.values()) {
    const inOrder = group.length > 1 ? group.toSorted((a, b) => compare(nameOf(a), nameOf(b))) : []
    for (const [index, object] of inOrder.entries()) {
      const { creationTimestamp } = metadataOf(object)
      if (typeof creationTimestamp === 'string') ages.set(object, creationTimestamp.replace(/Z$/, `.${String(index).padStart(6, '0')}Z`))
    }
  }
  return objects.map(object => {
    const creationTimestamp = ages.get(object)
    return creationTimestamp === undefined ? object : { ...object, metadata: { ...metadataOf(object), creationTimestamp } }
  })
}

function metadataOf({ metadata }: Json): Json {
  return isJson(metadata) ? metadata : {}
}

function nameOf(object: Json): string {
  const { name, namespace } = metadataOf(object)
  return `${name}\0${namespace}`
}

const ipv4 = String.raw`(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w.-])`
/** An address, an escape of a path, which both are kept from being words; then words, also those of `camelCase`. */
const parts = new RegExp(String.raw`${ipv4}|%[0-9A-Fa-f]{2}|\p{Lu}+(?!\p{Ll})\p{N}*|\p{Lu}?[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{M}\p{N}]+`, 'gu')

function partOf(part: string, word: (text: string) => string, seed: string): string {
  if (part.startsWith('%')) return part
  return part.includes('.') ? (renamedAddress(part, seed) ?? part.replace(/\d/g, '0')) : word(part)
}

/** What each word becomes. */
function codesFor(texts: ReadonlySet<string>, seed: string): (word: string) => string {
  const words = new Set<string>()
  const patterns: { readonly part: string; readonly end: 'start' | 'end' }[] = []
  for (const text of texts) {
    if (isKnownValue(text)) continue
    for (const { 0: part, index } of text.matchAll(parts)) {
      if (part.startsWith('%') || part.includes('.')) continue
      words.add(part)
      if (text[index + part.length] === '*') patterns.push({ part, end: 'start' })
      if (text[index - 1] === '*') patterns.push({ part, end: 'end' })
    }
  }
  const kept = new Set(patterns.filter(({ part, end }) => isPartOfKnown(part, end)).map(({ part }) => part))
  const isKept = (word: string) => kept.has(word) || isKnownWord(word)
  const cuts = cutsOf(
    [...words].filter(word => kept.has(word) || !isKnownWord(word)),
    patterns,
  )
  const segmentsOf = (word: string) => segments(word, cuts.get(word))
  for (const part of [...kept]) for (const each of segmentsOf(part)) kept.add(each)
  const keys = new Set(
    [...words]
      .filter(word => !isKept(word))
      .flatMap(word =>
        segmentsOf(word)
          .filter(each => !kept.has(each))
          .map(keyOf),
      ),
  )
  const ordered = [...keys].map(key => [hash(seed + key), key] as const).toSorted((a, b) => a[0] - b[0])
  const width = Math.max(String(ordered.length).length, 2)
  const codes = new Map(ordered.map(([, key], index) => [key, `q${String(index).padStart(width, '0')}z`]))
  const coded = (segment: string) => (kept.has(segment) ? segment : inCaseOf(segment, codes.get(keyOf(segment)) ?? segment))
  return word => (isKept(word) ? word : segmentsOf(word).map(coded).join(''))
}

/** Where each word is cut: where a pattern begins or ends in it, and wherever that pattern is cut itself. */
function cutsOf(words: readonly string[], patterns: readonly { readonly part: string; readonly end: 'start' | 'end' }[]) {
  const cuts = new Map<string, Set<number>>()
  const add = (word: string, cut: number): boolean => {
    if (cut <= 0 || cut >= word.length) return false
    const known = cuts.get(word) ?? new Set()
    if (known.has(cut)) return false
    cuts.set(word, known.add(cut))
    return true
  }
  const unique = new Map(patterns.map(each => [`${each.end} ${each.part}`, each]))
  const meetings = [...unique.values()].flatMap(({ part, end }) =>
    words
      .filter(word => word !== part && (end === 'start' ? word.startsWith(part) : word.endsWith(part)))
      .map(word => ({ part, word, from: end === 'start' ? 0 : word.length - part.length })),
  )
  let again = meetings.length > 0
  while (again) {
    again = false
    for (const { part, word, from } of meetings) {
      const inWord = [from, from + part.length, ...[...(cuts.get(part) ?? [])].map(cut => cut + from)]
      const inPart = [...(cuts.get(word) ?? [])].map(cut => cut - from).filter(cut => cut < part.length)
      for (const cut of inWord) again = add(word, cut) || again
      for (const cut of inPart) again = add(part, cut) || again
    }
  }
  return cuts
}

function segments(word: string, cuts: ReadonlySet<number> | undefined): readonly string[] {
  if (!cuts) return [word]
  const places = [0, ...[...cuts].toSorted((a, b) => a - b), word.length]
  return places.slice(1).map((end, index) => word.slice(places[index], end))
}

/** Words that differ in their case alone share a code, since host names and header names are compared so. */
function keyOf(segment: string): string {
  return caseOf(segment) === 'mixed' ? `mixed ${segment}` : segment.toLowerCase()
}

function caseOf(segment: string): 'lower' | 'upper' | 'first' | 'mixed' {
  const lower = segment.toLowerCase()
  if (segment === lower) return 'lower'
  if (segment.slice(1) === lower.slice(1)) return 'first'
  return segment === segment.toUpperCase() ? 'upper' : 'mixed'
}

function inCaseOf(segment: string, code: string): string {
  switch (caseOf(segment)) {
    case 'upper':
      return code.toUpperCase()
    case 'first':
      return `${code.charAt(0).toUpperCase()}${code.slice(1)}`
    default:
      return code
  }
}

type Rename = (text: string) => string

/** The object with every text that names something replaced. Istio's CRDs are the same everywhere. */
function walk(object: Json, rename: Rename): Json {
  return object.kind === 'CustomResourceDefinition' ? object : fieldsOf(object, rename)
}

/** Maps whose keys are chosen by people. */
const maps = new Set(['labels', 'annotations', 'matchLabels', 'selector', 'headers', 'withoutHeaders', 'queryParams', 'networks', 'ports'])
const untouched = new Set(['apiVersion', 'creationTimestamp', 'protocol', 'appProtocol', 'operator', 'expression'])

function fieldsOf(fields: Json, rename: Rename): Json {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, valueIn(name, value, rename)]))
}

function valueIn(name: string, value: unknown, rename: Rename): unknown {
  if (untouched.has(name)) return value
  if (typeof value === 'string') return (own(special, name) ?? rename)(value, rename)
  if (Array.isArray(value))
    return value.map(each =>
      isJson(each) ? (name === 'env' ? variable(each, rename) : fieldsOf(each, rename)) : valueIn(name, each, rename),
    )
  if (!isJson(value)) return value
  if (!maps.has(name)) return fieldsOf(value, rename)
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (typeof each === 'string') return [rename(key), key === 'proxy.istio.io/config' ? settings(each, rename) : rename(each)]
      return [isJson(each) ? keyIn(key, rename) : rename(key), valueIn(key, each, rename)]
    }),
  )
}

/** `selector: { matchLabels: … }` is no map of labels. */
function keyIn(key: string, rename: Rename): string {
  return maps.has(key) ? key : rename(key)
}

/** What a switch of istiod is called says nothing. */
function variable({ name, value }: Json, rename: Rename): Json {
  return { name, value: typeof value === 'string' ? rename(value) : value }
}

/** Texts that are documents. */
const special: Readonly<Record<string, (text: string, rename: Rename) => string>> = {
  mesh: settings,
  meshNetworks: settings,
  jwks: () => '{"keys":[]}',
  pem: () => '',
}

function settings(text: string, rename: Rename): string {
  const value = jsonOf(meshSettings(text))
  return isJson(value) ? writeYaml(fieldsOf(value, rename)).text : '['
}
