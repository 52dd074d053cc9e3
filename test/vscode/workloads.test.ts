// The Workloads view of a real VS Code against the demo mesh: found, filtered, grouped, revealed, read as YAML, by mouse and by keyboard.
import { describe, onTestFailed, test } from 'vitest'
import type { DemoSession } from './demoSession.ts'
import { browser, contrast, dark, light, picturesOf, reloadIn, useEditor } from './editor.ts'
import { writeSettings } from './host.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('workloads')

describe.runIf(browser)('workloads in VS Code', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(editor => {
    demo = editor.demo
    workbench = editor.workbench
  })

  const tree = () => workbench.tree(/Workloads/)
  const row = (name: RegExp) => tree().getByRole('treeitem', { name })
  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))
  const box = () => workbench.page.locator('.quick-input-widget input[type="text"]')

  async function unfold(): Promise<void> {
    await workbench.expand(row(/^namespace shop\b/))
    await workbench.expand(row(/^workload checkout\b/))
    await row(/^pod checkout.*certificate .*left.*sidecar \d+\.\d+/)
      .first()
      .waitFor()
  }

  /** Types into the list that asks for a filter, and accepts it. */
  async function filter(text: string, traits: readonly string[] = []): Promise<void> {
    const list = workbench.page.locator('.quick-input-list .monaco-list-row')
    await workbench.run('Istio Security: Filter Workloads', list.filter({ hasText: 'Without STRICT' }))
    await box().fill(text)
    for (const trait of traits) await list.filter({ hasText: trait }).locator('.monaco-checkbox, input[type="checkbox"]').first().click()
    await workbench.page.keyboard.press('Enter')
    await box().waitFor({ state: 'hidden' })
  }

  test('a cluster unfolds to a pod, with its identity, its proxy and its certificate', async () => {
    keepPictureOfFailure('unfold')
    await workbench.run('Focus on Workloads View', tree())
    await row(/^cluster /).waitFor()
    await unfold()
    await workbench.picture(pictures, 'expanded')
  })

  test('a filter leaves what matches, says so, and is cleared', async () => {
    keepPictureOfFailure('filter')
    await filter('checkout')
    // A row whose children are scrolled through stands in the tree twice.
    await row(/^namespace bank\b/)
      .first()
      .waitFor({ state: 'detached' })
    await row(/^workload checkout\b/).waitFor()
    await workbench.page.getByText('Filter: "checkout".').waitFor()
    await workbench.picture(pictures, 'filtered')
    await filter('nothing is called so')
    await row(/^No workload matches the filter/).waitFor()
    await workbench.picture(pictures, 'filtered-to-nothing')
    await row(/^No workload matches the filter/).click()
    await row(/^namespace bank\b/).waitFor()
  })

  test('workloads are gathered by what they have in common', async () => {
    keepPictureOfFailure('group')
    const choice = workbench.page.locator('.quick-input-list .monaco-list-row')
    await workbench.run('Istio Security: Group Workloads', choice.filter({ hasText: 'By finding' }))
    await choice.filter({ hasText: 'By finding' }).click()
    await workbench.expand(row(/^group /).first())
    await workbench.picture(pictures, 'grouped')
    await workbench.run('Istio Security: Group Workloads', choice.filter({ hasText: 'By namespace' }))
    await choice.filter({ hasText: 'By namespace' }).click()
    await row(/^namespace shop\b/).waitFor()
  })

  test('the workload that a policy selects is revealed from its file, whatever hides it', async () => {
    keepPictureOfFailure('reveal')
    await filter('nothing is called so')
    await row(/^No workload matches the filter/).waitFor()
    await workbench.openFile('shop/checkout.yaml')
    await workbench.goTo(3, 1)
    await workbench.run(
      'Istio Security: Show in Workloads',
      row(/^workload checkout\b/).and(workbench.page.locator('[aria-selected="true"]')),
    )
  })

  test('what makes the pods is read as YAML', async () => {
    keepPictureOfFailure('yaml')
    await row(/^workload checkout\b/).click({ button: 'right' })
    await workbench.chooseFromMenu('Open as YAML')
    await workbench.tab(/Deployment checkout\.yaml/).waitFor()
    await workbench.line('kind: Deployment').waitFor()
    await workbench.picture(pictures, 'yaml')
    await workbench.closeTab(/Deployment checkout\.yaml/)
  })

  test('an identity is copied by keyboard', async () => {
    keepPictureOfFailure('copy')
    await row(/^workload checkout\b/).click()
    await workbench.page.keyboard.press('Shift+F10')
    await workbench.chooseFromMenu('Copy SPIFFE Identity')
    await workbench.page.locator('.part.statusbar').getByText('Copied spiffe://cluster.local/ns/shop/sa/checkout').waitFor()
  })

  test.each([light, contrast, dark])('everything can be seen in the $name theme', async theme => {
    const { name } = theme
    keepPictureOfFailure(name)
    await reloadIn(theme, { demo, workbench })
    await workbench.run('Focus on Workloads View', tree())
    await unfold()
    await workbench.picture(pictures, name)
  })

  test('without a cluster the view says why it is empty', async () => {
    keepPictureOfFailure('disconnected')
    writeSettings(demo.profile, { ...demo.settings, 'istioSecurity.cluster': 'off' })
    await workbench.reload(demo.url)
    const wayOut = workbench.page.locator('.welcome-view').getByRole('button', { name: 'Select Context' }).first()
    await workbench.run('Focus on Workloads View', wayOut)
    await workbench.page.getByText('No cluster is connected, so only files are checked.').first().waitFor()
    await workbench.picture(pictures, 'disconnected')
  })
})
