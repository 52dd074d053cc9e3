// A connection as the language server makes it, with everything it says and logs kept for a look.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../../server/src/cluster/clock.ts'
import { ClusterConnection, type ConnectionOptions } from '../../../../server/src/cluster/connection.ts'
import { readObject } from '../../../../server/src/core/istio/read.ts'
import type { ClusterState } from '../../../../server/src/protocol.ts'

export interface Connected {
  readonly connection: ClusterConnection
  readonly kubeconfig: string
  readonly lines: string[]
  readonly states: ClusterState[]
  /** The kinds of each message that something changed. */
  readonly changes: (readonly string[])[]
  dispose(): void
}

export function connectWith(kubeconfigText: string, options: Partial<ConnectionOptions> = {}): Connected {
  const folder = mkdtempSync(join(tmpdir(), 'istio-security-'))
  const kubeconfig = join(folder, 'config')
  writeFileSync(kubeconfig, kubeconfigText)
  const lines: string[] = []
  const states: ClusterState[] = []
  const changes: (readonly string[])[] = []
  const connection = new ClusterConnection({
    kubeconfig,
    namespaces: [],
    read: readObject,
    log: line => lines.push(line),
    clock: systemClock,
    onState: state => states.push(state),
    onChange: kinds => changes.push(kinds),
    ...options,
  })
  return {
    connection,
    kubeconfig,
    lines,
    states,
    changes,
    dispose() {
      connection.dispose()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Waits until it is so; fails with the question where it never is. */
export async function until(question: string, isSo: () => boolean, withinMs = 8_000): Promise<void> {
  const last = Date.now() + withinMs
  while (!isSo()) {
    if (Date.now() > last) throw new Error(`never: ${question}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
