// Take Snapshot: the mesh of a cluster as a file, to look at without the cluster, or for a report of a defect.
import { type CancellationToken, ConfigurationTarget, commands, ProgressLocation, type QuickPickItem, Uri, window, workspace } from 'vscode'
import { type SnapshotText, TakeSnapshot } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { visible } from '../text.ts'

export const takeSnapshot: Handler = async ({ server }, target) => {
  const context = contextOf(target)
  const names = await window.showQuickPick(namings, { title: 'Take Snapshot', placeHolder: 'Names in the snapshot' })
  if (!names) return
  const file = await window.showSaveDialog({
    title: 'Take Snapshot',
    saveLabel: 'Take Snapshot',
    filters: { YAML: ['yaml', 'yml'], JSON: ['json'] },
    defaultUri: Uri.joinPath(workspace.workspaceFolders?.[0]?.uri ?? Uri.file(''), 'mesh-snapshot.yaml'),
  })
  if (!file) return
  const taken = await withProgress(token =>
    server.ask(client =>
      client.sendRequest(
        TakeSnapshot,
        {
          format: file.path.endsWith('.json') ? 'json' : 'yaml',
          pseudonyms: names.pseudonyms,
          ...(context === undefined ? {} : { context }),
        },
        token,
      ),
    ),
  )
  if (!taken.ok) {
    if (taken.problem.kind !== 'cancelled') void window.showErrorMessage(visible(`${taken.problem.message} ${taken.problem.remedy}`))
    return
  }
  const problem = await write(file, taken.value.text)
  if (problem === undefined) await offer(file, taken.value)
  else void window.showErrorMessage(visible(`The snapshot was not written: ${problem}.`))
}

interface Naming extends QuickPickItem {
  readonly pseudonyms: boolean
}

const namings: readonly Naming[] = [
  { label: 'As they are', detail: 'To look at the mesh without the cluster. Secrets are never read.', pseudonyms: false },
  {
    label: 'Replaced',
    detail: 'For a report of a defect: other names, hosts and addresses, the same everywhere, so that every decision stays the same.',
    pseudonyms: true,
  },
]

/** Of a row of a cluster; else the server knows which one is meant. */
function contextOf(target: unknown): string | undefined {
  const context = target !== null && typeof target === 'object' && 'context' in target ? target.context : undefined
  return typeof context === 'string' ? context : undefined
}

function withProgress<T>(work: (token: CancellationToken) => Promise<T>): Thenable<T> {
  return window.withProgress({ location: ProgressLocation.Notification, title: 'Reading the cluster…', cancellable: true }, (_, token) =>
    work(token),
  )
}

/** The file is there whole, or is what it was. Answers why it could not be written. */
async function write(file: Uri, text: string): Promise<string | undefined> {
  const aside = file.with({ path: `${file.path}.${Date.now()}.tmp` })
  try {
    await workspace.fs.writeFile(aside, new TextEncoder().encode(text))
    await workspace.fs.rename(aside, file, { overwrite: true })
    return undefined
  } catch (error) {
    await Promise.resolve(workspace.fs.delete(aside)).catch(() => {})
    return error instanceof Error ? error.message : String(error)
  }
}

async function offer(file: Uri, { objects, missing }: SnapshotText): Promise<void> {
  const what = `Snapshot of ${objects} ${objects === 1 ? 'object' : 'objects'} written to "${workspace.asRelativePath(file)}".`
  const [first, ...others] = missing
  const lacks = first === undefined ? '' : ` It is not complete: ${first}${others.length > 0 ? ` And ${others.length} more.` : ''}`
  const show = missing.length > 0 ? window.showWarningMessage : window.showInformationMessage
  const chosen = await show(visible(`${what}${lacks}`), 'Open', 'Use as Mesh')
  if (chosen === 'Open') await commands.executeCommand('vscode.open', file)
  if (chosen === 'Use as Mesh') await useAsMesh(file)
}

/** In a folder of the workspace by its path there, so that the setting means the same on another computer. */
async function useAsMesh(file: Uri): Promise<void> {
  const settings = workspace.getConfiguration('istioSecurity')
  const path = workspace.getWorkspaceFolder(file) && workspace.workspaceFolders?.length === 1 ? workspace.asRelativePath(file) : file.fsPath
  const before = settings.get<readonly string[]>('mesh') ?? []
  const target = workspace.workspaceFolders ? ConfigurationTarget.Workspace : ConfigurationTarget.Global
  if (!before.includes(path)) await settings.update('mesh', [...before, path], target)
}
