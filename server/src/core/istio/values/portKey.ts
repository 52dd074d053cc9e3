// The keys of `portLevelMtls`: YAML has numbers as keys, JSON does not, and each reader turns the text back into a number in its own way.
import type { Scalar } from '../../yaml/tree.ts'

export interface PortKey {
  /** What Istio's decoder makes of it: a number in range or out of it, or nothing. Source: golang/protobuf jsonpb/decode.go. */
  readonly webhook: 'port' | 'out of range' | 'no number'
  /** What CEL's `int(key)` makes of it. Source: google/cel-go common/types/string.go. */
  readonly crd: 'port' | 'out of range' | 'no number'
  /** The one port that can be meant. */
  readonly meant?: number
}

export function readPortKey(key: Scalar): PortKey {
  const text = jsonKey(key)
  const webhook = byRange(decoded(text))
  const crd = byRange(/^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined)
  const meant = /^\s*\+?0*([1-9]\d{0,4})(?:\.0*)?\s*$/.exec(text)?.[1]
  return meant !== undefined && Number(meant) <= highest ? { webhook, crd, meant: Number(meant) } : { webhook, crd }
}

const highest = 65_535
const largestUint32 = 2n ** 32n - 1n
const largestInt64 = 2n ** 63n - 1n

function byRange(value: bigint | undefined): PortKey['webhook'] {
  if (value === undefined || value < -largestInt64 - 1n || value > largestInt64) return 'no number'
  return 0n < value && value <= highest ? 'port' : 'out of range'
}

/** As JSON reads an unsigned number of 32 bits. Quotes around it are taken off, and null leaves it zero. */
function decoded(text: string): bigint | undefined {
  const bare = /^"(.*)"$/s.exec(text)?.[1] ?? text
  const json = bare.replace(/^[ \t\r\n]+|(?<![ \t\r\n])[ \t\r\n]+$/g, '')
  if (json === 'null') return 0n
  if (!/^(?:0|[1-9]\d*)$/.test(json)) return undefined
  const value = BigInt(json)
  return value <= largestUint32 ? value : undefined
}

/** The text of a key once YAML became JSON. Source: sigs.k8s.io/yaml yaml.go (convertToJSONableObject). */
function jsonKey({ value, text }: Scalar): string {
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'number') return text
  return isFloat(text) ? shortest32(value) : String(value)
}

function isFloat(text: string): boolean {
  return !/^[-+]?0[xX]/.test(text) && /[.eE]/.test(text)
}

/** The shortest text of a number of 32 bits, with an exponent from a million on; small fractions are no port in any form. */
function shortest32(value: number): string {
  const rounded = Math.fround(value)
  if (Object.is(rounded, -0)) return '-0'
  return Math.abs(rounded) < 1e6 ? String(rounded) : rounded.toExponential()
}
