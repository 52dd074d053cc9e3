// The packaged extension in a real VS Code against the demo mesh, as a person meets it. One workbench for the whole file; each test opens what it needs.
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFailed, test } from 'vitest'
import type { Browser } from './browser.ts'
import { type DemoSession, startDemoSession } from './demoSession.ts'
import { browser, contrast, dark, light, picturesOf, progress, reloadIn, root, useEditor, vsix } from './editor.ts'
import { Workbench } from './workbench.ts'

const pictures = picturesOf('screenshots')

/** As the sidecar of checkout writes it. */
const denial =
  '[2026-11-09T08:05:55.932Z] "GET /pay HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[checkout-callers]-rule[0]] - "-" 0 19 0 - "-" "curl/8.11.1" "d9b68dca-5761-48aa-aff1-dfc8d170b5e1" "checkout:80" "-" inbound|8080|| - 10.0.0.20:8080 10.0.0.7:40062 outbound_.80_._.checkout.shop.svc.cluster.local default'

test('a browser is there where one is demanded', context => {
  if (!browser && !process.env.CI) context.skip('no Chromium is installed and npm has none for this platform: set CHROMIUM_PATH')
  expect(browser).toBeDefined()
})

describe.runIf(browser)('in VS Code', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(
    editor => {
      demo = editor.demo
      workbench = editor.workbench
    },
    {
      prepare(demo) {
        rmSync(pictures, { recursive: true, force: true })
        // There before the editor is, so that its search for files knows it.
        writeFileSync(join(demo.workspace, 'denied.log'), `${denial}\n`)
      },
    },
  )

  const onDisk = (path: string) => readFileSync(join(demo.workspace, path), 'utf8')
  const live = (command: string) =>
    promisify(execFile)(process.execPath, [join(root, 'dist', 'demo.cjs'), command], { env: { ...process.env, ...demo.env } })

  function keepPictureOfFailure(name: string): void {
    onTestFailed(() => workbench.picture(pictures, `failed-${name}`))
  }

  /** What people see is kept; the README's pictures are taken from it on demand. */
  async function picture(name: string): Promise<void> {
    await workbench.picture(pictures, name)
    const shown = readFileSync(join(root, 'README.md'), 'utf8').includes(`docs/images/${name}.png`)
    if (process.env.UPDATE_SCREENSHOTS && shown) cpSync(join(pictures, `${name}.png`), join(root, 'docs', 'images', `${name}.png`))
  }

  const workloads = () => workbench.tree(/Workloads/)
  const checkoutPod = () =>
    workloads()
      .getByRole('treeitem', { name: /^pod checkout/ })
      .first()

  async function unfoldCheckout(): Promise<void> {
    await workbench.expand(workloads().getByRole('treeitem', { name: /^namespace shop\b/ }))
    await workbench.expand(workloads().getByRole('treeitem', { name: /^workload checkout\b/ }))
    await checkoutPod().waitFor()
  }

  const form = () => workbench.webview.getByRole('heading', { name: 'Evaluate: checkout-callers' })

  /** What the form says, as a screen reader hears it. */
  const decision = {
    getByText: (text: string) => workbench.webview.getByRole('status').filter({ hasText: text }),
  }

  async function focusView(name: 'Workloads' | 'Certificates'): Promise<void> {
    await workbench.run(`Focus on ${name} View`, workbench.tree(new RegExp(name)))
  }

  test('a principal of an unknown account is underlined, and the hover says why and what was meant', async () => {
    keepPictureOfFailure('squiggle')
    await workbench.line('cluster.local/ns/shop/sa/chekout').waitFor()
    await workbench.page.locator('.squiggly-warning').first().waitFor()
    await workbench.hoverOver('chekout', 'No service account "chekout" in namespace "shop"')
    await workbench.hover.filter({ hasText: 'Did you mean "checkout"?' }).waitFor()
    await workbench.page.keyboard.press('Escape')
  })

  test('the fix for a misspelt account is applied and saved', async () => {
    keepPictureOfFailure('account-fix')
    await workbench.openFile('shop/refunds.yaml')
    await workbench.placeCursor(onDisk('shop/refunds.yaml'), 'chekout')
    await workbench.fix('Use "checkout"')
    await workbench.save()
    expect(onDisk('shop/refunds.yaml')).toContain('- cluster.local/ns/shop/sa/checkout\n')
  })

  test('"spiffe://" is removed from a principal', async () => {
    keepPictureOfFailure('spiffe-fix')
    await workbench.openFile('shop/cart.yaml')
    await workbench.page.locator('.squiggly-error').first().waitFor()
    await workbench.placeCursor(onDisk('shop/cart.yaml'), 'spiffe://cluster')
    await workbench.fix('Remove "spiffe://"')
    await workbench.page.locator('.squiggly-error').waitFor({ state: 'detached' })
    await workbench.save()
    expect(onDisk('shop/cart.yaml')).toContain('- cluster.local/ns/shop/sa/frontend\n')
  })

  test('a principal is completed from the service accounts of the running mesh', async () => {
    keepPictureOfFailure('completion')
    await workbench.openFile('shop/db.yaml')
    await workbench.placeCursor(onDisk('shop/db.yaml'), 'nightly-report\n')
    await workbench.page.keyboard.press('End')
    await workbench.page.keyboard.press('Enter')
    await workbench.page.keyboard.type('- ')
    await workbench.suggest()
    await workbench.page.keyboard.type('shop/sa/front')
    const suggestion = workbench.suggestions.filter({ hasText: 'cluster.local/ns/shop/sa/frontend' })
    await suggestion.waitFor()
    await suggestion.click()
    await workbench.line('- cluster.local/ns/shop/sa/frontend').waitFor()
    await workbench.save()
    expect(onDisk('shop/db.yaml')).toMatch(/nightly-report\n\s+- cluster\.local\/ns\/shop\/sa\/frontend\n/)
  })

  test('the hover on a policy says whom it admits to which workloads', async () => {
    keepPictureOfFailure('policy-hover')
    await workbench.openFile('shop/checkout.yaml')
    await workbench.hoverOver('AuthorizationPolicy', 'ALLOW · shop/checkout-callers')
    await workbench.hover.filter({ hasText: 'frontend' }).waitFor()
    await workbench.page.keyboard.press('Escape')
  })

  test('a request is evaluated from the lens above a rule, anew with every key', async () => {
    keepPictureOfFailure('evaluate')
    await workbench.openFile('shop/checkout.yaml')
    await workbench.goTo(1, 1)
    await workbench.clickLens('Evaluate', form(), 1)
    await decision.getByText('Allowed by shop/checkout-callers rule 0').waitFor()
    await workbench.behindALine('decides ALLOW')
    await workbench.webview.getByLabel('Method').fill('GET')
    await decision.getByText('Denied (403)').waitFor()
    await workbench.webview.getByRole('row', { name: /shop\/checkout-callers rule 0.*method GET is not in \[POST\]/ }).waitFor()
    await workbench.behindALine('method GET is not in [POST]')
    await workbench.webview.getByLabel('Method').fill('POST')
    await decision.getByText('Allowed').waitFor()
    await workbench.closeTab(/Evaluate/)
    await workbench.behindALine('decides ALLOW', false)
  })

  test('a request is evaluated, and kept as a test, by keyboard alone', async () => {
    keepPictureOfFailure('evaluate-keyboard')
    const { keyboard } = workbench.page
    await workbench.openFile('shop/checkout.yaml')
    await workbench.placeCursor(onDisk('shop/checkout.yaml'), 'methods')
    await workbench.runByKeys('Istio Security: Evaluate a Request', form())
    await decision.getByText('Allowed').waitFor()
    await expect.poll(() => workbench.webview.locator(':focus').getAttribute('name')).toBe('from')
    for (const name of ['workload', 'to', 'protocol', 'method']) {
      await keyboard.press('Tab')
      expect(await workbench.webview.locator(':focus').getAttribute('name')).toBe(name)
    }
    // The whole text of the field is selected: what is typed replaces it.
    await keyboard.type('DELETE')
    await decision.getByText('Denied (403)').waitFor()
    await workbench.webview.getByRole('button', { name: 'Save as test' }).press('Enter')
    const box = workbench.page.locator('.quick-input-widget input')
    await workbench.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'checkout.istio-test.yaml' }).waitFor()
    await box.press('Enter')
    await workbench.line('expect: deny').last().waitFor()
    await expect.poll(() => onDisk('shop/checkout.istio-test.yaml')).toContain('name: frontend calls checkout with DELETE /cart\n')
    await workbench.closeTab(/Evaluate/)
  })

  test('who can call a workload is read from the lens of its policy', async () => {
    keepPictureOfFailure('who-can-call')
    await workbench.openFile('shop/checkout.yaml')
    await workbench.goTo(1, 1)
    await workbench.clickLens('Who can call', workbench.line('Who can call shop/checkout'))
    await workbench.tab(/Who can call checkout/).waitFor()
    await workbench.line('shop/checkout-callers rule 0').first().waitFor()
    await workbench.closeTab(/Who can call/)
  })

  test('the hover on a mode says what it means', async () => {
    keepPictureOfFailure('mode-hover')
    await workbench.openFile('tutorial/peer-authentication.yaml')
    await workbench.hoverOver('PERMISSIVE', /plaintext/i)
    await workbench.page.keyboard.press('Escape')
  })

  test('PERMISSIVE becomes STRICT by a fix that says what it breaks', async () => {
    keepPictureOfFailure('strict-fix')
    await workbench.openFile('tutorial/peer-authentication.yaml')
    await workbench.placeCursor(onDisk('tutorial/peer-authentication.yaml'), 'PERMISSIVE')
    await workbench.fix(/^Set STRICT at once/)
    await workbench.save()
    expect(onDisk('tutorial/peer-authentication.yaml')).toContain('mode: STRICT\n')
  })

  test('the Workloads view unfolds to a pod, whose certificate the context menu shows', async () => {
    keepPictureOfFailure('certificate')
    await focusView('Workloads')
    await unfoldCheckout()
    await checkoutPod().click({ button: 'right' })
    await workbench.chooseFromMenu('Inspect Certificate')
    await workbench.webview.getByText('spiffe://cluster.local/ns/shop/sa/checkout').first().waitFor()
    await workbench.webview
      .getByText(/valid · /)
      .first()
      .waitFor()
    await workbench.webview.getByText('Chain to the root').waitFor()
  })

  test('the certificate has a text twin', async () => {
    keepPictureOfFailure('text-twin')
    await workbench.webview.getByRole('link', { name: 'As text' }).click()
    await workbench.tab(/certificate\.txt/).waitFor()
    await workbench.line('spiffe://cluster.local/ns/shop/sa/checkout').first().waitFor()
  })

  test('the context menu opens by keyboard too', async () => {
    keepPictureOfFailure('keyboard')
    await focusView('Workloads')
    const pod = workbench
      .tree(/Workloads/)
      .getByRole('treeitem', { name: /^pod checkout/ })
      .first()
    await pod.click()
    await workbench.page.keyboard.press('Shift+F10')
    await workbench.page.getByRole('menuitem', { name: 'Inspect Certificate' }).waitFor()
    await workbench.page.keyboard.press('Escape')
  })

  test('the Certificates view puts first what needs attention', async () => {
    keepPictureOfFailure('certificates')
    await focusView('Certificates')
    const tree = workbench.tree(/Certificates/)
    await tree.getByRole('treeitem', { name: /^Needs attention/ }).waitFor()
    await tree.getByRole('treeitem', { name: /invoicer.*expired/ }).waitFor()
  })

  test('a denial in a log is explained beside it, with a link to the policy that refused', async () => {
    keepPictureOfFailure('explain-denial')
    await workbench.openFile('denied.log')
    // Long lines wrap, so a rendered line holds only the beginning.
    const policy = workbench.page.locator('.detected-link', { hasText: 'checkout.yaml:13' })
    await workbench.run('Istio Security: Explain Denial', policy)
    await workbench.line('DENY policy shop/checkout-callers, rule 0').waitFor()
    await workbench.picture(pictures, 'explain-denial')
    await policy.click({ modifiers: ['Control'] })
    await workbench.line('name: checkout-callers').waitFor()
    await workbench.page.locator('.part.statusbar').getByText('Ln 13, Col 7').waitFor()
    await workbench.closeTab(/istio-explanation/)
  })

  test('a pod that starts appears without a refresh', async () => {
    keepPictureOfFailure('live')
    await focusView('Workloads')
    const cart = workloads().getByRole('treeitem', { name: /^workload cart\b/ })
    expect(await cart.count()).toBe(0)
    await live('add-pod')
    await cart.waitFor()
  })

  test.each([dark, light, contrast])('everything can be seen in the $name theme', async theme => {
    const { name } = theme
    keepPictureOfFailure(name)
    await reloadIn(theme, { demo, workbench })

    await workbench.openFile('shop/refunds.yaml')
    await workbench.page.locator('.squiggly-warning').first().waitFor()
    await workbench.hoverOver('fronted', 'Did you mean "frontend"?')
    await picture(`diagnostic-${name}`)

    await workbench.openFile('shop/checkout.yaml')
    await workbench.hoverOver('AuthorizationPolicy', 'ALLOW · shop/checkout-callers')
    await picture(`hover-${name}`)

    await workbench.page.keyboard.press('Escape')
    // Lenses that come when a file is shown again push nothing down, and may themselves be above what is shown.
    await workbench.goTo(1, 1)
    await workbench.clickLens('Evaluate', form())
    await workbench.webview.getByLabel('Method').fill('GET')
    await workbench.behindALine('method GET is not in [POST]')
    await picture(`evaluate-${name}`)
    await workbench.closeTab(/Evaluate/)
    await workbench.clickLens('Who can call', workbench.line('Who can call shop/checkout'))
    await picture(`access-${name}`)

    await workbench.openFile('shop/backend.yaml')
    await workbench.placeCursor(onDisk('shop/backend.yaml'), 'cluster.local')
    await workbench.suggest()
    await picture(`completion-${name}`)
    await workbench.page.keyboard.press('Escape')

    await focusView('Workloads')
    await unfoldCheckout()
    await picture(`workloads-${name}`)

    await checkoutPod().click({ button: 'right' })
    await workbench.chooseFromMenu('Inspect Certificate')
    await workbench.webview.getByText('Chain to the root').waitFor()
    await picture(`certificate-${name}`)
  })

  test('no request left this machine and no page threw', () => {
    expect(workbench.outside).toEqual([])
    expect(workbench.errors).toEqual([])
  })

  test('without a kubeconfig the view says so and offers the way out', async () => {
    const settings = { 'istioSecurity.kubeconfig': join(demo.profile.dir, 'missing') }
    const other = await startDemoSession({ vsix, progress, settings })
    const window = await Workbench.open(other.url, browser as Browser)
    try {
      await window.openSideBar('Istio Security')
      await window.page.getByText('No kubeconfig was found, so no cluster is known.').first().waitFor()
      await window.page.getByRole('button', { name: 'Select Context' }).first().waitFor()
    } finally {
      await window.picture(pictures, 'no-kubeconfig')
      await window.dispose()
      await other.dispose()
    }
  })
})
