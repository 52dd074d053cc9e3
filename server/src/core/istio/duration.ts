// Durations as Go writes them. Source: Go's time.ParseDuration.

const form = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds, or undefined for text that is no duration: `5`, `1d`, `5S`. */
export function parseDuration(text: string): number | undefined {
  if (!form.test(text)) return undefined
  const parts = text.matchAll(/(\d+(?:\.\d*)?|\.\d+)([a-zµμ]+)/g)
  const sum = [...parts].reduce((total, [, amount, unit = '']) => total + Number(amount) * (milliseconds[unit] ?? 0), 0)
  return text.startsWith('-') ? -sum : sum
}
