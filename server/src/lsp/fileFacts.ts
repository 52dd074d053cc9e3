// What the files of the workspace say of the policies of the judging cluster: the same, something else, or of one that is not there.
// Nothing is said where several documents speak of one object: they belong to several environments, and which is this one is not known.
import type { Resource } from '../core/istio/resources.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { driftOf, nodeOf, pathText } from '../core/report/policies/drift.ts'
import type { FileFact } from '../core/report/policies/policyTree.ts'
import { isPolicy, type Policy, policyKinds } from '../core/report/policies/standing.ts'
import type { Workspace } from '../workspace/workspace.ts'

interface Index {
  readonly mesh: Mesh
  /** By kind, namespace and name: the only document that speaks of it, or `several`. */
  readonly written: ReadonlyMap<string, Resource | 'several'>
  readonly namespaces: ReadonlySet<string>
}

type Compared = { readonly live: Policy; readonly fact: FileFact | undefined }

export class FileFacts {
  private readonly workspace: Workspace
  private index: Index | undefined
  /** By the object of the file. */
  private readonly compared = new WeakMap<Resource, Compared>()
  private readonly places = new WeakMap<Resource, Pick<FileFact, 'file' | 'line'>>()

  constructor(workspace: Workspace) {
    this.workspace = workspace
  }

  /** The only document of the files that speaks of an object. */
  writtenOf(object: Pick<Resource, 'kind' | 'namespace' | 'name'>): Resource | undefined {
    const found = this.current.written.get(keyOf(object))
    return found === 'several' ? undefined : found
  }

  speaksOf(namespace: string): boolean {
    return this.current.namespaces.has(namespace)
  }

  /** As far as it was compared. */
  fact(live: Policy): FileFact | undefined {
    const written = this.writtenOf(live)
    const compared = written && this.compared.get(written)
    return compared?.live === live ? compared.fact : undefined
  }

  /** Whether `compare` would find out more. */
  isOpen(live: Policy): boolean {
    const written = this.writtenOf(live)
    return written !== undefined && this.compared.get(written)?.live !== live
  }

  async compare(live: Policy): Promise<void> {
    const written = this.writtenOf(live)
    if (written?.source.from !== 'file') return
    const { uri } = written.source
    const file = await this.workspace.fileAt(uri)
    const drift = file && driftOf(nodeOf(file, written), live)
    const place = await this.placeOf(written)
    const is = drift?.length === 0 ? 'same' : 'differs'
    this.compared.set(written, { live, fact: drift && { is, uri, ...place, paths: drift.map(pathText) } })
  }

  /** Policies that the cluster has not, of namespaces that it has. */
  async onlyInFiles({ presence }: Mesh): Promise<readonly { readonly policy: Policy; readonly fact: FileFact }[]> {
    const found: { readonly policy: Policy; readonly fact: FileFact }[] = []
    for (const policy of this.current.written.values()) {
      if (policy === 'several' || !isPolicy(policy) || policy.source.from !== 'file') continue
      const { kind, namespace, name, source } = policy
      if (presence('Namespace', '', namespace) !== 'present' || presence(kind, namespace, name) !== 'absent') continue
      const fact = { is: 'only-in-file', uri: source.uri, ...(await this.placeOf(policy)), paths: [] } as const
      found.push({ policy, fact })
    }
    return found
  }

  private async placeOf(written: Resource): Promise<Pick<FileFact, 'file' | 'line'>> {
    const known = this.places.get(written)
    if (known || written.source.from !== 'file') return known ?? { file: '', line: 0 }
    const text = await this.workspace.textOf(written.source.uri)
    const place = { file: text?.file ?? written.source.uri, line: text?.lines.position(written.at.kind.start).line ?? 0 }
    this.places.set(written, place)
    return place
  }

  private get current(): Index {
    const { mesh } = this.workspace
    if (this.index?.mesh !== mesh) this.index = this.gather(mesh)
    return this.index
  }

  private gather(mesh: Mesh): Index {
    const written = new Map<string, Resource | 'several'>()
    // Without a namespace it goes wherever it is applied.
    for (const object of this.workspace.asWritten.filter(each => isPolicyKind(each) && each.at.namespace && each.name !== '')) {
      written.set(keyOf(object), written.has(keyOf(object)) ? 'several' : object)
    }
    return { mesh, written, namespaces: new Set([...written.values()].flatMap(each => (each === 'several' ? [] : each.namespace))) }
  }
}

/** A DestinationRule too that says nothing of TLS any more. */
function isPolicyKind({ kind }: Resource): boolean {
  return policyKinds.some(each => each === kind)
}

function keyOf({ kind, namespace, name }: Pick<Resource, 'kind' | 'namespace' | 'name'>): string {
  return `${kind}\0${namespace}\0${name}`
}
