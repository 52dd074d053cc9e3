// What is known of the files: open editors over the disk, and the mesh they make together with the cluster.
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { Decisions } from '../core/decide/authorization/decisions.ts'
import type { Cel } from '../core/istio/cel/value.ts'
import { readFile, type SourceFile } from '../core/istio/file.ts'
import { isKustomization, type Role } from '../core/istio/kustomize.ts'
import type { Resource } from '../core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import { needsCel } from '../core/mesh/liveSchema.ts'
import type { Mesh, World } from '../core/mesh/mesh.ts'
import { Lines } from '../core/yaml/lines.ts'
import type { ParseCache } from '../core/yaml/parse.ts'
import { type Files, isSkipped, isYaml } from './files.ts'
import { Kustomizations } from './kustomizations.ts'
import type { PlacedText } from './locate.ts'
import { type NamedWorld, namedWorld } from './namedWorld.ts'
import { defaults, type Settings } from './settings.ts'
import { keyOf, keyOfPath, pathOf } from './uris.ts'

interface OpenFile {
  readonly file: SourceFile
  readonly cache: ParseCache
  readonly role: Role | undefined
}

export class Workspace {
  settings: Settings = defaults
  private readonly files: Files
  private folders: readonly string[] = []
  private meshPaths: readonly string[] = []
  /** By key: the client's spelling of a URI is not the only one. */
  private readonly open = new Map<string, OpenFile>()
  /** Resources of files on the disk, by key. */
  private readonly onDisk = new Map<string, readonly Resource[]>()
  /** As they are on the disk. */
  private readonly kustomizations = new Kustomizations()
  private cluster: ClusterLayer | undefined
  /** Of the files of the workspace, by whether they count as everything there is. */
  private readonly built = new Map<boolean, Mesh>()
  private cel: Cel | undefined
  /** Of policy tests, which are run again after every change. */
  readonly decisions = new Decisions()

  constructor(files: Files) {
    this.files = files
  }

  /** Reads the workspace folders and the `mesh` paths anew. Paths are absolute, or relative to each folder. */
  async load(folders: readonly string[], settings: Settings): Promise<void> {
    this.folders = folders
    this.settings = settings
    this.meshPaths = settings.mesh.flatMap(path => (isAbsolute(path) ? [path] : folders.map(folder => join(folder, path))))
    const paths = new Map<string, string>()
    for (const root of [...this.meshPaths, ...folders]) for (const path of await this.files.list(root)) paths.set(keyOfPath(path), path)
    this.kustomizations.clear()
    for (const [key, path] of paths) if (isKustomization(key)) this.kustomizations.set(key, await this.onDiskAt(path))
    const found = new Map<string, readonly Resource[]>()
    for (const [key, path] of paths) found.set(key, (await this.readResources(path)) ?? [])
    this.onDisk.clear()
    for (const [key, resources] of found) this.onDisk.set(key, resources)
    this.readOpenAgain()
    this.built.clear()
  }

  /** Files or folders of the disk were made, changed or removed. Answers whether that can change any answer. */
  async diskChanged(uris: readonly string[]): Promise<boolean> {
    let changed = false
    // One after the other: a branch switch tells of thousands.
    for (const uri of uris) {
      const path = pathOf(uri)
      if (path && (await this.pathChanged(path))) changed = true
    }
    if (changed) this.built.clear()
    return changed
  }

  private async pathChanged(path: string): Promise<boolean> {
    const key = keyOfPath(path)
    // A folder that is removed is told as itself, not as the files that were in it.
    if (!isYaml(path)) {
      const isBelow = (each: string) => each === key || each.startsWith(`${key}/`)
      const below = [...this.onDisk.keys()].filter(isBelow)
      for (const each of below) this.onDisk.delete(each)
      const files = this.kustomizations.keys.filter(isBelow).flatMap(each => this.kustomizations.set(each, undefined))
      return (await this.rolesChanged(files)) || below.length > 0
    }
    if (!this.isRead(path)) return false
    if (isKustomization(key)) return this.rolesChanged(this.kustomizations.set(key, await this.onDiskAt(path)))
    return this.fileChanged(key, path)
  }

  /** A kustomization lists other files, or lists these otherwise. */
  private async rolesChanged(keys: readonly string[]): Promise<boolean> {
    let changed = this.readOpenAgain()
    for (const key of keys) {
      const path = pathOf(key)
      if (path && this.isRead(path) && (await this.fileChanged(key, path))) changed = true
    }
    return changed
  }

  private async fileChanged(key: string, path: string): Promise<boolean> {
    const resources = await this.readResources(path)
    const before = this.onDisk.get(key) ?? []
    if (resources === undefined) return false
    if (resources.length > 0) this.onDisk.set(key, resources)
    else this.onDisk.delete(key)
    return before.length > 0 || resources.length > 0
  }

  /** Whether loading would read this file. */
  private isRead(path: string): boolean {
    const under = (root: string) => path === root || (path.startsWith(root + sep) && !isSkipped(path.slice(root.length)))
    return [...this.meshPaths, ...this.folders].some(under)
  }

  setText(uri: string, text: string): SourceFile {
    const key = keyOf(uri)
    const known = this.open.get(key)
    const role = this.kustomizations.roleOf(key)
    if (known?.file.text === text && known.file.uri === uri && known.role === role) return known.file
    const cache = known?.cache ?? new Map()
    const file = readFile(uri, text, { cache, ...(role ? { role } : {}) })
    this.open.set(key, { file, cache, role })
    this.built.clear()
    return file
  }

  /** Answers whether a kustomization lists one of the open files otherwise than before. */
  private readOpenAgain(): boolean {
    const before = [...this.open.values()]
    return before.filter(({ file }) => this.setText(file.uri, file.text) !== file).length > 0
  }

  close(uri: string): void {
    this.open.delete(keyOf(uri))
    this.built.clear()
  }

  setCluster(world: World | undefined): void {
    this.cluster = world && new ClusterLayer(world)
    this.built.clear()
  }

  /** Loads CEL where there is an expression to read: it is large, and seldom wanted. */
  async prepare(): Promise<void> {
    const files = [...this.open.values()].map(({ file }) => file)
    if (this.cel || !needsCel(this.mesh, files)) return
    this.cel = (await import('../core/istio/cel/cel.ts')).cel
    this.built.clear()
  }

  file(uri: string): SourceFile | undefined {
    return this.open.get(keyOf(uri))?.file
  }

  /** The text behind a URI, open or on the disk, under the name that people know the file by; undefined where it cannot be read. */
  async textOf(uri: string): Promise<PlacedText | undefined> {
    const path = pathOf(uri)
    const folder = this.folders.find(each => path?.startsWith(each + sep))
    const file = path === undefined ? uri : (folder === undefined ? path : path.slice(folder.length + 1)).replaceAll('\\', '/')
    const open = this.file(uri)
    if (open) return { file, lines: open.lines }
    const text = path === undefined ? undefined : await this.files.read(path).catch(() => undefined)
    return text === undefined ? undefined : { file, lines: new Lines(text) }
  }

  /** The world as this file's editor sees it, or as all files together say. */
  meshAt(uri: string | undefined): Mesh {
    const file = uri === undefined ? undefined : this.file(uri)
    return file ? this.meshFor(file) : this.mesh
  }

  /**
   * The world as this file's editor sees it: the files of the workspace over the cluster, and this file over both.
   * Where another file says something else of the same object (another environment), the one that is looked at counts.
   */
  meshFor(file: SourceFile): Mesh {
    return this.meshOver(file, this.settings.closedWorld)
  }

  private meshOver(file: SourceFile, closedWorld: boolean): Mesh {
    const mesh = this.meshOfFiles(closedWorld)
    const counts = ({ kind, namespace, name }: Resource) => {
      const source = mesh.find(kind, namespace, name)?.source
      return source?.from === 'file' && source.uri === file.uri
    }
    return this.belongs(file.uri) && file.resources.every(counts) ? mesh : this.build([...this.resources(), ...file.resources], closedWorld)
  }

  get mesh(): Mesh {
    return this.meshOfFiles(this.settings.closedWorld)
  }

  private meshOfFiles(closedWorld: boolean): Mesh {
    const mesh = this.built.get(closedWorld) ?? this.build(this.resources(), closedWorld)
    this.built.set(closedWorld, mesh)
    return mesh
  }

  /** A file, open or on the disk; undefined where it cannot be read. */
  async fileAt(uri: string): Promise<SourceFile | undefined> {
    const open = this.file(uri)
    const path = pathOf(uri)
    if (open || path === undefined) return open
    const text = await this.files.read(path).catch(() => undefined)
    return text === undefined ? undefined : readFile(keyOfPath(path), text)
  }

  /**
   * The world of tests that name none. As on the command line, the files are everything there is where no cluster is read:
   * a test says what it stands on.
   */
  meshOfTests(file: SourceFile): Mesh {
    return this.meshOver(file, this.cluster === undefined || this.settings.closedWorld)
  }

  /** The world that a test names by paths relative to its file. Where the workspace is not trusted, nothing outside of it is read. */
  async meshNamedBy(uri: string, paths: readonly string[], trusted: boolean): Promise<NamedWorld> {
    const path = pathOf(uri)
    if (path === undefined) return { ok: false, reason: 'The mesh of this test is named relative to its file. Save it first.' }
    const named = paths.map(written => ({ written, path: resolve(dirname(path), written) }))
    const outside = trusted ? undefined : named.find(each => !this.folders.some(folder => isWithin(folder, each.path)))
    if (outside) {
      const reason = `This workspace is not trusted, so "${outside.written}", which lies outside of it, is not read. Trust the workspace to run this test.`
      return { ok: false, reason }
    }
    const { istioVersion } = this.settings
    return namedWorld(named, {
      files: this.files,
      uriOf: keyOfPath,
      openAt: each => this.file(each),
      ...(istioVersion ? { istioVersion } : {}),
    })
  }

  /** The cluster alone, as the trees show it; without one, what the files say. */
  get running(): Mesh {
    return this.cluster ? buildMesh({ files: [], cluster: this.cluster, closedWorld: false }) : this.mesh
  }

  private build(files: readonly Resource[], closedWorld: boolean): Mesh {
    const { istioVersion } = this.settings
    return buildMesh({
      files,
      closedWorld,
      ...(this.cluster ? { cluster: this.cluster } : {}),
      ...(istioVersion ? { istioVersion } : {}),
      ...(this.cel ? { cel: this.cel } : {}),
    })
  }

  private resources(): readonly Resource[] {
    const opened = [...this.open.values()].filter(({ file }) => this.belongs(file.uri))
    const closed = [...this.onDisk].filter(([key]) => !this.open.has(key)).flatMap(([, resources]) => resources)
    return [...closed, ...opened.flatMap(({ file }) => file.resources)]
  }

  /** What files of the folders say as it stands: nothing that a kustomization may still change, and no snapshot of a mesh. */
  get asWritten(): readonly Resource[] {
    const isWorld = (key: string) => this.meshPaths.some(root => isWithin(root, pathOf(key) ?? key))
    return this.resources().filter(({ source }) => {
      const key = source.from === 'file' ? keyOf(source.uri) : undefined
      return key !== undefined && !isWorld(key) && this.kustomizations.roleOf(key) === undefined
    })
  }

  /** Untitled and diff documents are judged, but they are no part of the world of other files. */
  private belongs(uri: string): boolean {
    const path = pathOf(uri)
    return path !== undefined && (this.onDisk.has(keyOfPath(path)) || this.folders.some(folder => path.startsWith(folder + sep)))
  }

  private async onDiskAt(path: string): Promise<string | undefined> {
    return this.files.read(path).catch(() => undefined)
  }

  /** Nothing for a file that is gone; undefined for one that cannot be read now, of which the last reading holds. */
  private async readResources(path: string): Promise<readonly Resource[] | undefined> {
    try {
      const key = keyOfPath(path)
      const role = this.kustomizations.roleOf(key)
      const text = await this.files.read(path)
      // What was named as the world is read whole; in folders, a long document is data of something else.
      const whole = this.meshPaths.some(root => path === root || path.startsWith(root + sep))
      return mayHoldObjects(text)
        ? readFile(key, text, { ...(whole ? { longestDocument: Number.POSITIVE_INFINITY } : {}), ...(role ? { role } : {}) }).resources
        : []
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : undefined
    }
  }
}

/** Most YAML of a repository is no Kubernetes object, and parsing it would be the larger part of the work. */
function mayHoldObjects(text: string): boolean {
  return /^[ \t"'-]*kind["']?[ \t]*:/m.test(text) || /"kind"\s*:/.test(text)
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}
