// Instants and durations as people read them. The clock is always an argument.

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const year = 365.25 * day

/** `45 s`, `12 min`, `5 h 12 min`, `9 days`, `3 years`; rounded down, the sign is ignored. Takes milliseconds. */
export function duration(milliseconds: number): string {
  const length = Math.abs(milliseconds)
  if (length < minute) return `${Math.floor(length / second)} s`
  if (length < hour) return `${Math.floor(length / minute)} min`
  if (length < 2 * day) return hoursAndMinutes(length)
  if (length < 2 * year) return `${Math.floor(length / day)} days`
  return `${Math.floor(length / year)} years`
}

function hoursAndMinutes(length: number): string {
  const minutes = Math.floor((length % hour) / minute)
  return `${Math.floor(length / hour)} h${minutes > 0 ? ` ${minutes} min` : ''}`
}

/** `06:12` where the reader is; a text that is no instant stays as it is. */
export function timeOfDay(rfc3339: string): string {
  const time = new Date(rfc3339)
  if (Number.isNaN(time.getTime())) return rfc3339
  return [time.getHours(), time.getMinutes()].map(part => String(part).padStart(2, '0')).join(':')
}

/** `2026-11-21 06:12:03 UTC`; a text that is no instant stays as it is. */
export function instant(rfc3339: string): string {
  const time = Date.parse(rfc3339)
  return Number.isNaN(time) ? rfc3339 : `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
