// The Certificates view of a real VS Code against the demo mesh: problems first, by root, by expiry, filtered, opened, and what may not be asked.
import { describe, expect, onTestFailed, test } from 'vitest'
import type { DemoSession } from './demoSession.ts'
import { browser, contrast, light, picturesOf, reloadIn, useEditor } from './editor.ts'
import { writeSettings } from './host.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('certificates')

describe.runIf(browser)('certificates in VS Code', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(editor => {
    demo = editor.demo
    workbench = editor.workbench
  })

  const tree = () => workbench.tree(/Certificates/)
  const row = (name: RegExp) => tree().getByRole('treeitem', { name })
  const choice = (text: string) => workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text })
  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))

  /** The other views leave it the whole height: rows that cannot be seen are not there. */
  async function focusView(): Promise<void> {
    await workbench.run('Focus on Certificates View', tree())
    for (const view of ['Workloads', 'Policies']) {
      const header = workbench.page.locator('.pane-header[aria-expanded="true"]', { hasText: view })
      if ((await header.count()) > 0) await header.locator('h3.title').click()
    }
  }

  async function group(by: string): Promise<void> {
    await workbench.run('Istio Security: Group Certificates', choice(by))
    await choice(by).click()
  }

  async function filter(words: string): Promise<void> {
    const box = workbench.page.locator('.quick-input-widget input[type="text"]')
    await workbench.run(
      'Istio Security: Filter Certificates',
      workbench.page.locator('.quick-input-title', { hasText: 'Filter Certificates' }),
    )
    await box.fill(words)
    await workbench.page.keyboard.press('Enter')
  }

  test('what needs attention comes first, then each root with what it issued', async () => {
    keepPictureOfFailure('by-root')
    await focusView()
    await row(/^Needs attention \(6\)/).waitFor()
    await row(/^certificate of billing\/invoicer, expired/).waitFor()
    await row(/^root O=cluster\.local, root expires in/).waitFor()
    await row(/^root CN=Root CA,O=Istio, 17 workloads/).waitFor()
    await row(/^intermediate CA CN=Intermediate CA,O=Istio/).waitFor()
    await row(/^Reading certificates/).waitFor({ state: 'detached' })
    await workbench.picture(pictures, 'by-root')
  })

  test('a workload of several pods opens to each of them', async () => {
    keepPictureOfFailure('pods')
    const checkout = row(/^certificate of shop\/checkout,.*1 of 2 pods read/)
    await workbench.expand(checkout)
    await expect.poll(() => row(/^certificate of checkout-/).count()).toBe(2)
    await row(/^certificate of shop\/checkout, \d+ h left$/).waitFor()
    await workbench.picture(pictures, 'pods')
  })

  test('a CA is opened as text and PEM', async () => {
    keepPictureOfFailure('authority')
    await row(/^root O=cluster\.local, root expires in/).click()
    await workbench.line('-----BEGIN CERTIFICATE-----').waitFor()
    await workbench.picture(pictures, 'authority')
  })

  test('the workload of a certificate is shown in the Workloads view, and its identity copied', async () => {
    keepPictureOfFailure('reveal')
    await row(/^certificate of bank\/vault/).click({ button: 'right' })
    await workbench.chooseFromMenu('Copy SPIFFE Identity')
    await workbench.page.locator('.part.statusbar').getByText('Copied spiffe://cluster.local/ns/bank/sa/vault').waitFor()
    await row(/^certificate of bank\/vault/).click({ button: 'right' })
    await workbench.chooseFromMenu('Show in Workloads')
    await workbench
      .tree(/Workloads/)
      .getByRole('treeitem', { name: /^workload vault\b/ })
      .waitFor()
    await workbench.picture(pictures, 'reveal')
    await focusView()
  })

  test('by expiry, by namespace, and back', async () => {
    keepPictureOfFailure('by-expiry')
    await group('By expiry')
    await row(/^Expire within a day/).waitFor()
    await workbench.picture(pictures, 'by-expiry')
    await group('By namespace')
    await row(/^shop \(/).waitFor()
    await workbench.picture(pictures, 'by-namespace')
    await group('By root')
    await row(/^intermediate CA/).waitFor()
  })

  test('a filter leaves what matches, says so, and is cleared', async () => {
    keepPictureOfFailure('filter')
    await filter('bank')
    await row(/^certificate of shop\/checkout/)
      .first()
      .waitFor({ state: 'detached' })
    await row(/^certificate of bank\/vault/).waitFor()
    await workbench.page.locator('.pane-header', { hasText: 'Certificates' }).getByText('filter: "bank"').waitFor()
    await workbench.picture(pictures, 'filtered')
    await filter('nothing is called so')
    await row(/^No workload with a proxy matches/).click()
    await row(/^certificate of shop\/checkout/).waitFor()
  })

  test.each([light, contrast])(
    'in the theme $title',
    async theme => {
      const { name } = theme
      keepPictureOfFailure(name)
      await reloadIn(theme, { demo, workbench })
      await focusView()
      await row(/^certificate of shop\/checkout/).waitFor()
      await workbench.picture(pictures, `by-root-${name}`)
    },
    90_000,
  )

  test('what the account may not do is said once', async () => {
    keepPictureOfFailure('forbidden')
    writeSettings(demo.profile, { ...demo.settings, 'istioSecurity.context': 'demo-narrow' })
    await focusView()
    await row(/^Not allowed to ask \(/).waitFor()
    await workbench.expand(row(/^Not allowed to ask \(/))
    await workbench.picture(pictures, 'forbidden')
  })
})
