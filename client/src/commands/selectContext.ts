// Select Context: which cluster the live facts come from, if any.
import { homedir } from 'node:os'
import { ConfigurationTarget, commands, type QuickPickItem, QuickPickItemKind, Uri, window, workspace } from 'vscode'
import { type ContextInfo, GetContexts } from '../../../server/src/protocol.ts'
import type { App, Handler } from '../app.ts'
import type { Failure, Server } from '../server.ts'
import { visible } from '../text.ts'

interface Choice extends QuickPickItem {
  readonly choose?: (app: App) => Promise<void>
}

export const selectContext: Handler = async app => {
  const choice = await window.showQuickPick<Choice>(choices(app.server), {
    title: 'Mesh',
    placeHolder: 'Where live facts come from. Nothing is ever changed there.',
    matchOnDescription: true,
  })
  await choice?.choose?.(app)
}

async function choices(server: Server): Promise<Choice[]> {
  const contexts = await server.ask(client => client.sendRequest(GetContexts))
  return [
    ...(contexts.ok ? contexts.value.map(contextChoice) : [problemChoice(contexts.problem)]),
    { label: '', kind: QuickPickItemKind.Separator },
    {
      label: '$(file) Files only',
      detail: 'Check files without live facts.',
      choose: ({ server }) => server.useContext({ context: null }),
    },
    { label: '$(folder-opened) Choose kubeconfig file…', choose: chooseFile },
    {
      label: '$(beaker) Open the demo mesh',
      detail: 'A small mesh inside this computer, with deliberate mistakes.',
      choose: () => run('istioSecurity.openDemo'),
    },
  ]
}

function contextChoice({ name, cluster, server, current }: ContextInfo): Choice {
  return {
    label: `$(plug) ${visible(name)}`,
    description: visible(current ? `${cluster} · current context` : cluster),
    detail: visible(server),
    choose: app => app.server.useContext({ context: name }),
  }
}

function problemChoice(problem: Failure): Choice {
  const choice = { label: `$(warning) ${visible(problem.message)}`, detail: visible(problem.remedy) }
  return problem.kind === 'untrusted-workspace' ? { ...choice, choose: () => run('workbench.trust.manage') } : choice
}

async function run(command: string): Promise<void> {
  await commands.executeCommand(command)
}

// Kept as a user setting: the server connects when it changes, and again next time.
async function chooseFile(): Promise<void> {
  const [file] =
    (await window.showOpenDialog({ title: 'Choose a kubeconfig file', defaultUri: Uri.joinPath(Uri.file(homedir()), '.kube') })) ?? []
  if (!file) return
  await workspace.getConfiguration('istioSecurity').update('kubeconfig', file.fsPath, ConfigurationTarget.Global)
}
