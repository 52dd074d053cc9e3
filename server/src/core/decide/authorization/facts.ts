// What a proxy sees of a connection when it evaluates policies: each attribute with its values, or the fact that is missing.
import type { Address } from '../../istio/values/addressBlock.ts'

/** No value: the connection does not have the attribute. Several: each is compared by itself. */
export type Reading<T> = Known<T> | Missing

export interface Known<T> {
  readonly values: readonly T[]
}

export interface Missing {
  /** `the source address`. */
  readonly missing: string
  /** That there is a value is known. */
  readonly present?: true
}

export interface Facts {
  /** The SPIFFE ID without `spiffe://`. */
  readonly identity: Reading<string>
  readonly sourceIp: Reading<Address>
  readonly remoteIp: Reading<Address>
  readonly destinationIp: Reading<Address>
  readonly port: number
  readonly sni: Reading<string>
  metadata(filter: string, key: string): Reading<MetadataValue>
  readonly http?: HttpFacts
}

export type MetadataValue = string | readonly string[]

export interface HttpFacts {
  readonly method: Reading<string>
  readonly host: Reading<string>
  /** Normalized, without query. */
  readonly path: Reading<string>
  header(name: string): Reading<string>
  /** The payload of the token that was accepted. */
  readonly payload: Reading<Payload>
}

export type Payload = Readonly<Record<string, unknown>>

export const nothing: Known<never> = { values: [] }

/** A fact of the connection that may not be given. */
export function given<T>(value: T | undefined, name: string): Reading<T> {
  return value === undefined ? { missing: name } : { values: [value] }
}

/** From what is read something else is read. */
export function mapped<S, T>(reading: Reading<S>, read: (value: S) => readonly T[]): Reading<T> {
  return 'missing' in reading ? reading : { values: reading.values.flatMap(read) }
}
