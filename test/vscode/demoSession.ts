// The demo as one thing with one end: mesh, profile, sample workspace, VS Code with the extension. `npm run demo` shows it, the tests drive it.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { installVsix, newProfile, type Profile, startServer, type VscodeServer, workbenchUrl, writeSettings } from './host.ts'
import type { Steps } from './npmCi.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const demoScript = join(root, 'dist', 'demo.cjs')

/** The file of the sample workspace that the workbench opens with. */
export const firstFile = 'shop/refunds.yaml'

export interface DemoSession {
  /** Opens the workbench with the sample workspace and its first file, without a further question. */
  readonly url: string
  readonly profile: Profile
  /** The user's copy of `demo/workspace`. */
  readonly workspace: string
  readonly kubeconfig: string
  /** The user settings it started with. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The environment in which the commands of the demo find its mesh. */
  readonly env: NodeJS.ProcessEnv
  readonly server: VscodeServer
  /** Resolves with a sentence when a part ends by itself. */
  readonly broken: Promise<string>
  /** Ends all of it and removes what it made. */
  dispose(): Promise<void>
}

export interface DemoOptions extends Steps {
  readonly vsix: string
  /** Port of the workbench; 0 or absent: any free one. */
  readonly port?: number
  /** User settings besides the demo's own. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Variables for the mesh and for VS Code. */
  readonly env?: NodeJS.ProcessEnv
}

/** Starts everything; when a part fails, ends the others before it rejects. */
export async function startDemoSession({ vsix, port = 0, settings = {}, env = {}, progress, signal }: DemoOptions): Promise<DemoSession> {
  const profile = newProfile()
  const ends: (() => Promise<void>)[] = [async () => rmSync(profile.dir, { recursive: true, force: true })]
  const dispose = async () => {
    // Last started, first ended; the profile goes when nobody writes to it any more.
    for (let end = ends.pop(); end; end = ends.pop()) await end()
  }
  try {
    const workspace = join(profile.dir, 'workspace')
    cpSync(join(root, 'demo', 'workspace'), workspace, { recursive: true })
    const kubeconfig = join(profile.dir, 'kubeconfig')
    const userSettings = { 'istioSecurity.kubeconfig': kubeconfig, 'workbench.colorTheme': 'Default Dark Modern', ...settings }
    writeSettings(profile, userSettings)

    progress('Starting the demo mesh …')
    const demoEnv = {
      ...env,
      TMPDIR: join(profile.dir, 'tmp'),
      KUBECONFIG: kubeconfig,
      ISTIO_SECURITY_DEMO: join(profile.dir, 'demo.json'),
    }
    const mesh = spawnMesh(kubeconfig, demoEnv)
    ends.push(() => endProcess(mesh))
    await ready(mesh)
    signal?.throwIfAborted()

    progress('Starting VS Code …')
    await installVsix(profile, vsix, signal)
    const server = await startServer(profile, { port, env: demoEnv })
    ends.push(() => server.dispose())
    signal?.throwIfAborted()

    const url = workbenchUrl(server, profile, workspace, join(workspace, firstFile))
    const broken = Promise.race([
      server.exited.then(() => 'VS Code ended unexpectedly.'),
      exited(mesh).then(() => 'The demo mesh ended unexpectedly.'),
    ])
    return { url, profile, workspace, kubeconfig, settings: userSettings, env: demoEnv, server, broken, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

function spawnMesh(kubeconfig: string, env: NodeJS.ProcessEnv): ChildProcess {
  const args = [demoScript, 'start', '--kubeconfig', kubeconfig, '--exit-with-parent']
  // A process group of its own, so that Ctrl+C reaches only us and the parts end in order.
  return spawn(process.execPath, args, { env: { ...process.env, ...env }, detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
}

/** The mesh prints one line of JSON once it serves. */
async function ready(mesh: ChildProcess): Promise<void> {
  if (mesh.stdout === null) throw new Error('The demo mesh has no standard output.')
  const line = new Promise<void>(resolve => createInterface({ input: mesh.stdout as NodeJS.ReadableStream }).once('line', () => resolve()))
  const ended = exited(mesh).then(() => Promise.reject(new Error('The demo mesh ended before it was ready.')))
  await Promise.race([line, ended, timeout(60_000, 'The demo mesh was not ready within 60 s.')])
}

function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
}

async function endProcess(child: ChildProcess): Promise<void> {
  const ended = exited(child)
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(timer)
}

function timeout(milliseconds: number, message: string): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(message)), milliseconds).unref())
}
