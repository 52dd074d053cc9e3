// Writes DER, right or wrong as the test wants it. Source: X.690.

export type Der = Uint8Array

export function value(tag: number, ...parts: readonly (Der | string)[]): Der {
  const content = Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part)))
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content])
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const octets = bytesOf(BigInt(length))
  return [0x80 + octets.length, ...octets]
}

export function sequence(...parts: readonly Der[]): Der {
  return value(0x30, ...parts)
}

export function set(...parts: readonly Der[]): Der {
  return value(0x31, ...parts)
}

/** `[n]` around the parts. */
export function explicit(n: number, ...parts: readonly Der[]): Der {
  return value(0xa0 + n, ...parts)
}

/** Two's complement in as few octets as DER demands. */
export function integer(number: bigint): Der {
  const octets = number < 0n ? bytesOf((1n << BigInt(8 * (bytesOf(-number).length + 1))) + number) : [0, ...bytesOf(number)]
  while (octets.length > 1 && ((octets[0] === 0 && (octets[1] ?? 0) < 0x80) || (octets[0] === 0xff && (octets[1] ?? 0) >= 0x80)))
    octets.shift()
  return value(0x02, Buffer.from(octets))
}

export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return value(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

/** Bits from the first on, as names of flags are counted. */
export function flags(bits: readonly number[]): Der {
  const last = Math.max(-1, ...bits)
  const octets = Buffer.alloc(Math.ceil((last + 1) / 8))
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return value(0x03, Buffer.from([last < 0 ? 0 : 7 - (last & 7)]), octets)
}

export function bits(content: Der): Der {
  return value(0x03, Buffer.from([0]), content)
}

/** UTCTime up to 2049, GeneralizedTime behind it, as RFC 5280 §4.1.2.5 asks, unless told. */
export function time(at: Date, generalized = at.getUTCFullYear() >= 2050): Der {
  const text = `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  return generalized ? value(0x18, text) : value(0x17, text.slice(2))
}

function bytesOf(number: bigint): number[] {
  const hex = number.toString(16)
  return [...Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')]
}

function base128(number: number): readonly number[] {
  const septets = [number % 128]
  for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128)) septets.unshift((left % 128) + 128)
  return septets
}
