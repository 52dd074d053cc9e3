// What the proxies of a cluster presented last: read once, shared by everything that shows certificates, refreshed while somebody looks.
import type { DistributedRoots } from '../core/certificate/authorities.ts'
import { pathOf } from '../core/certificate/authorities.ts'
import { renewalAt } from '../core/certificate/lifetime.ts'
import type { Certificate, CertificateReport } from '../core/certificate/report.ts'
import type { Pod } from '../core/istio/resources.ts'
import type { Presented } from '../core/report/certificateTree/certificateNode.ts'
import type { Problem } from '../core/report/problem.ts'
import type { ClusterConnection } from './connection.ts'
import { readDistributedRoots } from './distributedRoots.ts'
import { presentedBy, type SharedReading } from './inspect.ts'

export interface CertificateCache {
  /** What is known without asking. */
  known(pod: Pod): Presented | undefined
  /** Asks the proxies of the pods whose reading is missing or old, `atOnce` at a time. Never rejects; ends early when cancelled. */
  read(pods: readonly Pod[], signal: AbortSignal, options?: ReadOptions): Promise<void>
  /** Remembers what somebody read beside it. */
  remember(pod: Pod, presented: Presented): void
  /** Of every pod that answered. */
  reports(): Iterable<CertificateReport>
  /** Roots as read last; none before. */
  readonly distributed: readonly DistributedRoots[]
  /** Reads them again where they are old. Never rejects. */
  readDistributed(namespaces: readonly string[], signal: AbortSignal, again?: boolean): Promise<void>
  /** Forgets pods that are not among these any more. */
  keepOnly(pods: readonly Pod[]): void
}

export interface ReadOptions {
  /** Young readings are not good enough. */
  readonly again?: boolean
  /** Another of the pods has a reading. */
  readonly onRead?: () => void
}

export interface CacheOptions {
  /** Milliseconds. */
  readonly now: () => number
  readonly read: (pod: Pod, signal: AbortSignal, shared: SharedReading) => Promise<Presented | undefined>
  readonly readRoots: (namespaces: readonly string[], signal: AbortSignal) => Promise<readonly DistributedRoots[]>
}

const minute = 60_000
const oldAfterMs = 10 * minute
const failureOldAfterMs = minute
const rootsOldAfterMs = 5 * minute
/** A report takes some 5 kB. */
const mostPods = 10_000
const mostAuthorities = 1_000
const atOnce = 4

/** The cache of one connection; judged at `at` (RFC 3339; absent: when the proxy answered). */
export function certificatesOf(connection: ClusterConnection, at?: string): CertificateCache {
  return createCertificateCache({
    now: Date.now,
    async read(pod, signal, shared) {
      const answer = await presentedBy(connection, pod, signal, shared, at)
      if (answer.ok) return answer.value.presented
      return answer.problem.kind === 'cancelled' ? undefined : { ok: false, readAt: new Date().toISOString(), problem: answer.problem }
    },
    readRoots: async (namespaces, signal) => (connection.reached ? readDistributedRoots(connection.reached, namespaces, signal) : []),
  })
}

export function createCertificateCache({ now, read, readRoots }: CacheOptions): CertificateCache {
  /** Least recently used first. */
  const readings = new Map<string, Presented>()
  const asking = new Map<string, Promise<void>>()
  /** Namespaces whose proxies may not be asked: one refusal speaks for all their pods. */
  const refused = new Map<string, { readonly problem: Problem; readonly until: number }>()
  const slots = limiter(atOnce)
  const shareAuthorities = authoritySharing()
  let shared: SharedReading = newSharing()
  let distributed: readonly DistributedRoots[] = []
  let rootsReadAt = Number.NEGATIVE_INFINITY

  function put(pod: PodKey, presented: Presented): void {
    const key = keyOf(pod)
    readings.delete(key)
    readings.set(key, presented.ok ? { ...presented, report: shareAuthorities(presented.report) } : presented)
    for (const oldest of readings.keys()) {
      if (readings.size <= mostPods) break
      readings.delete(oldest)
    }
  }

  function known(pod: PodKey): Presented | undefined {
    const key = keyOf(pod)
    const presented = readings.get(key)
    if (presented === undefined) return undefined
    readings.delete(key)
    readings.set(key, presented)
    return presented
  }

  async function ask(pod: Pod, signal: AbortSignal): Promise<void> {
    const refusal = refused.get(pod.namespace)
    if (refusal && refusal.until > now()) {
      put(pod, { ok: false, readAt: new Date(now()).toISOString(), problem: refusal.problem })
      return
    }
    const presented = await read(pod, signal, shared)
    if (presented === undefined) return
    put(pod, presented)
    if (!presented.ok && presented.problem.kind === 'forbidden')
      refused.set(pod.namespace, { problem: presented.problem, until: now() + failureOldAfterMs })
  }

  /** Whoever asks for a pod that is being asked waits for that answer; where its asker gave up, asks again. */
  async function askOnce(pod: Pod, signal: AbortSignal): Promise<void> {
    const key = keyOf(pod)
    for (let other = asking.get(key); other && !signal.aborted; other = asking.get(key)) {
      const before = readings.get(key)
      await other
      if (readings.get(key) !== before) return
    }
    if (signal.aborted) return
    const asked = slots(() => (signal.aborted ? Promise.resolve() : ask(pod, signal)))
    asking.set(key, asked)
    try {
      await asked
    } finally {
      asking.delete(key)
      // A dump of a ztunnel serves the pods that are read together, and is old for those that come later.
      if (asking.size === 0) shared = newSharing()
    }
  }

  return {
    known,
    remember: put,
    *reports() {
      for (const presented of readings.values()) if (presented.ok) yield presented.report
    },
    get distributed() {
      return distributed
    },
    async read(pods, signal, { again = false, onRead = () => {} } = {}) {
      if (again) refused.clear()
      const wanted = pods.filter(pod => again || isOld(known(pod), now()))
      await Promise.all(
        wanted.map(async pod => {
          await askOnce(pod, signal)
          if (!signal.aborted) onRead()
        }),
      )
    },
    async readDistributed(namespaces, signal, again = false) {
      if (!again && now() - rootsReadAt < rootsOldAfterMs) return
      const read = await readRoots(namespaces, signal)
      if (signal.aborted) return
      distributed = read
      rootsReadAt = now()
    },
    keepOnly(pods) {
      const kept = new Set(pods.map(keyOf))
      for (const key of readings.keys()) if (!kept.has(key)) readings.delete(key)
    },
  }
}

/** A pod made anew under the same name, as those of a StatefulSet are, is another one. */
type PodKey = Pick<Pod, 'namespace' | 'name' | 'created'>

function keyOf({ namespace, name, created }: PodKey): string {
  return `${namespace}/${name} ${created ?? ''}`
}

/** A certificate is renewed at half of its life, so a reading from before tells little about the time after. Takes milliseconds. */
export function isOld(presented: Presented | undefined, now: number): boolean {
  if (presented === undefined) return true
  const readAt = Date.parse(presented.readAt)
  if (now - readAt > (presented.ok ? oldAfterMs : failureOldAfterMs)) return true
  const leaf = presented.ok ? pathOf(presented.report)?.certificates[0] : undefined
  if (leaf === undefined) return false
  return [renewalAt(leaf), leaf.notAfter].map(at => Date.parse(at)).some(at => readAt < at && at < now)
}

function newSharing(): SharedReading {
  return { dumps: new Map(), readers: new Map(), layers: new WeakMap() }
}

/** Every proxy of a mesh sends the same CAs: each is held once. */
function authoritySharing(): (report: CertificateReport) => CertificateReport {
  const known = new Map<string, Certificate>()
  const shared = (certificate: Certificate): Certificate => {
    if (!certificate.ca || certificate.sha256 === '') return certificate
    if (known.size >= mostAuthorities) known.clear()
    const held = known.get(certificate.sha256) ?? certificate
    known.set(certificate.sha256, held)
    return held
  }
  return report => ({ ...report, entries: report.entries.map(entry => ({ ...entry, chain: entry.chain.map(shared) })) })
}

/** Runs what it is given, at most `most` at a time, in order. */
function limiter(most: number): (run: () => Promise<void>) => Promise<void> {
  let running = 0
  const waiting: (() => void)[] = []
  return async run => {
    if (running >= most) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try {
      await run()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
