// The Policies view of a real VS Code against the demo mesh: scopes, findings at their place, drift and its diff, filter, reveal, keyboard.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFailed, test } from 'vitest'
import type { DemoSession } from './demoSession.ts'
import { browser, contrast, dark, light, picturesOf, reloadIn, useEditor } from './editor.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('policies')

describe.runIf(browser)('policies in VS Code', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(editor => {
    demo = editor.demo
    workbench = editor.workbench
  })

  const tree = () => workbench.tree(/Policies/)
  const row = (name: RegExp) => tree().getByRole('treeitem', { name })
  // A row whose children are scrolled through stands in the tree twice.
  const gone = (name: RegExp) => row(name).first().waitFor({ state: 'detached' })
  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))
  const onDisk = (path: string) => readFileSync(join(demo.workspace, path), 'utf8')
  const box = () => workbench.page.locator('.quick-input-widget input[type="text"]')

  async function focusView(): Promise<void> {
    await workbench.run('Focus on Policies View', tree())
    // Rows that nobody could see are not in the page: the view has the side bar to itself.
    for (const other of ['Workloads', 'Certificates']) {
      const header = workbench.page.locator(`.pane-header.expanded[aria-label^="${other}"]`)
      if (await header.isVisible()) await header.click()
    }
    await row(/^cluster /)
      .first()
      .waitFor()
  }

  test('policies stand by what they are for, with what they do, for whom and by whose hand', async () => {
    keepPictureOfFailure('scopes')
    await focusView()
    await workbench.expand(row(/^Namespace bank\b/))
    await row(/^PeerAuthentication default, STRICT for 4 workloads, 5 pods · by ztunnel/).waitFor()
    await workbench.expand(row(/^Service accounts, waypoint bank-wp/))
    await row(/^AuthorizationPolicy accounts-callers, ALLOW for 1 workload, 2 pods · by waypoint bank-wp/).waitFor()
    await workbench.picture(pictures, 'scopes')
  })

  test('a finding of a running policy opens the object at its place', async () => {
    keepPictureOfFailure('finding')
    await focusView()
    await workbench.expand(row(/^Namespace billing\b.*finding/))
    await workbench.expand(row(/^Workload ledger\b/))
    await workbench.expand(row(/^AuthorizationPolicy ledger-callers\b/))
    await row(/^warning: No service account "accountant"/).click()
    await workbench.line('cluster.local/ns/billing/sa/accountant').waitFor()
    await workbench.page
      .locator('.part.statusbar')
      .getByText(/^Ln \d+, Col \d+ \(\d+ selected\)/)
      .waitFor()
    await workbench.picture(pictures, 'finding')
  })

  test('a file that differs is named, and its diff shows only what differs', async () => {
    keepPictureOfFailure('diff')
    await focusView()
    await workbench.expand(row(/^Namespace shop\b/))
    await workbench.expand(row(/^Workload backend\b/))
    await row(/^AuthorizationPolicy backend-callers.*differs from shop\/backend.yaml/).click({ button: 'right' })
    await workbench.chooseFromMenu('Open Diff: Cluster and File')
    await workbench.page.locator('.diff-editor, .monaco-diff-editor').first().waitFor()
    await workbench.page.locator('.line-delete, .line-insert').first().waitFor()
    await workbench.picture(pictures, 'diff')
    await workbench.closeTab(/backend-callers/)
  })

  test('the editor says so too, above the policy', async () => {
    keepPictureOfFailure('lens')
    await workbench.openFile('shop/backend.yaml')
    await workbench.page.locator('.codelens-decoration', { hasText: '≠ differs from demo' }).waitFor()
    await workbench.picture(pictures, 'lens')
  })

  test('a filter leaves what matches, and is cleared', async () => {
    keepPictureOfFailure('filter')
    await workbench.run('Istio Security: Filter Policies', box())
    await box().fill('differs')
    await workbench.page.keyboard.press('Enter')
    await focusView()
    await gone(/^Namespace bank\b/)
    await row(/^Namespace shop\b/)
      .first()
      .waitFor()
    await workbench.picture(pictures, 'filtered')
    await workbench.run('Istio Security: Clear Policies Filter', row(/^Namespace bank\b/))
  })

  test('the policy at the cursor is revealed', async () => {
    keepPictureOfFailure('reveal')
    await workbench.openFile('billing/ledger.yaml')
    await workbench.placeCursor(onDisk('billing/ledger.yaml'), 'ledger-callers')
    await workbench.run(
      'Istio Security: Show in Policies',
      row(/^AuthorizationPolicy ledger-callers\b/).and(workbench.page.locator('[aria-selected="true"]')),
    )
  })

  test('a row is asked about by keyboard', async () => {
    keepPictureOfFailure('keyboard')
    await focusView()
    await row(/^AuthorizationPolicy ledger-callers\b/).click()
    await workbench.page.keyboard.press('Shift+F10')
    await workbench.chooseFromMenu('Who Can Call')
    await workbench.tab(/Who can call/).waitFor()
    await workbench.closeTab(/Who can call/)
  })

  test.each([dark, light, contrast])('everything can be seen in the $name theme', async theme => {
    const { name } = theme
    keepPictureOfFailure(name)
    await reloadIn(theme, { demo, workbench })
    await workbench.openFile('shop/backend.yaml')
    await focusView()
    await workbench.expand(row(/^Namespace billing\b/))
    await workbench.expand(row(/^Workload ledger\b/))
    await workbench.expand(row(/^AuthorizationPolicy ledger-callers\b/))
    await row(/^warning: No service account/).waitFor()
    await workbench.picture(pictures, `policies-${name}`)
  })

  test('no request left this machine and no page threw', () => {
    expect(workbench.outside).toEqual([])
    expect(workbench.errors).toEqual([])
  })
})
