// One workload's or pod's certificate as a row: its state in a word, its time in a few, and why it needs attention.
import { pathOf, workloadEntry } from '../../certificate/authorities.ts'
import { harmless } from '../../certificate/harmless.ts'
import { certificateState, timeLeft } from '../../certificate/lifetime.ts'
import { leafOf } from '../../certificate/path.ts'
import type { CertificateProblem, CertificateReport } from '../../certificate/report.ts'
import type { PodRef, Problem } from '../problem.ts'
import type { CertificateNode } from './nodes.ts'

/** What asking a proxy came to. `readAt` is RFC 3339. */
export type Presented =
  | { readonly ok: true; readonly readAt: string; readonly expectedIdentity: string; readonly report: CertificateReport }
  | { readonly ok: false; readonly readAt: string; readonly problem: Problem }

export interface PodReading {
  readonly pod: PodRef
  readonly presented: Presented
}

export type CertificateFacts = Omit<CertificateNode, 'kind' | 'id' | 'pod' | 'workload' | 'label' | 'pods' | 'several'>

/** `now` is RFC 3339. Whether something is wrong is judged as of the reading: since then the proxy may have renewed. */
export function certificateFacts(presented: Presented, now: string): CertificateFacts {
  const { readAt } = presented
  if (!presented.ok) {
    const { problem } = presented
    return {
      readAt,
      state: 'unreadable',
      description: unreadWords(problem),
      unread: problem.kind,
      note: `${problem.message} ${problem.remedy}`,
    }
  }
  const { report, expectedIdentity } = presented
  const { state, notAfter } = certificateState(report, readAt)
  const serious = report.problems.filter(isSerious).toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  const entry = workloadEntry(report)
  const [, ...issuers] = pathOf(report)?.certificates ?? []
  return {
    readAt,
    state,
    identity: (entry && leafOf(entry)?.identity) ?? expectedIdentity,
    description: [...timeWords(state, notAfter, readAt, now), ...reasonWords(serious, state)].join(' · '),
    ...(notAfter ? { notAfter } : {}),
    ...(serious[0] ? { note: serious.map(({ message }) => message).join('\n') } : {}),
    issuers: issuers.map(({ sha256 }) => sha256),
  }
}

export function needsAttention({ state, note }: Pick<CertificateNode, 'state' | 'note'>): boolean {
  return note !== undefined || state !== 'valid'
}

/** What is said of the CA once is not said of each of its workloads again. */
function isSerious({ severity, id }: CertificateProblem): boolean {
  return severity !== 'info' && id !== 'issuer-expiring'
}

function timeWords(state: CertificateNode['state'], notAfter: string | undefined, readAt: string, now: string): readonly string[] {
  if (state === 'not-yet-valid') return ['not yet valid']
  if (notAfter === undefined) return [state === 'warming' ? 'waits for its certificate' : 'no certificate']
  const passed = Date.parse(notAfter) <= Date.parse(now)
  const words = timeLeft(notAfter, state === 'valid' && passed ? readAt : now)
  return [state === 'renewal-due' ? `${words}, renewal overdue` : words]
}

/** Beside its time, what is wrong in a few words; of several things the worst. */
function reasonWords(problems: readonly CertificateProblem[], state: CertificateNode['state']): readonly string[] {
  const [worst] = problems.filter(({ id }) => !saidByState.has(id) || state === 'valid')
  if (worst === undefined) return []
  const words = reasons[worst.id]
  return [words === undefined ? worst.id.replaceAll('-', ' ') : words(harmless(worst.entry.replace(/^kubernetes:\/\//, '')))]
}

const saidByState: ReadonlySet<string> = new Set([
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-renewal-due',
  'secret-warming',
  'secret-missing',
])

const reasons: Readonly<Record<string, (entry: string) => string>> = {
  'certificate-expired': entry => `"${entry}" expired`,
  'certificate-not-yet-valid': entry => `"${entry}" is not yet valid`,
  'secret-warming': entry => `waits for secret "${entry}"`,
  'secret-missing': entry => `secret "${entry}" is missing`,
  'identity-unexpected': () => "not its service account's identity",
  'identity-missing': () => 'no SPIFFE identity',
  'identity-ambiguous': () => 'more than one identity',
  'identity-malformed': () => 'malformed identity',
  'chain-untrusted': () => 'its root is not trusted',
  'chain-incomplete': () => 'its issuer is missing',
  'self-signed': () => 'signed by itself',
  'leaf-is-ca': () => 'it is a CA',
}

function unreadWords({ kind }: Problem): string {
  return `could not be read${unread[kind] ? `: ${unread[kind]}` : ''}`
}

const unread: Partial<Readonly<Record<Problem['kind'], string>>> = {
  forbidden: 'not allowed',
  'proxy-silent': 'the proxy does not answer',
  'timed-out': 'no answer in time',
  'no-ztunnel': 'no ztunnel is visible',
  'not-running': 'the pod is not running',
  'not-found': 'the pod is gone',
  'too-large': 'the answer is too large',
  truncated: 'the answer stops early',
  unreachable: 'the cluster does not answer',
  unauthorized: 'the credentials are refused',
}
