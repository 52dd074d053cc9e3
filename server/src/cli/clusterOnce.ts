// A cluster as one command needs it: connect, wait for the first complete lists, or say in one line why not.
import type { ClusterConnection } from '../cluster/connection.ts'
import { connect } from '../cluster/index.ts'
import { readObject } from '../core/istio/read.ts'
import type { Problem } from '../protocol.ts'
import { CannotRun } from './cannotRun.ts'

export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace?: readonly string[]
}

/** The caller disposes of the connection. What may not be listed is told on standard error, and the rest goes on. */
export async function connectOnce({ kubeconfig, context, namespace = [] }: ClusterOptions): Promise<ClusterConnection> {
  const connected = await connect({
    namespaces: namespace,
    read: readObject,
    log: () => {},
    onState: () => {},
    onChange: () => {},
    ...(kubeconfig ? { kubeconfig } : {}),
    ...(context ? { context } : {}),
  })
  if (!connected.ok) throw inOneLine(connected.problem)
  const connection = connected.value
  await connection.ready()
  const { state } = connection
  if (state.kind === 'connected' || state.kind === 'stale') {
    for (const gap of state.gaps) process.stderr.write(`istio-security: ${gap.problem.message}\n`)
    return connection
  }
  connection.dispose()
  throw state.kind === 'connecting' ? new CannotRun(`the cluster of "${state.context}" sends no complete list`) : inOneLine(state.problem)
}

export function inOneLine({ message, remedy }: Problem): CannotRun {
  return new CannotRun(`${message} ${remedy}`)
}
