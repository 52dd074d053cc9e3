// Durations as Go writes them. Source: Go's time.ParseDuration.

const form = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const lengths: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }
const longest = 2n ** 63n
/** Further digits of a fraction are below a nanosecond. */
const digits = 18

/** Exact, as Go counts: a fraction below a nanosecond is dropped. Undefined for text that is no duration, or one of more than 292 years. */
export function nanoseconds(text: string): bigint | undefined {
  if (!form.test(text)) return undefined
  const parts = text.matchAll(/(?<!\d)(\d*)(?:\.(\d*))?([a-zµμ]+)/g)
  const sum = [...parts].reduce((total, [, whole = '', written = '', unit = '']) => {
    const length = lengths[unit] ?? 0
    const fraction = written.slice(0, digits)
    return total + BigInt(whole) * BigInt(length) + BigInt(Math.trunc(Number(fraction) * (length / 10 ** fraction.length)))
  }, 0n)
  if (text.startsWith('-')) return sum > longest ? undefined : -sum
  return sum >= longest ? undefined : sum
}

/** Milliseconds, or undefined for text that is no duration: `5`, `1d`, `5S`. */
export function parseDuration(text: string): number | undefined {
  const exact = nanoseconds(text)
  return exact === undefined ? undefined : Number(exact) / 1e6
}
