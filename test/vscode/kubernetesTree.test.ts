// The tree of the Kubernetes extension in a real VS Code: what its pods offer of ours, and what the other rows do not.
import { describe, expect, onTestFailed, test } from 'vitest'
import { browser, picturesOf, useEditor } from './editor.ts'
import { installStandIn } from './standIn.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('kubernetesTree')
const offers = ['Inspect Certificate', 'Check Connection', 'Analyze Gateway']

describe.runIf(browser)("the Kubernetes extension's tree in VS Code", () => {
  let workbench: Workbench

  useEditor(
    editor => {
      workbench = editor.workbench
    },
    { prepare: demo => installStandIn(demo.profile, 'kubernetes') },
  )

  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))
  const row = (name: string) => workbench.tree(/Clusters/).getByRole('treeitem', { name, exact: true })
  const entry = (name: string) => workbench.page.getByRole('menuitem', { name })
  const entries = () => workbench.page.locator('.monaco-menu').getByRole('menuitem').allInnerTexts()

  async function menuOf(name: string): Promise<readonly string[]> {
    await row(name).click({ button: 'right' })
    await entry('Get').waitFor()
    return (await entries()).map(text => text.trim())
  }

  test('a pod offers what is asked of a pod', async () => {
    keepPictureOfFailure('menu')
    await workbench.openSideBar('Kubernetes')
    expect(await menuOf('db-0')).toEqual(['Get', ...offers])
    await workbench.picture(pictures, 'menu')
    await workbench.page.keyboard.press('Escape')
    await entry('Get').waitFor({ state: 'detached' })
  })

  test('a Service offers nothing of it', async () => {
    keepPictureOfFailure('service')
    expect(await menuOf('db')).toEqual(['Get'])
    await workbench.page.keyboard.press('Escape')
    await entry('Get').waitFor({ state: 'detached' })
  })

  test('Inspect Certificate opens the page of that pod, without a question', async () => {
    keepPictureOfFailure('certificate')
    await row('db-0').click({ button: 'right' })
    await workbench.chooseFromMenu('Inspect Certificate')
    await workbench.tab(/db-0/).waitFor()
    await workbench.webview.getByText('spiffe://cluster.local/ns/shop/sa/db').first().waitFor()
    await workbench.picture(pictures, 'certificate')
  })

  test('Check Connection asks who calls that pod', async () => {
    keepPictureOfFailure('connection')
    await row('db-0').click({ button: 'right' })
    await workbench.chooseFromMenu('Check Connection')
    await workbench.page.getByPlaceholder('Who calls db-0, the pod you chose').waitFor()
    await workbench.page.keyboard.press('Escape')
  })
})
