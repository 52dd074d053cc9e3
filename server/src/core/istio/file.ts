// One file as everything else sees it: its text, its documents, and the resources in them.
import { Lines } from '../yaml/lines.ts'
import { type ParseCache, parseYaml, type YamlDocument } from '../yaml/parse.ts'
import { type Node, stringAt } from '../yaml/tree.ts'
import { isChartData } from './helm.ts'
import { hasPatchDirective, isKustomization, isNamedPatch, type Role } from './kustomize.ts'
import { objectsOf, readDocument } from './read.ts'
import type { Resource } from './resources.ts'
import { testKind } from './schema/index.ts'

export interface SourceFile {
  readonly uri: string
  readonly text: string
  readonly lines: Lines
  readonly documents: readonly SourceDocument[]
  readonly resources: readonly Resource[]
}

export interface SourceDocument extends YamlDocument {
  readonly resources: readonly Resource[]
  /** Holds an Istio object, by its `apiVersion` and `kind`, or policy tests: only such documents are judged. */
  readonly ours: boolean
  /** Of what may be a patch only what is wrong whatever stands around it; of what is known to be one, nothing. */
  readonly judged: 'whole' | 'part' | 'never'
  /** The namespace of objects that name none. */
  readonly namespace: string
}

export interface ReadOptions {
  readonly cache?: ParseCache
  /** Of objects that name none. */
  readonly namespace?: string
  /** Characters of the longest document that is read; for what nobody edits (`kubectl get -o yaml`) there is no limit. */
  readonly longestDocument?: number
  /** As what a kustomization lists the file. */
  readonly role?: Role
}

/** Reads a file; a document of a template or a patch gives no resources, since what it will be is not known. */
export function readFile(uri: string, text: string, options: ReadOptions = {}): SourceFile {
  const namespace = options.namespace ?? 'default'
  const asFile = judgedByFile(uri, options.role)
  const documents = parseYaml(text, options.cache, options.longestDocument).map(document => {
    const source = { from: 'file', uri, document: document.index, span: document.span } as const
    const ours = isOurs(document, text)
    const judged = ours && hasPatchDirective(document.root) ? 'never' : asFile
    const resources = document.templated || judged !== 'whole' ? [] : readDocument(document.root, source, namespace)
    return { ...document, resources, ours, judged, namespace }
  })
  return { uri, text, lines: new Lines(text), documents, resources: documents.flatMap(each => each.resources) }
}

/** A file that nobody lists may be a patch by its name, and may as well be a policy that is called so. */
function judgedByFile(uri: string, role: Role | undefined): SourceDocument['judged'] {
  if (role === 'patch' || isChartData(uri) || isKustomization(uri)) return 'never'
  return role === undefined && isNamedPatch(uri) ? 'part' : 'whole'
}

/** The groups that Istio has, and those it had before 1.6. Gateways of the Gateway API are ours as waypoints. */
const group = '(?:(?:security|networking|telemetry|extensions|authentication|rbac)\\.istio\\.io|gateway\\.networking\\.k8s\\.io)/'
const inGroup = new RegExp(`^${group}`)

/** A line of text that begins an object, or an item of a List. */
const line = new RegExp(`(?:^(?: *- +)?["']?|")apiVersion["']?[ \\t]*:[ \\t]*["']?${group}`, 'm')

function isOurs({ root, problems, span }: YamlDocument, text: string): boolean {
  // What could not be read at all has no objects.
  if (!root && problems.length > 0) return line.test(text.slice(span.start, span.end))
  return (
    isPolicyTest(root) ||
    objectsOf(root).some(object => {
      const apiVersion = stringAt(object, 'apiVersion')?.value ?? ''
      return inGroup.test(apiVersion) && stringAt(object, 'kind') !== undefined
    })
  )
}

/** Policy tests are no object of a cluster, so they name no `apiVersion`. */
export function isPolicyTest(root: Node | undefined): boolean {
  return stringAt(root, 'apiVersion') === undefined && stringAt(root, 'kind')?.value === testKind
}
