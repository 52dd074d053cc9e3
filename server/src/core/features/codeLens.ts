// What can be asked of a policy, a rule, a Service or a workload, above the line where it is written.
import type { CodeLens, Command } from 'vscode-languageserver-types'
import { type StandsForWorkloads, standsForWorkloads, workloadsBehind } from '../decide/workloadsBehind.ts'
import type { SourceDocument, SourceFile } from '../istio/file.ts'
import type { AuthorizationPolicy, Pod, Resource } from '../istio/resources.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { count } from '../report/words.ts'
import { policyTestLenses } from './policyTestLens.ts'

export interface LensOptions {
  /** Arguments of the commands besides those that name the object. */
  readonly more?: Readonly<Record<string, unknown>>
  /** The cluster that has something else in the place of a policy; undefined where none has for certain. */
  readonly differsFrom?: (policy: Resource) => string | undefined
}

/** The lens with the number of workloads is without words until `resolveLens` counts them: in a large file only few are looked at. */
export function codeLenses(file: SourceFile, mesh: Mesh, options: LensOptions = {}): CodeLens[] {
  // Workloads of a repository that has nothing to do with Istio are left alone.
  const isMesh = mesh.all('AuthorizationPolicy').length > 0
  const lenses = file.documents.flatMap(document =>
    document.resources.flatMap(resource => {
      const drift = lensOfDrift(resource, document, file, options)
      if (resource.kind === 'AuthorizationPolicy') return [...lensesOfPolicy(resource, document, file, options), ...drift]
      if (drift.length > 0) return drift
      return isMesh && standsForWorkloads(resource) ? lensesOfWorkloads(resource, document, file, options) : []
    }),
  )
  return [...policyTestLenses(file, options.more), ...lenses]
}

/** With its words; the same lens where there is nothing to say any more. */
export function resolveLens(lens: CodeLens, file: SourceFile | undefined, mesh: Mesh, timeLeft: TimeLeft = () => undefined): CodeLens {
  const data = isLensData(lens.data) ? lens.data : undefined
  const resource = data && file?.resources.find(each => isNamed(each, data))
  if (!resource || !standsForWorkloads(resource)) return { ...lens, command: plain('') }
  return { ...lens, command: data.certificate ? certificateOf(resource, mesh, timeLeft) : plain(workloadCount(resource, mesh)) }
}

/** How long the certificate of a pod lasts, in words, where it was read before; nothing is asked. */
export type TimeLeft = (pod: Pod) => string | undefined

/** A choice of more is none. */
const mostPods = 50

/** Nothing where no pod with a proxy is known. */
function certificateOf(resource: StandsForWorkloads, mesh: Mesh, timeLeft: TimeLeft): Command {
  const pods = workloadsBehind(resource, mesh)
    .filter(({ proxy }) => proxy !== 'none')
    .flatMap(each => each.pods)
    // Only the cluster tells a phase: a pod in a file cannot be asked.
    .filter(({ phase }) => phase !== undefined)
    .slice(0, mostPods)
  if (pods.length === 0) return plain('')
  const left = pods.map(timeLeft).find(words => words !== undefined)
  return {
    title: left === undefined ? 'Inspect Certificate' : `certificate: ${left}`,
    command: 'istioSecurity.inspectCertificate',
    arguments: [{ kind: 'pods', pods: pods.map(({ namespace, name }) => ({ namespace, name })) }],
  }
}

/** Which object a lens that is still to be resolved stands above. */
interface LensData {
  readonly uri: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** About the certificate of its pods. */
  readonly certificate?: boolean
}

/** The document whose lens it is. */
export function uriOfLens({ data }: CodeLens): string | undefined {
  return isLensData(data) ? data.uri : undefined
}

function isLensData(data: unknown): data is LensData {
  const texts = ['uri', 'kind', 'namespace', 'name'] as const
  return data !== null && typeof data === 'object' && texts.every(each => typeof Reflect.get(data, each) === 'string')
}

function isNamed({ kind, namespace, name }: Resource, data: LensData): boolean {
  return kind === data.kind && namespace === data.namespace && name === data.name
}

function lensesOfPolicy(policy: AuthorizationPolicy, document: SourceDocument, file: SourceFile, { more }: LensOptions): CodeLens[] {
  const { namespace, name, rules } = policy
  const evaluate = (rule?: number): Command => ({
    title: '▷ Evaluate',
    command: 'istioSecurity.evaluate',
    arguments: [{ uri: file.uri, policy: { namespace, name }, ...(rule === undefined ? {} : { rule }), ...more }],
  })
  const top = lineAbove(policy, document, file)
  return [
    { range: top, command: evaluate() },
    { range: top, data: dataOf(policy, file) },
    { range: top, command: whoCanCall(policy, file, more) },
    ...rules.map(({ span }, index) => ({ range: lineOf(span.start, file), command: evaluate(index) })),
  ]
}

function lensOfDrift(resource: Resource, document: SourceDocument, file: SourceFile, { differsFrom, more }: LensOptions): CodeLens[] {
  const cluster = differsFrom?.(resource)
  if (cluster === undefined) return []
  const range = lineAbove(resource, document, file)
  const title = `≠ differs from ${cluster}`
  // Only a client with commands of its own can show a diff.
  const command = more
    ? plain(title)
    : { title, command: 'istioSecurity.openDiff', arguments: [{ uri: file.uri, position: file.lines.position(resource.at.kind.start) }] }
  return [{ range, command }]
}

function lensesOfWorkloads(resource: StandsForWorkloads, document: SourceDocument, file: SourceFile, { more }: LensOptions): CodeLens[] {
  const range = lineAbove(resource, document, file)
  return [
    { range, data: dataOf(resource, file) },
    { range, command: whoCanCall(resource, file, more) },
    // Only a client with commands of its own can show one.
    ...(presents(resource) && !more ? [{ range, data: { ...dataOf(resource, file), certificate: true } }] : []),
  ]
}

/** A Service has no identity of its own. */
function presents({ kind }: StandsForWorkloads): boolean {
  return kind === 'ServiceAccount' || kind === 'WorkloadOwner'
}

function whoCanCall(resource: StandsForWorkloads, { uri }: SourceFile, more: LensOptions['more']): Command {
  return { title: 'Who can call', command: 'istioSecurity.whoCanCall', arguments: [{ uri, ...nameIn(resource), ...more }] }
}

/** As the command is told what is meant. */
function nameIn({ kind, namespace, name }: StandsForWorkloads) {
  switch (kind) {
    case 'AuthorizationPolicy':
      return { policy: { namespace, name } }
    case 'Service':
      return { service: { namespace, name } }
    case 'ServiceAccount':
      return { serviceAccount: { namespace, name } }
    case 'WorkloadOwner':
      return { to: `${namespace}/${name}` }
  }
}

function dataOf({ kind, namespace, name }: Resource, { uri }: SourceFile): LensData {
  return { uri, kind, namespace, name }
}

/** Above the whole object; of a List above the kind of the item. */
function lineAbove({ at }: Resource, { root, resources }: SourceDocument, file: SourceFile) {
  return lineOf(resources.length === 1 && root ? root.span.start : at.kind.start, file)
}

function lineOf(offset: number, { lines }: SourceFile) {
  const position = lines.position(offset)
  return { start: position, end: position }
}

/** Words that lead nowhere. */
function plain(title: string): Command {
  return { title, command: '' }
}

/** `3 workloads`; `2 pods` of what makes them; nothing where nobody knows. */
function workloadCount(resource: StandsForWorkloads, mesh: Mesh): string {
  const workloads = workloadsBehind(resource, mesh)
  if (resource.kind === 'WorkloadOwner') {
    const pods = workloads.flatMap(each => each.pods)
    return pods.length > 0 ? count(pods.length, 'pod') : ''
  }
  if (workloads.length > 0) return count(workloads.length, 'workload')
  const everywhere = resource.namespace === mesh.settings.rootNamespace
  return mesh.complete('Pod', everywhere ? undefined : resource.namespace) ? 'no workload' : ''
}
