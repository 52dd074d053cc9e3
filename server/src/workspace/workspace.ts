// What is known of the files: open editors over the disk, and the mesh they make together with the cluster.
import { isAbsolute, join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { readFile, type SourceFile } from '../core/istio/file.ts'
import type { Resource } from '../core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import type { Mesh, World } from '../core/mesh/mesh.ts'
import type { ParseCache } from '../core/yaml/parse.ts'
import { type Files, isYaml } from './files.ts'
import { defaults, type Settings } from './settings.ts'

interface OpenFile {
  readonly file: SourceFile
  readonly cache: ParseCache
}

export class Workspace {
  settings: Settings = defaults
  private readonly files: Files
  private folders: readonly string[] = []
  private readonly open = new Map<string, OpenFile>()
  /** Resources of files on the disk, by URI. */
  private readonly onDisk = new Map<string, readonly Resource[]>()
  private cluster: ClusterLayer | undefined
  private built: Mesh | undefined

  constructor(files: Files) {
    this.files = files
  }

  /** Reads the workspace folders and the `mesh` paths anew. Paths are absolute, or relative to each folder. */
  async load(folders: readonly string[], settings: Settings): Promise<void> {
    this.folders = folders
    this.settings = settings
    const meshPaths = settings.mesh.flatMap(path => (isAbsolute(path) ? [path] : folders.map(folder => join(folder, path))))
    const found = new Map<string, readonly Resource[]>()
    for (const root of [...folders, ...meshPaths]) {
      for (const path of await this.files.list(root)) {
        const uri = pathToFileURL(path).href
        if (!found.has(uri)) found.set(uri, await this.readResources(path, uri))
      }
    }
    this.onDisk.clear()
    for (const [uri, resources] of found) this.onDisk.set(uri, resources)
    this.built = undefined
  }

  /** A file of the disk was made, changed or removed. Answers whether that can change any answer. */
  async diskChanged(uri: string): Promise<boolean> {
    const path = pathOf(uri)
    if (!path || !isYaml(path)) return false
    const resources = await this.readResources(path, uri)
    const before = this.onDisk.get(uri) ?? []
    if (resources.length > 0) this.onDisk.set(uri, resources)
    else this.onDisk.delete(uri)
    this.built = undefined
    return before.length > 0 || resources.length > 0
  }

  setText(uri: string, text: string): SourceFile {
    const known = this.open.get(uri)
    if (known?.file.text === text) return known.file
    const cache = known?.cache ?? new Map()
    const file = readFile(uri, text, { cache })
    this.open.set(uri, { file, cache })
    this.built = undefined
    return file
  }

  close(uri: string): void {
    this.open.delete(uri)
    this.built = undefined
  }

  setCluster(world: World | undefined): void {
    this.cluster = world && new ClusterLayer(world)
    this.built = undefined
  }

  file(uri: string): SourceFile | undefined {
    return this.open.get(uri)?.file
  }

  /** The world as this file's editor sees it: the files of the workspace, this one included, over the cluster. */
  meshFor(file: SourceFile): Mesh {
    return this.belongs(file.uri) ? this.mesh : this.build([...this.resources(), ...file.resources])
  }

  get mesh(): Mesh {
    this.built ??= this.build(this.resources())
    return this.built
  }

  /** The cluster alone, as the trees show it; without one, what the files say. */
  get running(): Mesh {
    return this.cluster ? buildMesh({ files: [], cluster: this.cluster, closedWorld: false }) : this.mesh
  }

  private build(files: readonly Resource[]): Mesh {
    const { closedWorld, istioVersion } = this.settings
    return buildMesh({ files, closedWorld, ...(this.cluster ? { cluster: this.cluster } : {}), ...(istioVersion ? { istioVersion } : {}) })
  }

  private resources(): readonly Resource[] {
    const opened = [...this.open.values()].filter(({ file }) => this.belongs(file.uri))
    const closed = [...this.onDisk].filter(([uri]) => !this.open.has(uri)).flatMap(([, resources]) => resources)
    return [...closed, ...opened.flatMap(({ file }) => file.resources)]
  }

  /** Untitled and diff documents are judged, but they are no part of the world of other files. */
  private belongs(uri: string): boolean {
    const path = pathOf(uri)
    return path !== undefined && (this.onDisk.has(uri) || this.folders.some(folder => path.startsWith(folder + sep)))
  }

  private async readResources(path: string, uri: string): Promise<readonly Resource[]> {
    try {
      const text = await this.files.read(path)
      return mayHoldObjects(text) ? readFile(uri, text).resources : []
    } catch {
      // Gone or unreadable between listing and reading: it says nothing.
      return []
    }
  }
}

/** Most YAML of a repository is no Kubernetes object, and parsing it would be the larger part of the work. */
function mayHoldObjects(text: string): boolean {
  return /^[\s"'-]*kind["']?\s*:/m.test(text) || /"kind"\s*:/.test(text)
}

/** The path of a file on this disk; none for documents elsewhere, and for URIs that name no file here (`file://server/…`). */
function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined
  try {
    return fileURLToPath(uri)
  } catch {
    return undefined
  }
}
