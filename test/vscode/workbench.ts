// The VS Code workbench as a person uses it: roles and labels first, class names only where there is nothing else.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, errors, type FrameLocator, type Locator, type Page } from 'playwright-core'
import type { Browser } from './browser.ts'

const size = { width: 1280, height: 800 }
/** How long one thing may take on a slow machine. */
const patienceMs = 30_000
/** How long a step may take to show what it leads to, before it is taken again. */
const stepMs = 3_000

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
    context.setDefaultTimeout(patienceMs)
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

  /** Takes a step until it shows what it leads to: a workbench that loads, lays out or draws anew misses keys, clicks and the mouse. */
  private async until(shown: Locator, step: () => Promise<void>): Promise<void> {
    const end = Date.now() + patienceMs
    for (;;) {
      try {
        await step()
        return await shown.waitFor({ timeout: stepMs })
      } catch (error) {
        if (!(error instanceof errors.TimeoutError) || Date.now() > end) throw error
      }
    }
  }

  /** Runs a command that leads to this. */
  async run(command: string, shown: Locator): Promise<void> {
    await this.until(shown, async () => {
      await this.quickInput('F1', `>${command}`, command)
    })
  }

  /** Closes every editor. A key that a closing box let through may have changed a file, which nobody meant. */
  async closeEditors(): Promise<void> {
    const empty = this.page.locator('.editor-group-watermark, .editor-group-letterpress').first()
    const discard = this.page.locator('.monaco-dialog-box .monaco-button', { hasText: "Don't Save" })
    await this.until(empty, async () => {
      if (await discard.isVisible()) await discard.click()
      else await this.quickInput('F1', '>View: Close All Editors', 'View: Close All Editors')
    })
  }

  /**
   * Asks the box for something and clicks the row that says so. Whatever takes the focus closes the box, so whoever asks takes the
   * whole step again; and Enter would then go into the file that is open.
   */
  private async quickInput(key: string, text: string, row: string | RegExp): Promise<void> {
    const box = await this.freshInput(key)
    await box.fill(text, { timeout: stepMs })
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: row }).first().click({ timeout: stepMs })
    await this.restMouse()
  }

  /** A box that is open already may be the list of a command, which takes the text for its own. */
  private async freshInput(key: string): Promise<Locator> {
    const box = this.page.locator('.quick-input-widget input')
    if (await box.isVisible()) await this.page.keyboard.press('Escape')
    await this.page.keyboard.press(key)
    return box
  }

  /** In a corner where it shows and hides nothing. */
  private async restMouse(): Promise<void> {
    await this.page.mouse.move(0, 0)
  }

  /** Opens a file of the workspace folder by its path. */
  async openFile(path: string): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const tab = this.page.locator('.tab.active', { hasText: name })
    await this.until(this.editor.filter({ has: tab }).locator('.monaco-editor.focused'), () => this.quickInput('Control+p', path, name))
  }

  /** Opens what an icon of the activity bar stands for; a further click would close it again. */
  async openSideBar(name: string): Promise<void> {
    const title = this.page.locator('.part.sidebar .composite.title', { hasText: name })
    await this.until(title, async () => {
      if (!(await title.isVisible())) await this.tab(name).click()
    })
  }

  /** Puts the cursor somewhere; line and column count from 1, as the status bar shows them. */
  async goTo(line: number, column: number): Promise<void> {
    const reached = this.page.locator('.part.statusbar').getByText(`Ln ${line}, Col ${column}`)
    await this.until(reached, () => this.quickInput('Control+g', `:${line}:${column}`, `${line}`))
    await this.editor.locator('.monaco-editor.focused').waitFor()
  }

  private get editor(): Locator {
    return this.page.locator('.editor-group-container.active')
  }

  /** Puts the cursor into the first place of the open file that reads so. `text`: the whole file. */
  async placeCursor(text: string, part: string): Promise<void> {
    const before = text.slice(0, text.indexOf(part)).split('\n')
    await this.goTo(before.length, (before.at(-1) ?? '').length + 2)
  }

  /** Rests the mouse on a word of the open file until the hover says this. What comes between the mouse and its rest hides the hover. */
  async hoverOver(word: string, says: string | RegExp): Promise<void> {
    const line = this.editor.locator('.view-line', { hasText: word })
    await this.until(this.hover.filter({ hasText: says }), async () => {
      await this.restMouse()
      await line.locator('span', { hasText: word }).last().hover()
    })
  }

  /** Applies a quick fix at the cursor. */
  async fix(title: string | RegExp): Promise<void> {
    const fix = this.fixes.filter({ hasText: title })
    // The light bulb says that the fixes are known; asked before, the menu may close again.
    await this.editor.locator('[class*="lightbulb"]').first().waitFor()
    await this.until(fix, () => this.page.keyboard.press('Control+.'))
    await fix.click()
    await fix.waitFor({ state: 'detached' })
  }

  async save(): Promise<void> {
    const changed = this.editor.locator('.tab.active.dirty')
    await changed.waitFor()
    await this.page.keyboard.press('Control+s')
    await changed.waitFor({ state: 'detached' })
  }

  /** Closes the tab, and what it shows with it. */
  async closeTab(name: string | RegExp): Promise<void> {
    await this.tab(name).click({ button: 'middle' })
    await this.tab(name).waitFor({ state: 'detached' })
  }

  /** Waits until this stands behind a line, or no more: drawn there by a style, so it is no text of the line. */
  async behindALine(text: string, isThere = true): Promise<void> {
    const spans = "[...document.querySelectorAll('.view-line span')]"
    await this.page.waitForFunction(
      `${spans}.some(each => getComputedStyle(each, '::after').content.includes(${JSON.stringify(text)})) === ${isThere}`,
    )
  }

  /** Runs a command by keys alone. Enter is for the box only: it is pressed when the box shows the row. */
  async runByKeys(command: string, shown: Locator): Promise<void> {
    await this.until(shown, async () => {
      const box = await this.freshInput('F1')
      await box.fill(`>${command}`, { timeout: stepMs })
      await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: command }).waitFor({ timeout: stepMs })
      await box.press('Enter', { timeout: stepMs })
    })
  }

  tab(name: string | RegExp): Locator {
    return this.page.getByRole('tab', { name })
  }

  /** A rendered line of an editor that holds this text. */
  line(text: string): Locator {
    // The editor renders spaces as no-break spaces.
    return this.page.locator('.view-line').filter({ hasText: new RegExp(literally(text).replaceAll(' ', '[\\s\\u00a0]')) })
  }

  /** Clicks the lens that leads to this: the first one, or that of another line. A lens that is drawn anew misses a click. */
  async clickLens(title: string, shown: Locator, index = 0): Promise<void> {
    await this.until(shown, () => this.lens(title).nth(index).click({ timeout: stepMs }))
  }

  /** A lens above a line of the open file. */
  lens(title: string): Locator {
    return this.editor.locator('.codelens-decoration a', { hasText: title })
  }

  get hover(): Locator {
    return this.page.locator('.monaco-hover:not(.hidden)')
  }

  /** Asks what may stand at the cursor. */
  async suggest(): Promise<void> {
    await this.until(this.suggestions.first(), () => this.page.keyboard.press('Control+Space'))
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
    const unfolded = item.and(this.page.locator('[aria-expanded="true"]'))
    await item.waitFor()
    await this.until(unfolded, async () => {
      if (await unfolded.isVisible()) return
      // The hover of the row above would catch the click.
      await this.restMouse()
      await item.click({ timeout: stepMs })
      await this.page.keyboard.press('ArrowRight')
    })
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
