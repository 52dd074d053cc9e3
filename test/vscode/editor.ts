// What every test of a real VS Code starts with: a browser, the demo, a workbench that shows it, and a folder for its pictures.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Browser, findBrowser } from './browser.ts'
import { type DemoSession, startDemoSession } from './demoSession.ts'
import { installHost, writeSettings } from './host.ts'
import { Workbench } from './workbench.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const vsix = join(root, 'dist', 'istio-security.vsix')

export const progress = (line: string) => process.stderr.write(`${line}\n`)
export const browser = await findBrowser({ progress })

/** Each test file has a folder of its own, so that none empties that of another. */
export function picturesOf(name: string): string {
  return join(root, '.e2e', name)
}

export interface Editor {
  readonly demo: DemoSession
  readonly workbench: Workbench
}

export interface EditorOptions {
  /** What has to be there before the window is. */
  readonly prepare?: (demo: DemoSession) => void | Promise<void>
  /** Absent: the window opens as the demo does. */
  readonly urlOf?: (demo: DemoSession) => string
}

/** Opens the demo before the tests of a `describe` and ends it after them. */
export function useEditor(opened: (editor: Editor) => void, { prepare, urlOf }: EditorOptions = {}): void {
  let demo: DemoSession | undefined
  let workbench: Workbench | undefined

  beforeAll(async () => {
    await installHost({ progress })
    demo = await startDemoSession({ vsix, progress, settings: { 'workbench.reduceMotion': 'on' } })
    await prepare?.(demo)
    workbench = await Workbench.open(urlOf?.(demo) ?? demo.url, browser as Browser)
    opened({ demo, workbench })
  })

  afterAll(async () => {
    await workbench?.dispose()
    await demo?.dispose()
  })
}

export interface Theme {
  readonly name: string
  readonly title: string
  /** Class of the workbench. */
  readonly style: string
}

/** The one that the demo starts with. */
export const dark: Theme = { name: 'dark', title: 'Default Dark Modern', style: 'vs-dark' }
export const light: Theme = { name: 'light', title: 'Default Light Modern', style: 'vs' }
export const contrast: Theme = { name: 'contrast', title: 'Default High Contrast', style: 'hc-black' }

/** Loads the window anew, until it has the theme: one that loads while the settings are still being read keeps the old one. */
export async function reloadIn({ title, style }: Theme, { demo, workbench }: Editor): Promise<void> {
  writeSettings(demo.profile, { ...demo.settings, 'workbench.colorTheme': title })
  const reloaded = async () => {
    await workbench.reload(demo.url)
    const styled = workbench.page.locator(`.monaco-workbench.${style}`).waitFor({ timeout: 8_000 })
    return styled.then(
      () => true,
      () => false,
    )
  }
  await expect.poll(reloaded, { timeout: 50_000 }).toBe(true)
}
