// The end of a container's log: one bounded GET. What is in it nobody knows, so whoever shows it blanks keys first.
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, ClusterProblem, PodRef } from '../protocol.ts'
import type { Reached } from './reached.ts'
import { type Failure, StreamBroken } from './transport.ts'

const tailLines = 2_000
const limitBytes = 4_000_000
const idleMs = 10_000
const deadlineMs = 20_000

export const logAccess = { group: '', resource: 'pods/log', verb: 'get' } as const

/** Its last lines, as they are; lines longer than the whole are cut by the server. */
export async function readPodLog(
  { transport, target, closing }: Reached,
  { namespace, name }: PodRef,
  container: string,
  cancelled: AbortSignal,
): Promise<Answer<string>> {
  const signal = AbortSignal.any([cancelled, closing, AbortSignal.timeout(deadlineMs)])
  const query = new URLSearchParams({ container, tailLines: `${tailLines}`, limitBytes: `${limitBytes}` })
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log?${query}`
  const reply = await transport.lines(path, { signal, accept: 'application/json, */*', idleMs })
  if (!reply.ok) return failed(problemOf(reply.failure, target.context.name, namespace, name, cancelled))
  const lines: string[] = []
  let size = 0
  try {
    for await (const line of reply.value) {
      size += line.length + 1
      if (size > limitBytes) break
      lines.push(line)
    }
  } catch (error) {
    if (!(error instanceof StreamBroken)) throw error
    if (cancelled.aborted || closing.aborted) return failed({ kind: 'cancelled' })
    // What came is the older part, and better than nothing.
    if (lines.length === 0) return failed({ kind: 'unreachable', context: target.context.name, detail: error.message })
  }
  return { ok: true, value: lines.join('\n') }
}

function problemOf(failure: Failure, context: string, namespace: string, name: string, cancelled: AbortSignal): ClusterProblem {
  if (failure.kind === 'aborted')
    return cancelled.aborted
      ? { kind: 'cancelled' }
      : { kind: 'timed-out', what: `The log of "${namespace}/${name}"`, seconds: deadlineMs / 1000 }
  if (failure.kind === 'status' && failure.code === 403)
    return { kind: 'forbidden', verb: logAccess.verb, resource: logAccess.resource, namespace }
  if (failure.kind === 'status' && failure.code === 404) return { kind: 'not-found', resource: 'pod', namespace, name }
  return { kind: 'unreachable', context, detail: failure.kind === 'status' ? failure.message : failure.detail }
}

function failed(problem: ClusterProblem): { readonly ok: false; readonly problem: ReturnType<typeof explainProblem> } {
  return { ok: false, problem: explainProblem(problem) }
}
