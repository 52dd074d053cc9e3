// A cluster as one command needs it: connect, wait for the first complete lists, or say in one line why not.
import type { ClusterConnection } from '../cluster/connection.ts'
import { connect } from '../cluster/index.ts'
import { readObject } from '../core/istio/read.ts'
import { gapSentences } from '../core/report/gaps.ts'
import type { Problem } from '../protocol.ts'
import { CannotRun } from './cannotRun.ts'

export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace?: readonly string[]
}

interface ConnectOptions {
  /** What may not be listed, on standard error. */
  readonly tellsGaps?: boolean
  /** What to give where there is no kubeconfig at all. */
  readonly instead?: string
}

/** The caller disposes of the connection. What may not be listed is told on standard error, and the rest goes on. */
export async function connectOnce(
  { kubeconfig, context, namespace = [] }: ClusterOptions,
  { tellsGaps = true, instead }: ConnectOptions = {},
): Promise<ClusterConnection> {
  const connected = await connect({
    namespaces: namespace,
    read: readObject,
    log: () => {},
    onState: () => {},
    onChange: () => {},
    ...(kubeconfig ? { kubeconfig } : {}),
    ...(context ? { context } : {}),
  })
  const why = (problem: Problem) =>
    instead !== undefined && kubeconfig === undefined && problem.kind === 'no-kubeconfig'
      ? new CannotRun(instead)
      : inOneLine(problem, kubeconfig)
  if (!connected.ok) throw why(connected.problem)
  const connection = connected.value
  await connection.ready()
  const { state } = connection
  if (state.kind === 'connected' || state.kind === 'stale') {
    if (tellsGaps) for (const sentence of gapSentences(state.gaps)) process.stderr.write(`istio-security: ${sentence}\n`)
    return connection
  }
  connection.dispose()
  throw state.kind === 'connecting' ? new CannotRun(`the cluster of "${state.context}" sends no complete list`) : why(state.problem)
}

export function inOneLine(problem: Problem, kubeconfig?: string): CannotRun {
  const remedies = kubeconfig === undefined ? shellRemedies : { ...shellRemedies, ...fileRemedies }
  return new CannotRun(`${problem.message} ${remedies[problem.kind] ?? problem.remedy}`)
}

type Remedies = Readonly<Partial<Record<Problem['kind'], string>>>

/** What to do in a shell, where there is nothing to choose and nothing to refresh. */
const shellRemedies: Remedies = {
  'not-connected': 'Name a cluster with --context.',
  'no-kubeconfig': 'Name a file with --kubeconfig, or set KUBECONFIG.',
  'bad-kubeconfig': 'Correct the file.',
  unauthorized: 'Sign in again.',
  'program-refused': 'Name another context with --context.',
  'not-found': 'It may have been replaced meanwhile.',
  truncated: 'Ask again.',
}

const fileRemedies: Remedies = { 'no-kubeconfig': 'There is no such file: name another with --kubeconfig.' }
