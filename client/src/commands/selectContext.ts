// Select Context: which clusters are open, and which of them files are judged against, if any.
import { homedir } from 'node:os'
import {
  ConfigurationTarget,
  commands,
  type QuickInputButton,
  type QuickPick,
  type QuickPickItem,
  QuickPickItemKind,
  ThemeIcon,
  Uri,
  window,
  workspace,
} from 'vscode'
import { GetContexts } from '../../../server/src/protocol.ts'
import type { App, Handler } from '../app.ts'
import { never } from '../never.ts'
import type { Server } from '../server.ts'
import { type Act, chooseFile, contextOffer, demo, filesOnly, type Offer, problemOffer } from './contextOffers.ts'

interface Item extends QuickPickItem {
  readonly act?: Act
  readonly buttons?: readonly Button[]
}

interface Button extends QuickInputButton {
  readonly act: Act
}

export const selectContext: Handler = async app => {
  const picker = window.createQuickPick<Item>()
  picker.title = 'Mesh'
  picker.placeholder = 'Where live facts come from. Nothing is ever changed there.'
  picker.matchOnDescription = true
  const watching = [
    picker.onDidAccept(() => {
      const [item] = picker.selectedItems
      if (!item?.act) return
      picker.hide()
      void perform(item.act, app)
    }),
    picker.onDidTriggerItemButton(({ button }) => void performBeside(button as Button, picker, app)),
  ]
  const closed = new Promise<void>(resolve => void watching.push(picker.onDidHide(() => resolve())))
  picker.show()
  await fill(picker, app.server)
  await closed
  for (const part of [...watching, picker]) part.dispose()
}

/** The list stays, and shows what came of it. */
async function performBeside({ act }: Button, picker: QuickPick<Item>, app: App): Promise<void> {
  picker.busy = true
  await perform(act, app)
  await fill(picker, app.server)
}

async function fill(picker: QuickPick<Item>, server: Server): Promise<void> {
  picker.busy = true
  const active = picker.activeItems[0]?.label.replace(/^\$\([\w-]+\) /, '')
  picker.items = await items(server)
  const same = picker.items.find(({ label }) => active !== undefined && label.endsWith(active))
  if (same) picker.activeItems = [same]
  picker.busy = false
}

async function items(server: Server): Promise<Item[]> {
  const contexts = await server.ask(client => client.sendRequest(GetContexts))
  const offers = contexts.ok ? contexts.value.map(each => contextOffer(each, server.clusters)) : [problemOffer(contexts.problem)]
  return [
    ...offers.map(itemOf),
    { label: '', kind: QuickPickItemKind.Separator },
    itemOf(filesOnly),
    itemOf(chooseFile),
    // No cluster is contacted in a workspace that is not trusted, the demo mesh included.
    ...(workspace.isTrusted ? [itemOf(demo)] : []),
  ]
}

function itemOf({ buttons = [], ...offer }: Offer): Item {
  return { ...offer, buttons: buttons.map(({ icon, tooltip, act }) => ({ iconPath: new ThemeIcon(icon), tooltip, act })) }
}

async function perform(act: Act, app: App): Promise<void> {
  const { server } = app
  switch (act.kind) {
    case 'use':
      return server.useContext(act.choice)
    case 'beside':
      return server.openContext(act.choice)
    case 'disconnect':
      return server.closeContext(act.context)
    case 'files-only':
      return server.useContext({ context: null })
    case 'choose-file':
      return useFile(app)
    case 'demo':
      return run('istioSecurity.openDemo')
    case 'trust':
      return run('workbench.trust.manage')
    default:
      return never(act)
  }
}

async function run(command: string): Promise<void> {
  await commands.executeCommand(command)
}

// Used at once, with its current context, whatever was chosen before; and kept as a user setting, for the next time.
async function useFile({ server }: App): Promise<void> {
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
