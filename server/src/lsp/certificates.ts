// The certificates of the open clusters: what is known, and asking proxies for more while somebody looks.
import type { CancellationToken } from 'vscode-languageserver'
import type { CertificateCache } from '../cluster/certificates.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import { certificateState, timeLeft } from '../core/certificate/lifetime.ts'
import { own } from '../core/istio/own.ts'
import type { Pod } from '../core/istio/resources.ts'
import { authorityText } from '../core/report/certificateTree/authorityText.ts'
import type { Presented } from '../core/report/certificateTree/certificateNode.ts'
import { readableWorkloads, workloadReadings } from '../core/report/certificateTree/readings.ts'
import { certificateTree, podNodes, workloadId } from '../core/report/certificateTree/tree.ts'
import { explainProblem } from '../core/report/problem.ts'
import {
  type Answer,
  type CertificateInspection,
  type CertificateNode,
  type CertificatesPage,
  type CertificatesQuestion,
  CertificatesRead,
  certificatesAtOnce,
  type FindWorkloadParams,
  type FromContext,
  type MeshRowPath,
  type PodRef,
} from '../protocol.ts'
import { clusterRow } from './clusterRow.ts'
import type { ClusterSession } from './clusterSession.ts'
import type { Server } from './context.ts'
import { pathTo } from './objects.ts'

/** What proxies presented, kept for as long as the connection that they were reached by. */
export interface Certificates {
  /** Without asking: what the proxy of a pod presented last. */
  known(session: ClusterSession, pod: Pod): Presented | undefined
  of(connection: ClusterConnection): Promise<CertificateCache>
}

/** The decoder and what asks proxies are chunks of their own, loaded with the first certificate. */
export function keepCertificates(): Certificates {
  const caches = new WeakMap<ClusterConnection, CertificateCache>()
  return {
    known: ({ connection }, pod) => (connection ? caches.get(connection)?.known(pod) : undefined),
    async of(connection) {
      const { certificatesOf } = await import('../cluster/certificates.ts')
      const cache = caches.get(connection) ?? certificatesOf(connection)
      caches.set(connection, cache)
      return cache
    },
  }
}

/** How long the certificate of a pod of the judging cluster lasts, in words; undefined where it was not read, or none could be. */
export function timeLeftOf(pod: Pod, { sessions, certificates }: Pick<Serving, 'sessions' | 'certificates'>): string | undefined {
  const presented = sessions.judging && certificates.known(sessions.judging, pod)
  if (!presented?.ok) return undefined
  const now = new Date().toISOString()
  const { notAfter } = certificateState(presented.report, now)
  return notAfter === undefined ? undefined : timeLeft(notAfter, now)
}

/** A DaemonSet may have thousands. */
const mostPodsOfWorkload = 100

type Serving = Pick<Server, 'sessions' | 'certificates' | 'connection'>

export async function certificatePages(question: CertificatesQuestion, server: Serving): Promise<Answer<readonly CertificatesPage[]>> {
  const { sessions } = server
  await sessions.settled()
  if (sessions.all.every(({ world }) => world === undefined)) {
    const { state } = sessions
    return { ok: false, problem: 'problem' in state ? state.problem : explainProblem({ kind: 'not-connected' }) }
  }
  return { ok: true, value: await Promise.all(sessions.all.map(session => pageOf(session, question, server))) }
}

async function pageOf(
  session: ClusterSession,
  question: CertificatesQuestion,
  { certificates, sessions }: Serving,
): Promise<CertificatesPage> {
  const { context, mesh, connection } = session
  const cache = connection && session.world ? await certificates.of(connection) : undefined
  const workloads = readableWorkloads(mesh, question.filter)
  const wanted = workloads.slice(0, limitOf(question, context))
  const readings = workloadReadings(wanted, pod => cache?.known(pod))
  const rows = certificateTree(
    {
      workloads: readings,
      distributed: cache?.distributed ?? [],
      trustDomain: mesh.settings.known ? mesh.settings.trustDomain : undefined,
      whole: readings.length === workloads.length && question.filter === undefined,
      now: new Date().toISOString(),
    },
    question.grouping,
  )
  return {
    context,
    cluster: clusterRow(session.described, session === sessions.judging),
    rows,
    workloads: workloads.length,
    wanted: wanted.length,
    read: readings.length,
  }
}

export async function readCertificates(
  question: CertificatesQuestion & { readonly again?: boolean },
  server: Serving,
  token: CancellationToken,
): Promise<Answer<null>> {
  const { again = false } = question
  await Promise.all(
    server.sessions.all.map(session =>
      session.ask(token, async (connection, signal) => {
        const cache = await server.certificates.of(connection)
        const { mesh, context } = session
        if (mesh.complete('Pod')) cache.keepOnly(mesh.all('Pod'))
        const workloads = readableWorkloads(mesh, question.filter).slice(0, limitOf(question, context))
        const tell = () => void server.connection.sendNotification(CertificatesRead, { context })
        // Whoever hears it asks for all rows again.
        const soon = gathered(tell, 300 + workloads.length / 4)
        const namespaces = [...new Set(workloads.map(({ workload }) => workload.namespace))]
        const roots = cache.readDistributed(namespaces, signal, again)
        await cache.read(
          workloads.map(({ pods: [pod] }) => pod),
          signal,
          { again, onRead: soon },
        )
        await roots
        soon.end()
        return { ok: true, value: null }
      }),
    ),
  )
  return { ok: true, value: null }
}

export async function podCertificates(
  { context, workload: id }: { readonly workload: string } & FromContext,
  server: Serving,
  token: CancellationToken,
): Promise<Answer<readonly CertificateNode[]>> {
  return server.sessions.ask(context, session =>
    session.ask(token, async (connection, signal) => {
      const cache = await server.certificates.of(connection)
      const found = readableWorkloads(session.mesh, undefined).find(({ workload }) => workloadId(workload) === id)
      if (!found) return { ok: true, value: [] }
      await cache.read(found.pods.slice(0, mostPodsOfWorkload), signal)
      const [reading] = workloadReadings([found], pod => cache.known(pod))
      return { ok: true, value: reading ? podNodes(reading, new Date().toISOString()) : [] }
    }),
  )
}

/** The rows of the Workloads view that lead to the workload of a certificate. */
export async function rowsToWorkload(
  { context, workload: id, view = {} }: FindWorkloadParams,
  { sessions }: Serving,
): Promise<Answer<MeshRowPath>> {
  return sessions.ask(context, async session => {
    const found = session.mesh.workloads.find(workload => workloadId(workload) === id)
    const [path] = found ? pathTo(found, session, view, session === sessions.judging) : []
    if (path) return { ok: true, value: path }
    return { ok: false, problem: explainProblem({ kind: 'not-found', resource: 'workload', name: id.slice(id.lastIndexOf('.') + 1) }) }
  })
}

/** Always asked anew: whoever opens the page wants to know how it is now. */
export async function inspectCertificate(ref: PodRef, server: Serving, token: CancellationToken): Promise<Answer<CertificateInspection>> {
  return server.sessions.ask(ref.context, session =>
    session.ask(token, async (connection, signal) => {
      const [{ inspectionOf, presentedBy }, { readDistributedRootsOf }] = await Promise.all([
        import('../cluster/inspect.ts'),
        import('../cluster/distributedRoots.ts'),
      ])
      const answer = await presentedBy(connection, ref, signal)
      if (!answer.ok) return answer
      const cache = await server.certificates.of(connection)
      cache.remember(answer.value.pod, answer.value.presented)
      const given =
        cache.distributed.find(({ namespace }) => namespace === ref.namespace) ??
        (await readDistributedRootsOf(connection, ref.namespace, signal))
      const inspection = inspectionOf(ref, answer.value, given)
      return { ok: true, value: { ...inspection, pod: { ...inspection.pod, context: session.context } } }
    }),
  )
}

export async function authorityAsText(
  { context, sha256 }: { readonly sha256: string } & FromContext,
  server: Serving,
  token: CancellationToken,
): Promise<Answer<string>> {
  return server.sessions.ask(context, session =>
    session.ask(token, async connection => {
      const cache = await server.certificates.of(connection)
      const text = authorityText(sha256, cache.reports(), cache.distributed, new Date().toISOString())
      if (text !== undefined) return { ok: true, value: text }
      return { ok: false, problem: explainProblem({ kind: 'not-found', resource: 'CA certificate', name: sha256 }) }
    }),
  )
}

function limitOf({ limits }: CertificatesQuestion, context: string): number {
  return own(limits, context) ?? certificatesAtOnce
}

/** Runs at most every `ms` milliseconds, and once more at the end for what came in between. */
function gathered(run: () => void, ms: number): { (): void; end(): void } {
  let timer: NodeJS.Timeout | undefined
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      run()
    }, ms)
  }
  return Object.assign(soon, {
    end() {
      clearTimeout(timer)
      run()
    },
  })
}
