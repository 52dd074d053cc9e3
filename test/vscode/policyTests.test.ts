// Policy tests in the Testing view of a real VS Code, against the demo mesh: they pass, fail where they are written, and show what they cover.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFailed, test } from 'vitest'
import type { DemoSession } from './demoSession.ts'
import { browser, picturesOf, useEditor } from './editor.ts'
import { workbenchUrl } from './host.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('policy-tests')
const file = 'shop/checkout.istio-test.yaml'
const policy = 'shop/checkout.yaml'

describe.runIf(browser)('policy tests in VS Code', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(
    editor => {
      demo = editor.demo
      workbench = editor.workbench
    },
    {
      urlOf: ({ server, profile, workspace }) => workbenchUrl(server, profile, workspace, join(workspace, file)),
    },
  )

  const onDisk = () => readFileSync(join(demo.workspace, file), 'utf8')
  const item = (name: RegExp) => workbench.tree('Test Explorer').getByRole('treeitem', { name })
  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))

  async function replaceEndOfLine(before: string, after: string): Promise<void> {
    await workbench.page.keyboard.press('End')
    for (const _ of before) await workbench.page.keyboard.press('Backspace')
    await workbench.page.keyboard.type(after)
    await workbench.page.keyboard.press('Escape')
  }

  test('the Testing view runs the tests of the workspace, and they pass', async () => {
    keepPictureOfFailure('policy-tests')
    await workbench.page.locator('.testing-run-glyph').first().waitFor()
    await workbench.openSideBar('Testing')
    await workbench.expand(item(/checkout\.istio-test\.yaml/))
    await item(/^frontend sends a cart/).waitFor()
    await workbench.run('Test: Run All Tests', item(/^frontend sends a cart \(Passed\)/))
    for (const name of [/^frontend changes nothing else \(Passed\)/, /^backend stays out \(Passed\)/, /^plaintext stays out \(Passed\)/])
      await item(name).waitFor()
    await workbench.picture(pictures, 'policy-tests-passed')
  })

  test('a run with coverage shows in the policy which rules decided', async () => {
    keepPictureOfFailure('policy-coverage')
    await workbench.openFile(policy)
    await workbench.run('Test: Run All Tests with Coverage', workbench.page.locator('.coverage-deco-gutter').first())
    await workbench.picture(pictures, 'policy-coverage')
  })

  test('a case that expects something else fails at its line, with the reason, from the lens above it', async () => {
    keepPictureOfFailure('policy-test-failure')
    await workbench.openFile(file)
    await workbench.placeCursor(onDisk(), 'allow')
    await replaceEndOfLine('allow', 'deny')
    await workbench.save()
    expect(onDisk()).toContain('expect: deny\n    by: { policy: shop/checkout-callers')
    await workbench.lens('▷ Run case').first().click()
    await item(/^frontend sends a cart \(Failed\)/).waitFor()
    await workbench.page.getByText('Expected deny, and it is allowed.').first().waitFor()
    // What was typed is still being completed.
    await workbench.page.keyboard.press('Escape')
    await workbench.picture(pictures, 'policy-test-failed')
  })

  test('while tests run continuously, a change of the test and of the policy shows at once, unsaved', async () => {
    keepPictureOfFailure('policy-tests-continuous')
    await workbench.placeCursor(onDisk(), 'deny')
    await replaceEndOfLine('deny', 'allow')
    await workbench.run('Test: Start Continuous Run', workbench.page.locator('.codicon-testing-turn-continuous-run-off').first())
    await item(/^frontend sends a cart \(Passed\)/).waitFor()
    await workbench.tab(/^checkout\.yaml/).click()
    await workbench.placeCursor(readFileSync(join(demo.workspace, policy), 'utf8'), '[POST]')
    await replaceEndOfLine('[POST]', '[PUT]')
    await item(/^frontend sends a cart \(Failed\)/).waitFor()
    await workbench.picture(pictures, 'policy-tests-continuous')
  })
})
