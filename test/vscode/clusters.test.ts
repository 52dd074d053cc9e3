// Several clusters in a real VS Code: chosen from the status bar, side by side in the tree, each with its menu; kept over a reload.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, onTestFailed, test } from 'vitest'
import type { DemoSession } from './demoSession.ts'
import { browser, picturesOf, useEditor } from './editor.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('clusters')

/** A context whose user signs in with a program, which prints the token of the demo's own user. */
function withProgram(kubeconfig: string, program: string): string {
  const token = /token: (\S+)/.exec(kubeconfig)?.[1] ?? ''
  writeFileSync(program, `process.stdout.write(JSON.stringify({ status: { token: ${JSON.stringify(token)} } }))\n`)
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    interactiveMode: 'Never',
    command: process.execPath,
    args: [program],
    env: [{ name: 'MESH_PROFILE', value: 'demo' }],
  }
  return kubeconfig
    .replace('users:\n', `users:\n  - name: program\n    user: ${JSON.stringify({ exec })}\n`)
    .replace('contexts:\n', 'contexts:\n  - name: sso\n    context: { cluster: demo, user: program }\n')
}

describe.runIf(browser)('clusters in VS Code', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(
    editor => {
      demo = editor.demo
      workbench = editor.workbench
    },
    {
      prepare(demo) {
        writeFileSync(demo.kubeconfig, withProgram(readFileSync(demo.kubeconfig, 'utf8'), join(demo.profile.dir, 'login.cjs')))
      },
    },
  )

  const row = (name: RegExp) =>
    workbench
      .tree(/Workloads/)
      .getByRole('treeitem', { name })
      .first()
  const statusBar = (text: string | RegExp) => workbench.page.locator('.part.statusbar').getByText(text)
  const list = (text: string) => workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: text })
  const notification = (text: string) => workbench.page.locator('.notification-toast', { hasText: text })
  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))

  async function chooseInMenu(item: RegExp, entry: string): Promise<void> {
    await row(item).click({ button: 'right' })
    await workbench.chooseFromMenu(entry)
  }

  test('a second cluster is opened beside the first, and the list says which is which', async () => {
    keepPictureOfFailure('beside')
    await workbench.run('Focus on Workloads View', workbench.tree(/Workloads/))
    await row(/^cluster demo, connected/).waitFor()
    await statusBar('Mesh: demo').click()
    await list('demo-narrow').hover()
    await workbench.picture(pictures, 'list')
    await list('demo-narrow').getByRole('button', { name: 'Show beside the others' }).click()
    await list('open beside').waitFor()
    await workbench.picture(pictures, 'list-with-two')
    await workbench.page.keyboard.press('Escape')
    await row(/^cluster demo-narrow, connected/).waitFor()
    await statusBar('Mesh: demo +1').waitFor()
    await row(/^cluster demo, for files/).click()
    await workbench.page.keyboard.press('ArrowLeft')
    await workbench.expand(row(/^cluster demo-narrow/))
    await workbench.picture(pictures, 'two-clusters')
  })

  test('the menu of a cluster uses it for files', async () => {
    keepPictureOfFailure('use')
    await row(/^cluster demo-narrow/).click({ button: 'right' })
    await workbench.page.getByRole('menuitem', { name: 'Use for Files' }).waitFor()
    await workbench.picture(pictures, 'menu')
    await workbench.chooseFromMenu('Use for Files')
    await row(/^cluster demo-narrow, for files.*connected/).waitFor()
    await statusBar('Mesh: demo-narrow +1').waitFor()
  })

  test('namespaces are chosen and typed', async () => {
    keepPictureOfFailure('namespaces')
    await chooseInMenu(/^cluster demo, connected/, 'Select Namespaces')
    await list('billing').waitFor()
    await list('billing').locator('.monaco-checkbox, input[type="checkbox"]').first().click()
    await workbench.page.locator('.quick-input-widget input[type="text"]').fill('later')
    await list('Add namespace "later"').waitFor()
    await workbench.picture(pictures, 'namespaces')
    await workbench.page.keyboard.press('Enter')
    await workbench.expand(row(/^cluster demo, connected/))
    // Of the other cluster alone.
    await workbench
      .tree(/Workloads/)
      .getByRole('treeitem', { name: /^namespace billing\b/ })
      .nth(1)
      .waitFor()
    await workbench.picture(pictures, 'namespaces-chosen')
  })

  test('what is open is open again after a reload', async () => {
    keepPictureOfFailure('reload')
    await workbench.reload(demo.url)
    await statusBar('Mesh: demo-narrow +1').waitFor()
    await workbench.run('Focus on Workloads View', workbench.tree(/Workloads/))
    await row(/^cluster demo, connected/).waitFor()
    await row(/^cluster demo-narrow, for files.*connected/).waitFor()
  })

  test('a credential program is asked about, refused, and allowed when somebody tries again', async () => {
    keepPictureOfFailure('program')
    await statusBar(/Mesh: demo-narrow/).click()
    await list('sso').click()
    await notification('login.cjs').waitFor()
    await statusBar(/waiting for your answer/).waitFor()
    await workbench.picture(pictures, 'program')
    await notification('login.cjs').getByRole('button', { name: "Don't Run" }).click()
    await statusBar(/Mesh: sso \(not allowed\)/).waitFor()
    await workbench.picture(pictures, 'program-refused')
    await chooseInMenu(/^cluster sso/, 'Refresh')
    await notification('login.cjs').getByRole('button', { name: 'Run', exact: true }).click()
    await row(/^cluster sso, for files.*connected/).waitFor()
    await chooseInMenu(/^cluster sso/, 'Disconnect')
    await statusBar('Mesh: files only +1').waitFor()
    await workbench.picture(pictures, 'files-only-with-one-beside')
  })
})
