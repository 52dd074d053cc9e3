// Ends a switch: a new case of a union becomes a compile error at each place that must learn it.

export function never(value: never): never {
  throw new Error(`unexpected case ${JSON.stringify(value)}`)
}
