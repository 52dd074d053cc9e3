// Select Context: which cluster the live facts come from, if any.
import { homedir } from 'node:os'
import { ConfigurationTarget, commands, type QuickPickItem, QuickPickItemKind, Uri, window, workspace } from 'vscode'
import { type ContextInfo, GetContexts } from '../../../server/src/protocol.ts'
import type { App, Handler } from '../app.ts'
import type { Failure, Server } from '../server.ts'
import { visible, withoutIcons } from '../text.ts'

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
    // No cluster is contacted in a workspace that is not trusted, the demo mesh included.
    ...(workspace.isTrusted ? [demoChoice] : []),
  ]
}

const demoChoice: Choice = {
  label: '$(beaker) Open the demo mesh',
  detail: 'A small mesh inside this computer, with deliberate mistakes.',
  choose: () => run('istioSecurity.openDemo'),
}

function contextChoice({ name, cluster, server, current, kubeconfig }: ContextInfo): Choice {
  return {
    label: `$(plug) ${shown(name)}`,
    description: shown(current ? `${cluster} · current context` : cluster),
    detail: shown(kubeconfig ? `${server} · ${kubeconfig}` : server),
    choose: app => app.server.useContext({ context: name, ...(kubeconfig && { kubeconfig }) }),
  }
}

function problemChoice(problem: Failure): Choice {
  const choice = { label: `$(warning) ${shown(problem.message)}`, detail: shown(problem.remedy) }
  return problem.kind === 'untrusted-workspace' ? { ...choice, choose: () => run('workbench.trust.manage') } : choice
}

function shown(text: string): string {
  return visible(withoutIcons(text))
}

async function run(command: string): Promise<void> {
  await commands.executeCommand(command)
}

// Used at once, with its current context, whatever was chosen before; and kept as a user setting, for the next time.
async function chooseFile({ server }: App): Promise<void> {
  const [file] =
    (await window.showOpenDialog({ title: 'Choose a kubeconfig file', defaultUri: Uri.joinPath(Uri.file(homedir()), '.kube') })) ?? []
  if (!file) return
  const connected = server.useContext({ kubeconfig: file.fsPath })
  const settings = workspace.getConfiguration('istioSecurity')
  await settings.update('kubeconfig', file.fsPath, ConfigurationTarget.Global)
  // The context of the file before means nothing in this one.
  await settings.update('context', undefined, ConfigurationTarget.Global)
  await connected
}
