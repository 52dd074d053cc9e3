// Certificates that stand in files, in a real VS Code: from the title of the editor, with the text twin; the drawn chain at 200 % and in high contrast.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFailed, test } from 'vitest'
import { made } from '../server/core/certificate/data.ts'
import { dump } from '../server/core/proxy/dumps.ts'
import type { DemoSession } from './demoSession.ts'
import { browser, contrast, picturesOf, reloadIn, useEditor } from './editor.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('certificate-files')

describe.runIf(browser)('certificates in files', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(
    editor => {
      demo = editor.demo
      workbench = editor.workbench
    },
    {
      prepare(demo) {
        writeFileSync(join(demo.workspace, 'chain.pem'), made('valid-chain.pem'))
        writeFileSync(join(demo.workspace, 'dump.json'), JSON.stringify(dump('intermediate-ca/checkout-sidecar'), null, 1))
      },
    },
  )

  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))
  const titleAction = () =>
    workbench.page
      .locator('.editor-actions')
      .getByRole('button', { name: /Inspect Certificate/ })
      .first()

  test('a PEM file is opened as a page from the title of its editor', async () => {
    keepPictureOfFailure('pem')
    await workbench.openFile('chain.pem')
    await titleAction().click()
    await workbench.webview.getByText('Chain to the root').waitFor()
    await workbench.webview.getByText('Read from the file').waitFor()
    await workbench.picture(pictures, 'pem')
  })

  test('it has a text twin', async () => {
    keepPictureOfFailure('text')
    await workbench.webview.getByRole('link', { name: 'As text' }).click()
    await workbench.tab(/chain\.pem\.certificate\.txt/).waitFor()
  })

  test('so is a saved dump of a proxy', async () => {
    keepPictureOfFailure('dump')
    await openDump()
    await workbench.picture(pictures, 'dump')
  })

  test('the chain is readable at 200 % and in high contrast', async () => {
    keepPictureOfFailure('contrast')
    await reloadIn(contrast, { demo, workbench })
    await openDump()
    // Half the width is what 200 % leaves; the boxes stand below each other then.
    await workbench.page.setViewportSize({ width: 640, height: 900 })
    await workbench.page.keyboard.press('Control+b')
    const boxes = workbench.webview.locator('.chain .box')
    await expect.poll(async () => new Set(await boxes.evaluateAll(all => all.map(each => each.getBoundingClientRect().left))).size).toBe(1)
    await workbench.picture(pictures, 'dump-contrast')
  }, 90_000)

  async function openDump(): Promise<void> {
    await workbench.openFile('dump.json')
    await titleAction().click()
    await workbench.webview.getByText('spiffe://cluster.local/ns/shop/sa/checkout').first().waitFor()
  }
})
