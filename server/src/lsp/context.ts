// What each request is answered from: the connection, the files, the cluster, and what the client can do.
import type { Connection, TextDocuments } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Structure } from '../core/rules/run.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Certificates } from './certificates.ts'
import type { ClusterSessions } from './clusterSessions.ts'

export interface Server {
  readonly connection: Connection
  readonly documents: TextDocuments<TextDocument>
  readonly workspace: Workspace
  readonly sessions: ClusterSessions
  readonly certificates: Certificates
  readonly log: (line: string) => void
  readonly ready: Promise<void>
  readonly snippets: boolean
  /** False: what the workspace names outside of it is not read. */
  readonly trusted: boolean
  /** The client shows what commands find; else the server does. */
  readonly ownCommands: boolean
  /** What is said of the structure of a document: the YAML extension may say it already. */
  structure(uri: string): Structure
  readonly documentation: (rule: string) => string
}

/** Which objects are known, in words. */
export function worldWords({ reached, state }: Server['sessions']): string {
  if (reached.context !== undefined) return `the files of the workspace over the cluster "${reached.context}"`
  const reason = 'problem' in state ? ` ${state.problem.message}` : ''
  return `the files of the workspace alone.${reason}`
}
