// One file as everything else sees it: its text, its documents, and the resources in them.
import { Lines } from '../yaml/lines.ts'
import { type ParseCache, parseYaml, type YamlDocument } from '../yaml/parse.ts'
import { stringAt } from '../yaml/tree.ts'
import { hasPatchDirective, isNamedPatch } from './kustomize.ts'
import { objectsOf, readDocument } from './read.ts'
import type { Resource } from './resources.ts'

export interface SourceFile {
  readonly uri: string
  readonly text: string
  readonly lines: Lines
  readonly documents: readonly SourceDocument[]
  readonly resources: readonly Resource[]
}

export interface SourceDocument extends YamlDocument {
  readonly resources: readonly Resource[]
  /** Holds an Istio object, by its `apiVersion` and `kind`: only such documents are judged. */
  readonly ours: boolean
  /** A Kustomize patch: what is missing stands elsewhere, so it is not judged. */
  readonly partial: boolean
  /** The namespace of objects that name none. */
  readonly namespace: string
}

export interface ReadOptions {
  readonly cache?: ParseCache
  /** Of objects that name none. */
  readonly namespace?: string
  /** Characters of the longest document that is read; for what nobody edits (`kubectl get -o yaml`) there is no limit. */
  readonly longestDocument?: number
  /** A kustomization names the file among its patches. */
  readonly partial?: boolean
}

/** Reads a file; a document of a template or a patch gives no resources, since what it will be is not known. */
export function readFile(uri: string, text: string, options: ReadOptions = {}): SourceFile {
  const namespace = options.namespace ?? 'default'
  const isPatchFile = options.partial === true || isNamedPatch(uri)
  const documents = parseYaml(text, options.cache, options.longestDocument).map(document => {
    const source = { from: 'file', uri, document: document.index, span: document.span } as const
    const ours = isOurs(document)
    const partial = isPatchFile || (ours && hasPatchDirective(document.root))
    const resources = document.templated || partial ? [] : readDocument(document.root, source, namespace)
    return { ...document, resources, ours, partial, namespace }
  })
  return { uri, text, lines: new Lines(text), documents, resources: documents.flatMap(each => each.resources) }
}

/** The groups that Istio has, and those it had before 1.6. Gateways of the Gateway API are ours as waypoints. */
const groups = /^(?:(?:security|networking|telemetry|extensions|authentication|rbac)\.istio\.io|gateway\.networking\.k8s\.io)\//

function isOurs(document: YamlDocument): boolean {
  return objectsOf(document.root).some(object => {
    const apiVersion = stringAt(object, 'apiVersion')?.value ?? ''
    return groups.test(apiVersion) && stringAt(object, 'kind') !== undefined
  })
}
