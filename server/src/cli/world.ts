// The world a command judges in: its paths, the `--mesh` paths around them, and a cluster where one is named.
import { stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Cel } from '../core/istio/cel/value.ts'
import { readFile, type SourceFile } from '../core/istio/file.ts'
import type { Role } from '../core/istio/kustomize.ts'
import type { Resource } from '../core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import { needsCel } from '../core/mesh/liveSchema.ts'
import type { Mesh, World } from '../core/mesh/mesh.ts'
import { isTestFile } from '../core/policytest/file.ts'
import { count } from '../core/report/words.ts'
import { stringAt } from '../core/yaml/tree.ts'
import { disk, mostFiles } from '../workspace/files.ts'
import { kustomizationsAbove } from '../workspace/kustomizations.ts'
import { asides, CannotRun } from './cannotRun.ts'
import { snapshotLayer } from './snapshotLayer.ts'
import { readStandardInput } from './standardInput.ts'

export interface WorldOptions {
  readonly mesh: readonly string[]
  readonly closedWorld: boolean
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: readonly string[]
  readonly istioVersion?: string
  readonly rootNamespace?: string
  readonly trustDomain?: string
  /** The option that needs a cluster: where none is named and no snapshot stands for one, that of the default kubeconfig is read. */
  readonly clusterFor?: string
  /** The command itself says what in the given paths cannot be read. */
  readonly findsUnsound?: boolean
}

export interface InputFile extends SourceFile {
  /** As printed: relative to the working directory, with `/`. */
  readonly path: string
  /** Of objects that name none. */
  readonly namespace?: string
  readonly role?: Role
}

/** A command line takes its time; a document that it leaves out could not be told from one that is not there. */
const whole = { longestDocument: Number.POSITIVE_INFINITY } as const

/** Files below the paths, `-` for standard input. Rejects with CannotRun where a path cannot be read. */
export async function readInputs(paths: readonly string[], namespace: string | undefined): Promise<readonly InputFile[]> {
  const named = namespace === undefined ? {} : { namespace }
  // A file that two of the paths lead to is one file.
  const files = new Map<string, string>()
  for (const path of paths) for (const file of await listed(path)) files.set(uriOf(file), file)
  const roles = await rolesOf(files)
  const inputs: InputFile[] = []
  for (const [uri, file] of files) {
    const options = { ...named, ...roles(uri) }
    inputs.push({ ...readFile(uri, await read(file), { ...options, ...whole }), ...options, path: shown(file) })
  }
  return inputs
}

/** As what the kustomizations beside and above the files list them; those among the files are no others. */
async function rolesOf(files: ReadonlyMap<string, string>): Promise<(uri: string) => { readonly role?: Role }> {
  const paths = [...files.values()].filter(path => path !== '-')
  const kustomizations = await kustomizationsAbove(paths, disk)
  return uri => {
    const role = kustomizations.roleOf(uri)
    return role ? { role } : {}
  }
}

/** What is around the given files: the `--mesh` paths by URI, and the cluster. Read once, since a pipe gives its text only once. */
export interface Surroundings {
  readonly files: ReadonlyMap<string, readonly Resource[]>
  readonly cluster?: ClusterLayer
  /** Where a cluster is needed and none is named: the snapshot that stands for it. */
  readonly snapshot?: ClusterLayer
  readonly cel?: Cel
}

export async function readSurroundings(inputs: readonly InputFile[], options: WorldOptions): Promise<Surroundings> {
  const around: InputFile[] = []
  const [namespace] = options.namespace
  const named = namespace === undefined ? {} : { namespace }
  const paths = new Map<string, string>()
  for (const path of options.mesh) for (const file of await listed(path)) paths.set(uriOf(file), file)
  const roles = await rolesOf(paths)
  for (const [uri, file] of paths)
    around.push({ ...readFile(uri, await read(file), { ...named, ...whole, ...roles(uri) }), path: shown(file) })
  tellUnsound([...around, ...(options.findsUnsound ? [] : inputs.filter(({ uri }) => !paths.has(uri)))])
  for (const path of options.mesh) requireObjects(path, around)
  const snapshot = options.clusterFor !== undefined && !namesCluster(options) ? snapshotLayer([...around, ...inputs]) : undefined
  const cluster = snapshot ? undefined : await readCluster(options)
  const files = new Map(around.map(({ uri, resources }) => [uri, resources]))
  const surroundings = { files, ...(cluster ? { cluster: new ClusterLayer(cluster) } : {}), ...(snapshot ? { snapshot } : {}) }
  if (!needsCel(buildWorld(inputs, surroundings, options), inputs)) return surroundings
  return { ...surroundings, cel: (await import('../core/istio/cel/cel.ts')).cel }
}

/** A file that is named by itself is meant to hold objects; an empty one is what a program prints that has none. */
function requireObjects(path: string, around: readonly InputFile[]): void {
  const file = around.find(each => each.uri === uriOf(path))
  if (!file || file.text.trim() === '' || file.documents.some(({ root, templated }) => templated || stringAt(root, 'kind') !== undefined))
    return
  if (file.documents.some(({ root, problems }) => root === undefined && problems.length === 0)) return
  throw new CannotRun(`"${file.path}" holds no Kubernetes object`)
}

/** What is lost with broken text looks like what is not there, so one line says it; policy tests are no part of a world. */
function tellUnsound(files: readonly InputFile[]): void {
  const ofWorld = files.filter(file => !isTestFile(file.path, file))
  const [first, ...more] = ofWorld.flatMap(({ path, lines, documents }) => {
    const broken = documents.filter(({ templated, judged }) => !templated && judged !== 'never')
    const [problem] = broken.flatMap(({ problems }) => problems).filter(({ code }) => code !== 'DUPLICATE_KEY')
    return problem ? [`"${path}" (line ${lines.position(problem.span.start).line + 1})`] : []
  })
  if (first === undefined) return
  const are = more.length === 0 ? 'is' : `and ${count(more.length, 'other file')} are`
  asides.add(`${first} ${are} not sound YAML; what cannot be read is left out`)
}

export function buildWorld(inputs: readonly SourceFile[], { files, cluster, cel }: Surroundings, options: WorldOptions): Mesh {
  const given = new Set(inputs.map(({ uri }) => uri))
  const around = [...files].flatMap(([uri, resources]) => (given.has(uri) ? [] : resources))
  const { closedWorld, istioVersion, rootNamespace, trustDomain } = options
  return buildMesh({
    files: [...around, ...inputs.flatMap(file => file.resources)],
    closedWorld,
    ...(cluster ? { cluster } : {}),
    ...(cel ? { cel } : {}),
    ...(istioVersion ? { istioVersion } : {}),
    ...(rootNamespace ? { rootNamespace } : {}),
    ...(trustDomain ? { trustDomain } : {}),
  })
}

/** Whether what is not here may be somewhere else, so that --closed-world would help: a cluster and a snapshot know what they lack. */
export function mayBeWhole(inputs: readonly SourceFile[], { files }: Surroundings, options: WorldOptions): boolean {
  const holdsSnapshot = [...files.values(), ...inputs.map(({ resources }) => resources)].flat().some(({ kind }) => kind === 'Snapshot')
  return !options.closedWorld && !namesCluster(options) && !holdsSnapshot
}

/** Whether the options name a cluster; only then is one contacted. */
export function namesCluster({ kubeconfig, context }: WorldOptions): boolean {
  return kubeconfig !== undefined || context !== undefined
}

async function readCluster(options: WorldOptions): Promise<World | undefined> {
  const { clusterFor } = options
  if (!namesCluster(options) && clusterFor === undefined) return undefined
  const { connectOnce } = await import('./clusterOnce.ts')
  const instead = `${clusterFor} needs a cluster: name one with --kubeconfig or --context, or a snapshot of one with --mesh`
  const connection = await connectOnce(options, clusterFor === undefined ? {} : { instead })
  try {
    return connection.world()
  } finally {
    connection.dispose()
  }
}

/** A file named on the command line is read whatever its name and size, a pipe such as `<(helm template .)` too. */
async function listed(path: string): Promise<readonly string[]> {
  if (path === '-') return [path]
  const info = await stat(path).catch(error => cannotRead(path, error))
  if (!info.isDirectory()) return [path]
  const files = await disk.list(path)
  // What is left out could not be told from what is not there.
  if (files.length >= mostFiles) throw new CannotRun(`"${path}" holds ${mostFiles} files or more; name the folders that matter`)
  return files
}

async function read(path: string): Promise<string> {
  if (path === '-') return (await readStandardInput()).toString('utf8')
  return disk.read(path).catch(error => cannotRead(path, error))
}

function cannotRead(path: string, error: unknown): never {
  throw new CannotRun(`cannot read "${path}": ${reason(error)}`)
}

function uriOf(path: string): string {
  return path === '-' ? 'stdin:' : pathToFileURL(resolve(path)).href
}

export function reason(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'ENOENT') return 'there is no such file or folder'
  if (code === 'EACCES') return 'permission denied'
  return error instanceof Error ? error.message : String(error)
}

/** As printed: relative to the working directory, with `/`. */
export function shown(path: string): string {
  if (path === '-') return path
  return relative(process.cwd(), resolve(path)).replaceAll('\\', '/') || '.'
}
