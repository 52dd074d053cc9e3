// Reads a file for the certificate page: as it stands in the editor where it is open and changed, else from disk.
import { type CancellationToken, type Uri, workspace } from 'vscode'
import { type FileInspection, InspectFile, largestFile } from '../../../../server/src/protocol.ts'
import type { Outcome, Server } from '../../server.ts'

export async function inspectFile(server: Server, uri: Uri, token: CancellationToken): Promise<Outcome<FileInspection>> {
  const bytes = await bytesOf(uri)
  if ('problem' in bytes) return { ok: false, problem: bytes.problem }
  const base64 = Buffer.from(bytes.content).toString('base64')
  return server.ask(client => client.sendRequest(InspectFile, { name: nameOf(uri), base64 }, token))
}

export function nameOf(uri: Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1) || uri.path
}

type Failure = Extract<Outcome<never>, { readonly ok: false }>['problem']
type Bytes = { readonly content: Uint8Array } | { readonly problem: Failure }

async function bytesOf(uri: Uri): Promise<Bytes> {
  const open = workspace.textDocuments.find(
    document => document.uri.toString() === uri.toString() && (document.isDirty || document.isUntitled),
  )
  if (open) return bounded(Buffer.from(open.getText()))
  try {
    const { size } = await workspace.fs.stat(uri)
    return size > largestFile ? tooLarge() : bounded(await workspace.fs.readFile(uri))
  } catch {
    return {
      problem: {
        kind: 'unreadable',
        message: `"${nameOf(uri)}" cannot be read.`,
        remedy: 'Check that the file is there and may be read.',
      },
    }
  }
}

function bounded(content: Uint8Array): Bytes {
  return content.length > largestFile ? tooLarge() : { content }
}

function tooLarge(): Bytes {
  const message = `The file has more than ${largestFile / 1024 / 1024} MB, which is the most that is read.`
  return {
    problem: {
      kind: 'unreadable',
      message,
      remedy: 'Narrow a dump to its secrets: "/config_dump?mask=dynamic_active_secrets,dynamic_warming_secrets".',
    },
  }
}
