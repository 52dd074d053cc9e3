// Analyze Gateway in a real VS Code against the demo mesh: from the palette, by the menu of a row, its text twin, a command copied, three themes.
import { describe, expect, onTestFailed, test } from 'vitest'
import type { DemoSession } from './demoSession.ts'
import { browser, contrast, light, picturesOf, reloadIn, useEditor } from './editor.ts'
import type { Workbench } from './workbench.ts'

const pictures = picturesOf('gateway')

describe.runIf(browser)('Analyze Gateway in VS Code', () => {
  let demo: DemoSession
  let workbench: Workbench

  useEditor(editor => {
    demo = editor.demo
    workbench = editor.workbench
  })

  const choice = (text: string) => workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text })
  const heading = (name: string) => workbench.webview.getByRole('heading', { name })
  const row = (name: RegExp) =>
    workbench
      .tree(/Workloads/)
      .getByRole('treeitem', { name })
      .first()
  const keepPictureOfFailure = (name: string) => onTestFailed(() => workbench.picture(pictures, `failed-${name}`))

  async function analyze(): Promise<void> {
    await workbench.run('Istio Security: Analyze Gateway', choice('ingressgateway'))
    await choice('ingressgateway').click()
    await heading('Needs attention').waitFor()
  }

  test('from the palette: what needs attention first, then its parts', async () => {
    keepPictureOfFailure('palette')
    await analyze()
    await workbench.webview.getByText('The proxy still waits for the secret "kubernetes://late-tls"').waitFor()
    await workbench.webview.getByRole('row', { name: /0\.0\.0\.0:8443 MUTUAL admin\.example\.com/ }).waitFor()
    await workbench.webview.getByRole('row', { name: /outbound\|443\|\|partner\.example\.net SIMPLE partner\.example\.net/ }).waitFor()
    await workbench.picture(pictures, 'dark')
    await workbench.webview.getByText(/^Go deeper/).scrollIntoViewIfNeeded()
    await workbench.webview.getByText(/^Go deeper/).click()
    await workbench.webview.getByText(/^Servers that Gateways mean/).click()
    await workbench.webview.getByText(/^Log of the proxy: lines/).click()
    await workbench.webview.getByText(/CERTIFICATE_VERIFY_FAILED/).waitFor()
    await workbench.picture(pictures, 'dark-deeper')
    await heading('Certificates').scrollIntoViewIfNeeded()
    await workbench.page.mouse.wheel(0, 500)
    await workbench.picture(pictures, 'dark-certificates')
  })

  test('a command is copied and not run', async () => {
    keepPictureOfFailure('copy')
    await workbench.webview.getByRole('link', { name: 'Copy the command: Listeners' }).click()
    await workbench.page.locator('.part.statusbar').getByText('Command copied.').waitFor()
    expect(await workbench.page.locator('.terminal-wrapper').count()).toBe(0)
  })

  test('at twice the size every table can be read to its end', async () => {
    keepPictureOfFailure('zoomed')
    const size = workbench.page.viewportSize() ?? { width: 1280, height: 800 }
    await workbench.page.setViewportSize({ width: size.width / 2, height: size.height })
    await heading('Servers').scrollIntoViewIfNeeded()
    await workbench.picture(pictures, 'zoomed')
    const body = await workbench.webview.locator('body').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
    expect(body).toBeLessThanOrEqual(0)
    await workbench.page.setViewportSize(size)
  })

  test('as text', async () => {
    keepPictureOfFailure('text')
    await workbench.webview.getByRole('link', { name: 'As text', exact: true }).click()
    await workbench.tab(/gateway\.txt/).waitFor()
    await workbench.line('Not in force').waitFor()
    await workbench.picture(pictures, 'text')
  })

  test('by the menu of the gateway in the Workloads view', async () => {
    keepPictureOfFailure('menu')
    await workbench.closeEditors()
    await workbench.run('Focus on Workloads View', workbench.tree(/Workloads/))
    await workbench.expand(row(/^namespace istio-ingress/))
    await row(/^workload ingressgateway/).click({ button: 'right' })
    await workbench.chooseFromMenu('Analyze Gateway')
    await heading('Needs attention').waitFor()
  })

  test.each([light, contrast])(
    'in the theme $title',
    async theme => {
      const { name } = theme
      keepPictureOfFailure(name)
      await reloadIn(theme, { demo, workbench })
      await analyze()
      await workbench.picture(pictures, name)
    },
    90_000,
  )
})
