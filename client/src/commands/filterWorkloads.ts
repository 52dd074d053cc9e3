// Which workloads the view shows: by words and by what they are like, in one list that takes both.
import { window } from 'vscode'
import type { Trait } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { traits } from '../views/workloads/view.ts'

export const filterWorkloads: Handler = async ({ workloads }) => {
  const view = workloads.shown
  const asked = await askFilter(view.text ?? '', view.only ?? [])
  if (!asked) return
  const { text: _, only: __, ...rest } = view
  const text = asked.text.trim()
  workloads.show({ ...rest, ...(text ? { text } : {}), ...(asked.only.length > 0 ? { only: asked.only } : {}) })
}

export const clearWorkloadsFilter: Handler = ({ workloads }) => {
  const { text: _, only: __, ...rest } = workloads.shown
  workloads.show(rest)
}

interface Filter {
  readonly text: string
  readonly only: readonly Trait[]
}

/** Undefined where somebody thinks better of it. */
function askFilter(text: string, only: readonly Trait[]): Promise<Filter | undefined> {
  const input = window.createQuickPick<{
    readonly label: string
    readonly description: string
    readonly alwaysShow: true
    readonly trait: Trait
  }>()
  const names = Object.keys(traits) as readonly Trait[]
  input.title = 'Filter Workloads'
  input.placeholder = 'Parts of names or labels (app=checkout): namespace, workload, pod, service account'
  input.canSelectMany = true
  input.items = names.map(trait => ({ label: traits[trait].title, description: traits[trait].detail, alwaysShow: true, trait }))
  input.selectedItems = input.items.filter(({ trait }) => only.includes(trait))
  input.value = text
  return new Promise(resolve => {
    input.onDidAccept(() => {
      resolve({ text: input.value, only: input.selectedItems.map(({ trait }) => trait) })
      input.hide()
    })
    input.onDidHide(() => {
      resolve(undefined)
      input.dispose()
    })
    input.show()
  })
}
