// A list of namespaces to choose from, to which names can be added by typing them: many accounts may not list namespaces.
import { type QuickPickItem, window } from 'vscode'
import { visible, withoutIcons } from '../text.ts'

interface Item extends QuickPickItem {
  readonly name: string
}

/** The chosen names, none for all; undefined where nothing was decided. */
export function pickNamespaces(
  context: string,
  known: readonly string[],
  chosen: readonly string[],
): Promise<readonly string[] | undefined> {
  const picker = window.createQuickPick<Item>()
  picker.title = `Namespaces of ${visible(context)}`
  picker.placeholder = 'Which to read; none: all that your account may list. Type a name to add it.'
  picker.canSelectMany = true
  const names = new Set([...chosen, ...known])
  const show = (typed: readonly string[]) => {
    const selected = new Set(picker.selectedItems.map(({ name }) => name))
    const added = typed.filter(name => !names.has(name))
    picker.items = [
      ...added.map(name => ({ name, label: `$(add) Add namespace "${name}"`, alwaysShow: true })),
      ...[...names].map(name => ({ name, label: visible(withoutIcons(name)) })),
    ]
    picker.selectedItems = picker.items.filter(({ name }) => selected.has(name))
  }
  show([])
  picker.selectedItems = picker.items.filter(({ name }) => chosen.includes(name))
  return new Promise(resolve => {
    const watching = [
      picker.onDidChangeValue(value => show(namesIn(value))),
      picker.onDidChangeSelection(items => {
        // Once chosen, a typed name is one of the list.
        const fresh = items.filter(({ name }) => !names.has(name))
        for (const { name } of fresh) names.add(name)
        if (fresh.length > 0) {
          picker.value = ''
          show([])
        }
      }),
      picker.onDidAccept(() => {
        resolve([...new Set([...picker.selectedItems.map(({ name }) => name), ...namesIn(picker.value).filter(name => !names.has(name))])])
        picker.hide()
      }),
      picker.onDidHide(() => {
        resolve(undefined)
        for (const part of [...watching, picker]) part.dispose()
      }),
    ]
    picker.show()
  })
}

/** Several, divided by commas or blanks, may be typed or pasted; what can be no namespace is left out. */
export function namesIn(typed: string): readonly string[] {
  return [...new Set(typed.split(/[\s,]+/))].filter(name => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
}
