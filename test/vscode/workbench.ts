// The VS Code workbench as a person uses it: roles and labels first, class names only where there is nothing else.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type FrameLocator, type Locator, type Page } from 'playwright-core'
import type { Browser } from './browser.ts'

const size = { width: 1280, height: 800 }

export class Workbench {
  /** Requests that tried to leave this machine; each was refused. */
  readonly outside: string[] = []
  /** Exceptions that nothing in a page caught. */
  readonly errors: string[] = []
  readonly page: Page
  readonly #close: () => Promise<void>

  private constructor(page: Page, close: () => Promise<void>) {
    this.page = page
    this.#close = close
  }

  static async open(url: string, browser: Browser): Promise<Workbench> {
    const args = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
    const env = { ...process.env, ...browser.env } as Record<string, string>
    const process_ = await chromium.launch({ executablePath: browser.executablePath, env, args })
    const context = await process_.newContext({ viewport: size, reducedMotion: 'reduce' })
    context.setDefaultTimeout(15_000)
    const page = await context.newPage()
    const workbench = new Workbench(page, () => process_.close())
    await context.route('**/*', route => {
      const { hostname, href } = new URL(route.request().url())
      if (hostname === '127.0.0.1') return route.continue()
      workbench.outside.push(href)
      return route.abort()
    })
    page.on('pageerror', error => workbench.errors.push(error.stack ?? String(error)))
    await page.goto(url)
    await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 })
    return workbench
  }

  /** Loads the window anew, as after *Developer: Reload Window*. */
  async reload(url: string): Promise<void> {
    await this.page.goto(url)
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 })
  }

  async run(command: string): Promise<void> {
    await this.quickInput('F1', `>${command}`)
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: command }).first().click()
  }

  /** A workbench that is still loading misses keys, so the key is pressed until its box is there. */
  private async quickInput(key: string, text: string): Promise<void> {
    const box = this.page.locator('.quick-input-widget input')
    const shown = () =>
      box.waitFor({ timeout: 2_000 }).then(
        () => true,
        () => false,
      )
    for (let attempt = 0; attempt < 8; attempt++) {
      await this.page.keyboard.press(key)
      if (await shown()) break
    }
    await box.fill(text)
  }

  /** Opens a file of the workspace folder by its path. */
  async openFile(path: string): Promise<void> {
    await this.quickInput('Control+p', path)
    const name = path.slice(path.lastIndexOf('/') + 1)
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor()
    await this.page.keyboard.press('Enter')
    await this.page.locator('.editor-group-container.active .tab.active', { hasText: name }).waitFor()
    await this.page.locator('.editor-group-container.active .monaco-editor.focused').waitFor()
  }

  /** Puts the cursor somewhere; line and column count from 1, as the status bar shows them. */
  async goTo(line: number, column: number): Promise<void> {
    await this.quickInput('Control+g', `:${line}:${column}`)
    await this.page.keyboard.press('Enter')
    await this.page.locator('.part.statusbar').getByText(`Ln ${line}, Col ${column}`).waitFor()
  }

  /** Puts the cursor into the first place of the open file that reads so. `text`: the whole file. */
  async placeCursor(text: string, part: string): Promise<void> {
    const before = text.slice(0, text.indexOf(part)).split('\n')
    await this.goTo(before.length, (before.at(-1) ?? '').length + 2)
  }

  /** Rests the mouse on a word of the open file. */
  async pointAt(word: string): Promise<void> {
    const line = this.page.locator('.editor-group-container.active .view-line', { hasText: word })
    await line.locator('span', { hasText: word }).last().hover()
  }

  /** Applies a quick fix at the cursor. */
  async fix(title: string | RegExp): Promise<void> {
    const fix = this.fixes.filter({ hasText: title })
    // The light bulb says that the fixes are known; asked before, the menu may close again.
    await this.page.locator('.editor-group-container.active [class*="lightbulb"]').first().waitFor()
    await this.page.keyboard.press('Control+.')
    await fix.waitFor()
    await fix.click()
    await fix.waitFor({ state: 'detached' })
  }

  async save(): Promise<void> {
    const changed = this.page.locator('.editor-group-container.active .tab.active.dirty')
    await changed.waitFor()
    await this.page.keyboard.press('Control+s')
    await changed.waitFor({ state: 'detached' })
  }

  tab(name: string | RegExp): Locator {
    return this.page.getByRole('tab', { name })
  }

  /** A rendered line of an editor that holds this text. */
  line(text: string): Locator {
    // The editor renders spaces as no-break spaces.
    return this.page.locator('.view-line').filter({ hasText: new RegExp(literally(text).replaceAll(' ', '[\\s\\u00a0]')) })
  }

  get hover(): Locator {
    return this.page.locator('.monaco-hover:not(.hidden)')
  }

  get suggestions(): Locator {
    return this.page.locator('.suggest-widget.visible .monaco-list-row')
  }

  /** The entries of the quick fix menu. */
  get fixes(): Locator {
    return this.page.locator('.action-widget .monaco-list-row')
  }

  tree(name: string | RegExp): Locator {
    return this.page.getByRole('tree', { name })
  }

  /** Unfolds an item of a tree; does nothing to one that is unfolded already. */
  async expand(item: Locator): Promise<void> {
    await item.waitFor()
    if ((await item.getAttribute('aria-expanded')) === 'true') return
    await item.click()
    await this.page.keyboard.press('ArrowRight')
    await item.and(this.page.locator('[aria-expanded="true"]')).waitFor()
  }

  /** Chooses an entry of the menu that is open. */
  async chooseFromMenu(name: string | RegExp): Promise<void> {
    const entry = this.page.getByRole('menuitem', { name })
    await entry.waitFor()
    // A menu ignores the mouse for its first 100 ms; there is nothing to see that says when it stops.
    await this.page.waitForTimeout(200)
    await entry.click()
  }

  /** The document inside the webview that is shown: an outer frame loads it, an inner one holds it. */
  get webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame')
  }

  /** Writes a picture of the window. */
  async picture(dir: string, name: string): Promise<void> {
    mkdirSync(dir, { recursive: true })
    await this.page.screenshot({ animations: 'disabled', path: join(dir, `${name}.png`) })
  }

  async dispose(): Promise<void> {
    await this.#close()
  }
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
