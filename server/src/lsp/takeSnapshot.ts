// Take Snapshot: the text of a snapshot of an open cluster. Where it is kept is the client's business.
import { randomUUID } from 'node:crypto'
import type { CancellationToken } from 'vscode-languageserver'
import { writeSnapshot } from '../core/mesh/snapshot/write.ts'
import type { Answer, SnapshotQuestion, SnapshotText } from '../protocol.ts'
import type { Server } from './context.ts'

/** Replaced by the build with the version of package.json. */
declare const VERSION: string

export async function takeSnapshot(
  { context, format, pseudonyms }: SnapshotQuestion,
  { sessions, log }: Pick<Server, 'sessions' | 'log'>,
  token: CancellationToken,
): Promise<Answer<SnapshotText>> {
  sessions.want()
  await sessions.settled()
  const session = sessions.of(context)
  if (!session.ok) return session
  const { readSnapshot } = await import('../cluster/snapshot.ts')
  const cancelled = new AbortController()
  const listener = token.onCancellationRequested(() => cancelled.abort())
  try {
    const { commandLine, namespaces } = session.value
    const read = await readSnapshot({ ...commandLine, namespaces, log, signal: cancelled.signal })
    if (!read.ok) return read
    const { gaps, ...rest } = read.value
    const taken = { ...rest, taken: new Date().toISOString(), version: VERSION }
    const written = writeSnapshot(taken, { format, ...(pseudonyms ? { pseudonyms: { seed: randomUUID() } } : {}) })
    return { ok: true, value: { ...written, missing: [...new Set(gaps.map(({ message }) => message))] } }
  } finally {
    listener.dispose()
  }
}
