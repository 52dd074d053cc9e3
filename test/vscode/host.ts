// A real VS Code in the browser, for the demo and the tests: the VS Code server inside the npm package code-server.
// It is run without code-server's own front, because VS Code's connection token makes a URL that simply works and lets nobody else in.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installOnce, npmCi, type Steps } from './npmCi.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const hostDir = join(here, 'host')
const vscodeDir = join(hostDir, 'node_modules', 'code-server', 'lib', 'vscode')
const serverMain = join(vscodeDir, 'out', 'server-main.js')

/** A user's VS Code folders, made for one run and removed after it. */
export interface Profile {
  readonly dir: string
  readonly userData: string
  readonly extensions: string
  /** Whoever opens the workbench must know it: a workbench is a shell, and other users of this machine reach 127.0.0.1 too. */
  readonly token: string
  readonly tokenFile: string
}

export interface VscodeServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  /** Everything the server has printed so far. */
  log(): string
  readonly exited: Promise<void>
  dispose(): Promise<void>
}

/** Installs VS Code below `test/vscode/host` (about 20 s and 590 MB, the first time only). */
export async function installHost({ progress, signal }: Steps): Promise<void> {
  if (process.platform === 'win32') throw new Error('VS Code in the browser runs on Linux and macOS. On Windows, use WSL.')
  hostNode()
  const inputs = ['host/package.json', 'host/package-lock.json', 'shims/spdlog.cjs', 'shims/watchdog.cjs', 'host.ts']
  await installOnce(
    hostDir,
    inputs.map(name => join(here, name)),
    async () => {
      progress('Installing VS Code (the npm package code-server), once …')
      await npmCi(hostDir, [], signal)
      // code-server's postinstall would do these two with scripts on. Its shrinkwrap misses a peer, which a plain `npm ci` refuses.
      for (const dir of [vscodeDir, join(vscodeDir, 'extensions')]) await npmCi(dir, ['--omit=dev', '--legacy-peer-deps'], signal)
      standInForNativeModules()
      removeAgents()
    },
  )
}

/** The Node 24 that the root lock file brings, or the running one. */
function hostNode(): string {
  const bundled = join(here, '..', '..', 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(bundled)) return bundled
  if (process.versions.node.startsWith('24.')) return process.execPath
  throw new Error(
    `VS Code in the browser needs Node 24; this is ${process.version} on ${process.platform}-${process.arch}. Install Node 24.`,
  )
}

/** The two native modules whose absence shows. The others are never missed, or come prebuilt inside their npm packages. */
function standInForNativeModules(): void {
  const modules = join(vscodeDir, 'node_modules', '@vscode')
  copyFileSync(join(here, 'shims', 'spdlog.cjs'), join(modules, 'spdlog', 'index.js'))
  const release = join(modules, 'native-watchdog', 'build', 'Release')
  mkdirSync(release, { recursive: true })
  copyFileSync(join(here, 'shims', 'watchdog.cjs'), join(release, 'watchdog.js'))
}

/** The chat agents' runtimes and extension: 220 MB that nothing here uses. */
function removeAgents(): void {
  const unused = [
    'node_modules/@github/copilot-sdk-linux-x64',
    'node_modules/@github/copilot-sdk-linux-arm64',
    'node_modules/@microsoft/mxc-sdk/bin',
    'extensions/copilot',
  ]
  for (const path of unused) rmSync(join(vscodeDir, path), { recursive: true, force: true })
}

const quietSettings = {
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  // As on the desktop: a file is written when its user saves it.
  'files.autoSave': 'off',
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.autoDetectColorScheme': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
}

/** A fresh profile in the temporary folder, readable by its owner only. Nothing is shared with the user's own VS Code. */
export function newProfile(): Profile {
  // The path of a Unix socket inside must stay under 104 bytes, which the temporary folder of macOS nearly fills.
  const dir = mkdtempSync(join(process.platform === 'darwin' ? '/tmp' : tmpdir(), 'istio-security-'))
  const profile = {
    dir,
    userData: join(dir, 'user-data'),
    extensions: join(dir, 'extensions'),
    token: randomBytes(16).toString('hex'),
    tokenFile: join(dir, 'token'),
  }
  for (const folder of [join(profile.userData, 'Machine'), join(profile.userData, 'User'), profile.extensions, join(dir, 'tmp')])
    mkdirSync(folder, { recursive: true })
  writeFileSync(profile.tokenFile, profile.token, { mode: 0o600 })
  writeSettings(profile, {})
  return profile
}

/** Those of scope `machine-overridable`: a window onto a server takes them from its machine, and ignores them in the user's settings. */
const machineSettings: ReadonlySet<string> = new Set(['istioSecurity.kubeconfig', 'istioSecurity.context'])

/** Replaces the settings; a workbench has them when it is loaded next. */
export function writeSettings(profile: Profile, settings: Readonly<Record<string, unknown>>): void {
  const entries = Object.entries({ ...quietSettings, ...settings })
  const write = (folder: 'Machine' | 'User') => {
    const kept = entries.filter(([name]) => machineSettings.has(name) === (folder === 'Machine'))
    writeFileSync(join(profile.userData, folder, 'settings.json'), JSON.stringify(Object.fromEntries(kept), null, 2))
  }
  write('Machine')
  write('User')
}

/** The address that opens the workbench without a further question. */
export function workbenchUrl(server: VscodeServer, profile: Profile, folder: string, file?: string): string {
  const query = new URLSearchParams({ tkn: profile.token, folder })
  const uri = `vscode-remote://${new URL(server.origin).host}${file}`
  if (file !== undefined) query.set('payload', JSON.stringify([['openFile', uri]]))
  return `${server.origin}/?${query}`
}

export async function installVsix(profile: Profile, vsix: string, signal?: AbortSignal): Promise<void> {
  const args = [serverMain, ...folders(profile), '--install-extension', vsix, '--force']
  const { stdout, stderr } = await promisify(execFile)(hostNode(), args, { env: environment(profile), signal })
  if (!stdout.includes('successfully installed')) throw new Error(`VS Code did not install ${vsix}:\n${stdout}\n${stderr}`)
}

/** Starts the server on 127.0.0.1 (port 0: any free one) and resolves when it accepts connections. */
export async function startServer(profile: Profile, options: { port?: number; env?: NodeJS.ProcessEnv } = {}): Promise<VscodeServer> {
  const args = [
    '--import',
    join(here, 'endWithParent.mjs'),
    serverMain,
    ...folders(profile),
    '--host=127.0.0.1',
    `--port=${options.port ?? 0}`,
    // In a file, because other users can read a command line.
    `--connection-token-file=${profile.tokenFile}`,
    '--accept-server-license-terms',
    '--disable-telemetry',
    '--disable-update-check',
    '--disable-experiments',
    '--disable-workspace-trust',
    '--disable-getting-started-override',
  ]
  // A process group of its own: Ctrl+C reaches only us, and we end the server with all its children.
  const env = environment(profile, { ...options.env, REMOVE_WITH_PARENT: profile.dir })
  const child = spawn(hostNode(), args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  let log = ''
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const port = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => {
      signalGroup(child, 'SIGKILL')
      reject(
        new Error(/EADDRINUSE/.test(log) ? `Port ${options.port} is taken. Choose another one.` : `The VS Code server ${why}:\n${log}`),
      )
    }
    const timer = setTimeout(() => fail('did not start within 60 s'), 60_000)
    const read = (chunk: Buffer) => {
      log += chunk
      const listening = /Extension host agent listening on (\d+)/.exec(log)
      if (listening?.[1] === undefined) return
      clearTimeout(timer)
      resolve(listening[1])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', error => fail(`did not start (${error.message})`))
    child.once('exit', () => {
      clearTimeout(timer)
      fail('ended at once')
    })
  })
  return {
    origin: `http://127.0.0.1:${port}`,
    log: () => log,
    exited,
    async dispose() {
      signalGroup(child, 'SIGTERM')
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), 5000)
      await exited
      clearTimeout(timer)
      signalGroup(child, 'SIGKILL')
    },
  }
}

function signalGroup(leader: ChildProcess, signal: NodeJS.Signals): void {
  if (leader.pid === undefined) return
  try {
    process.kill(-leader.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function folders(profile: Profile): string[] {
  return [`--server-data-dir=${profile.dir}`, `--user-data-dir=${profile.userData}`, `--extensions-dir=${profile.extensions}`]
}

/** Sockets, logs and temporary files of this run stay in its profile. */
function environment(profile: Profile, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TMPDIR: join(profile.dir, 'tmp'),
    XDG_RUNTIME_DIR: profile.dir,
    XDG_CONFIG_HOME: join(profile.dir, 'xdg'),
    XDG_DATA_HOME: join(profile.dir, 'xdg'),
    XDG_CACHE_HOME: join(profile.dir, 'xdg'),
    // No gallery: nothing is looked up elsewhere.
    EXTENSIONS_GALLERY: '{}',
    ...extra,
  }
  // Started in a terminal of VS Code, a server that inherits these talks to the outer one.
  for (const name of Object.keys(env)) if (name.startsWith('VSCODE_') || name.startsWith('npm_')) delete env[name]
  return env
}
