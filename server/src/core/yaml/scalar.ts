// What Kubernetes' YAML reader makes of a scalar: YAML 1.1, as far as go-yaml implements it. Source: go-yaml v2 resolve.go.

export type ScalarValue = string | number | boolean | null

const words: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(word => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(word => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map(word => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map(word => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(word => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map(word => [word, Number.NEGATIVE_INFINITY] as const),
])

const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const mostNegative = -(2n ** 63n)
const mostUnsigned = 2n ** 64n
const mostSigned = 2n ** 63n

/** A scalar without quotes. Dates and numbers to the base of 60 (`12:30`) stay text, as does a number too large for the reader. */
export function readPlain(text: string): ScalarValue {
  const word = words.get(text)
  if (word !== undefined) return word
  if (!/^[-+.0-9]/.test(text)) return text
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '')
  return readInteger(digits) ?? readFloat(digits) ?? text
}

/** The value as a tag such as `!!int` demands it; undefined where it is none. Tags of one's own make text. */
export function readTagged(tag: string, text: string): ScalarValue | undefined {
  const demanded = types.get(tag)
  if (!demanded) return text
  const value = readPlain(text)
  return demanded(value) ? value : undefined
}

const types: ReadonlyMap<string, (value: ScalarValue) => boolean> = new Map([
  ['tag:yaml.org,2002:bool', value => typeof value === 'boolean'],
  ['tag:yaml.org,2002:int', value => Number.isInteger(value)],
  ['tag:yaml.org,2002:float', value => typeof value === 'number'],
  ['tag:yaml.org,2002:null', value => value === null],
])

function readInteger(text: string): number | undefined {
  const [whole, sign, hexadecimal, binary, octal, decimal] = integer.exec(text) ?? []
  if (whole === undefined) return undefined
  const magnitude = BigInt(hexadecimal ? `0x${hexadecimal}` : binary ? `0b${binary}` : octal ? `0o${octal}` : (decimal ?? '0'))
  const value = sign === '-' ? -magnitude : magnitude
  const holds = mostNegative <= value && value < (sign === '' ? mostUnsigned : mostSigned)
  return holds ? Number(value) : undefined
}

function readFloat(text: string): number | undefined {
  const value = float.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}
