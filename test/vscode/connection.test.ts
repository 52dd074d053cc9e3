// Check Connection in a real VS Code against the demo mesh: by keys, by the menu of a row, checked again, its text twin, three themes, at 200 %.
import { describe, expect, onTestFailed, test } from 'vitest'
import type { DemoSession } from './demoSession.ts'
import { browser, contrast, light, picturesOf, reloadIn, useEditor } from './editor.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('connection')

describe.runIf(browser)('Check Connection in VS Code', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(editor => {
    demo = editor.demo
    workbench = editor.workbench
  })

  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))
  const row = (name: RegExp) =>
    workbench
      .tree(/Workloads/)
      .getByRole('treeitem', { name })
      .first()

  const question = (text: RegExp) => workbench.page.getByPlaceholder(text)

  /** An entry of a long list, chosen by typing: only what is in sight is in the page. */
  async function pick(asked: RegExp, text: string): Promise<void> {
    await question(asked).waitFor()
    await workbench.page.keyboard.type(text)
    await workbench.page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: text }).waitFor()
    await workbench.page.keyboard.press('Enter')
  }

  test('by keys alone: who calls, who is called, and what stands in the way', async () => {
    keepPictureOfFailure('keys')
    // Connected: what is asked before that takes its time, and is asked again.
    await workbench.run('Focus on Workloads View', row(/^namespace billing/))
    await workbench.runByKeys('Istio Security: Check Connection', question(/^Who calls$/))
    await pick(/^Who calls$/, 'frontend-')
    await pick(/^Who is called by frontend-/, 'db-0')
    await workbench.webview.getByText('fails at step 8: policies let the caller in').waitFor()
    await workbench.webview.getByText('ALLOW policies apply, and none of their rules matches.').waitFor()
    await workbench.picture(pictures, 'dark')
    await workbench.webview.getByText('What was seen').last().scrollIntoViewIfNeeded()
    await workbench.picture(pictures, 'dark-end')
  })

  test('again', async () => {
    keepPictureOfFailure('again')
    const readAt = () => workbench.webview.locator('footer time').getAttribute('datetime')
    const before = await readAt()
    await workbench.webview.getByRole('link', { name: 'Check again' }).click()
    await expect.poll(readAt).not.toBe(before)
  })

  test('as text', async () => {
    keepPictureOfFailure('text')
    await workbench.webview.getByRole('link', { name: 'As text', exact: true }).click()
    await workbench.tab(/connection\.txt/).waitFor()
    await workbench.line('what the client sends').waitFor()
    await workbench.picture(pictures, 'text')
  })

  test('by the menu of a pod in the Workloads view', async () => {
    keepPictureOfFailure('menu')
    await workbench.closeEditors()
    await workbench.run('Focus on Workloads View', workbench.tree(/Workloads/))
    await workbench.expand(row(/^namespace billing/))
    await workbench.expand(row(/^workload invoicer/))
    await row(/^pod invoicer/).click({ button: 'right' })
    await workbench.chooseFromMenu('Check Connection')
    await pick(/^Who calls invoicer-.*, the pod you chose$/, 'legacy-')
    await workbench.webview.getByText('fails at step 1: both ends are in the mesh').waitFor()
    await workbench.picture(pictures, 'menu')
  })

  test.each([light, contrast])(
    'in the theme $title',
    async theme => {
      const { name } = theme
      keepPictureOfFailure(name)
      await reloadIn(theme, { demo, workbench })
      await workbench.runByKeys('Istio Security: Check Connection', question(/^Who calls$/))
      await pick(/^Who calls$/, 'frontend-')
      await pick(/^Who is called by frontend-/, 'checkout-')
      await workbench.webview.getByText('✓ works').waitFor()
      await workbench.picture(pictures, name)
    },
    90_000,
  )

  test('at 200 %: half the room, the side bar closed', async () => {
    keepPictureOfFailure('large')
    await workbench.page.setViewportSize({ width: 640, height: 400 })
    await workbench.page.keyboard.press('Control+b')
    await expect.poll(async () => (await workbench.webview.locator('.handshake').boundingBox())?.width).toBeGreaterThan(400)
    await workbench.picture(pictures, 'large')
  })
})
