// The world a command judges in: its paths, the `--mesh` paths around them, and a cluster where one is named.
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readFile, type SourceFile } from '../core/istio/file.ts'
import type { Resource } from '../core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import type { Mesh, World } from '../core/mesh/mesh.ts'
import { disk } from '../workspace/files.ts'
import { CannotRun } from './cannotRun.ts'

export interface WorldOptions {
  readonly mesh: readonly string[]
  readonly closedWorld: boolean
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: readonly string[]
  readonly istioVersion?: string
  readonly rootNamespace?: string
  readonly trustDomain?: string
}

export interface InputFile extends SourceFile {
  /** As printed: relative to the working directory, with `/`. */
  readonly path: string
}

/** Files below the paths, `-` for standard input. Rejects with CannotRun where a path cannot be read. */
export async function readInputs(paths: readonly string[], namespace: string | undefined): Promise<readonly InputFile[]> {
  const options = namespace === undefined ? {} : { namespace }
  const inputs: InputFile[] = []
  for (const path of paths) {
    if (path === '-') inputs.push({ ...readFile('stdin:', await readStandardInput(), options), path: '-' })
    else for (const file of await listed(path)) inputs.push({ ...readFile(pathToFileURL(resolve(file)).href, await read(file), options), path: shown(file) })
  }
  return inputs
}

export async function buildWorld(inputs: readonly SourceFile[], options: WorldOptions): Promise<Mesh> {
  const around: Resource[] = []
  for (const path of options.mesh) {
    for (const file of await listed(path)) around.push(...readFile(pathToFileURL(resolve(file)).href, await read(file)).resources)
  }
  const cluster = await readCluster(options)
  const { closedWorld, istioVersion, rootNamespace, trustDomain } = options
  return buildMesh({
    files: [...around, ...inputs.flatMap(file => file.resources)],
    closedWorld,
    ...(cluster ? { cluster: new ClusterLayer(cluster) } : {}),
    ...(istioVersion ? { istioVersion } : {}),
    ...(rootNamespace ? { rootNamespace } : {}),
    ...(trustDomain ? { trustDomain } : {}),
  })
}

/** Whether the options name a cluster; only then is one contacted. */
function namesCluster({ kubeconfig, context }: WorldOptions): boolean {
  return kubeconfig !== undefined || context !== undefined
}

async function readCluster(options: WorldOptions): Promise<World | undefined> {
  if (!namesCluster(options)) return undefined
  const { connectOnce } = await import('./clusterOnce.ts')
  const connection = await connectOnce(options)
  try {
    return connection.world()
  } finally {
    connection.dispose()
  }
}

async function listed(path: string): Promise<readonly string[]> {
  const files = await disk.list(path)
  // An empty folder is nothing to judge; a path that is not there is a mistake.
  if (files.length === 0) await reachable(path)
  return files
}

async function reachable(path: string): Promise<void> {
  const { access } = await import('node:fs/promises')
  await access(path).catch(error => {
    throw new CannotRun(`cannot read "${path}": ${reason(error)}`)
  })
}

async function read(path: string): Promise<string> {
  return disk.read(path).catch(error => {
    throw new CannotRun(`cannot read "${path}": ${reason(error)}`)
  })
}

export function reason(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'ENOENT') return 'there is no such file or folder'
  if (code === 'EACCES') return 'permission denied'
  return error instanceof Error ? error.message : String(error)
}

async function readStandardInput(): Promise<string> {
  return (await readStandardInputBytes()).toString('utf8')
}

export async function readStandardInputBytes(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function shown(path: string): string {
  return relative(process.cwd(), resolve(path)).replaceAll('\\', '/') || '.'
}
