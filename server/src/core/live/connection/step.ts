// One step of a connection, in the words of `connection --format json`.

export const stepIds = [
  'enrolment',
  'client-tls',
  'server-mode',
  'server-chain',
  'client-chain',
  'identity',
  'validity',
  'authorization',
] as const

export type StepId = (typeof stepIds)[number]

export interface Step {
  readonly id: StepId
  /** `skipped`: it does not come to this, because an earlier step failed or the connection has no handshake. */
  readonly state: 'ok' | 'failed' | 'unknown' | 'skipped'
  /** One sentence. */
  readonly detail: string
  /** What was seen, each a line. */
  readonly evidence: readonly string[]
  /** What to do where it failed or is not known. */
  readonly remedy?: string
}

/** A step before it is known whether it comes to it. */
export type Finding = Omit<Step, 'id'>

export function ok(detail: string, evidence: readonly string[] = []): Finding {
  return { state: 'ok', detail, evidence }
}

export function failed(detail: string, remedy: string, evidence: readonly string[] = []): Finding {
  return { state: 'failed', detail, evidence, remedy }
}

export function unknown(detail: string, remedy: string, evidence: readonly string[] = []): Finding {
  return { state: 'unknown', detail, evidence, remedy }
}

export function skipped(detail: string, evidence: readonly string[] = []): Finding {
  return { state: 'skipped', detail, evidence }
}

export interface ConnectionReport {
  readonly version: 1
  readonly verdict: 'ok' | 'fails' | 'unknown'
  /** The first that failed; null where none did. */
  readonly failedStep: StepId | null
  readonly steps: readonly Step[]
}
