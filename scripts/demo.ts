// `npm run demo`: the extension in a real VS Code in the browser, connected to the embedded demo mesh, until Ctrl+C.
// The URL carries VS Code's connection token: whoever has it is let in without a question, everybody else on this machine is refused.
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type DemoSession, startDemoSession } from '../test/vscode/demoSession.ts'
import { installHost } from '../test/vscode/host.ts'
import { packaged } from './packaged.ts'

const progress = (line: string) => process.stderr.write(`${line}\n`)

// A terminal that went away must not keep the end from being reached.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort())
endWithParent()

try {
  await demo(options())
} catch (error) {
  if (!stop.signal.aborted) {
    progress(`The demo did not start: ${describe(error)}`)
    process.exitCode = 1
  }
}
// An open pipe of a process that is gone would keep this one alive.
process.exit()

async function demo({ port, open }: { port: number; open: boolean }): Promise<void> {
  const { signal } = stop
  const vsix = await packaged(progress, signal)
  await installHost({ progress, signal })
  const session = await startDemoSession({ vsix, port, progress, signal })
  try {
    await answers(session)
    process.stdout.write(`Demo ready: ${session.url}\n`)
    progress('README.md in its workspace is a tour. Ctrl+C ends the demo and leaves nothing behind.')
    if (open) openInBrowser(session.url)
    await Promise.race([aborted(signal), session.broken.then(why => Promise.reject(new Error(why)))])
  } finally {
    await session.dispose()
  }
}

function options(): { port: number; open: boolean } {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, open: { type: 'boolean', default: true } },
    allowNegative: true,
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port wants a number from 0 to 65535, not "${values.port}".`)
  return { port, open: values.open }
}

/** Follows the URL as a browser does: the token becomes a cookie, then comes the page. */
async function answers({ url }: DemoSession): Promise<void> {
  const entry = await fetch(url, { redirect: 'manual' })
  const cookie = entry.headers
    .getSetCookie()
    .map(header => header.split(';')[0])
    .join('; ')
  const page = await fetch(new URL(entry.headers.get('location') ?? '', url), { headers: { cookie } })
  if (!page.ok) throw new Error(`VS Code answers ${page.status} ${page.statusText}.`)
}

function openInBrowser(url: string): void {
  const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  if (process.platform === 'linux' && !display) return
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  spawn(opener, [url], { detached: true, stdio: 'ignore' })
    .on('error', () => progress('No browser could be opened: open the URL above.'))
    .unref()
}

/** Whoever started this script may be killed without a chance to pass the signal on. */
function endWithParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) stop.abort()
  }, 1000).unref()
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
}

/** The message, and what a program that failed has printed. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
  return [error.message, stdout, stderr].filter(text => text !== '').join('\n')
}
