// What the thing under the pointer means: a policy, a mode, an identity, a field.
import type { Hover } from 'vscode-languageserver-types'
import { isPolicyTest, type SourceDocument, type SourceFile } from '../istio/file.ts'
import type { Resource } from '../istio/resources.ts'
import { describeField } from '../istio/schema/describe.ts'
import { fieldAt, schemaAt, schemaOf } from '../istio/schema/index.ts'
import { modeWords } from '../istio/schema/peerAuthentication.ts'
import { isPlaceholder } from '../istio/values/placeholder.ts'
import { formatPrincipal, parsePrincipal, principalMatches } from '../istio/values/principal.ts'
import { isOwnTrustDomain } from '../mesh/build.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { describeMtls } from '../report/mtls.ts'
import { describeCallers } from '../report/mtlsCallers.ts'
import { describePolicy } from '../report/policy.ts'
import { count, list } from '../report/words.ts'
import { type Place, placeAt } from '../yaml/cursor.ts'
import { at, type Span, stringAt } from '../yaml/tree.ts'
import { hoverInRule, hoverOfObject } from './hover/connections.ts'
import { bullets, escapeMarkdown, markup } from './markdown.ts'

export interface HoverOptions {
  /** False where another extension already explains plain fields. */
  readonly fields: boolean
}

export function hover(file: SourceFile, mesh: Mesh, offset: number, options: HoverOptions): Hover | undefined {
  const document = file.documents.find(each => each.span.start <= offset && offset <= each.span.end && isExplained(each))
  const place = document && placeAt(document.root, offset)
  if (!document || !place) return undefined
  const contents =
    hoverOfPolicy(document, place, mesh) ??
    hoverOfValue(document, place, mesh) ??
    // The schema that another extension works by has the kinds of clusters only.
    (options.fields || isPolicyTest(document.root) ? hoverOfField(document, place) : undefined)
  return contents && { contents, range: file.lines.range(place.span) }
}

/** What a Service leads to is told too, although nothing in it is judged. */
function isExplained({ ours, resources }: SourceDocument): boolean {
  return ours || resources.some(({ kind }) => kind === 'Service')
}

/** On the kind or the name of an object, the keys before them included. */
function resourceAt(document: SourceDocument, { path, node }: Place): Resource | undefined {
  const written = node?.span
  if (!written || !/(?:^|\.)(?:kind|metadata\.name)$/.test(path.join('.'))) return undefined
  return document.resources.find(({ at }) => at.kind.start === written.start || at.name?.start === written.start)
}

function hoverOfPolicy(document: SourceDocument, place: Place, mesh: Mesh) {
  const resource = resourceAt(document, place)
  if (resource?.kind === 'AuthorizationPolicy') {
    const { headline, rules, consequences } = describePolicy(resource, mesh)
    return markup(`**${escapeMarkdown(headline)}**`, bullets(rules), consequences.map(escapeMarkdown).join('  \n'))
  }
  if (resource?.kind === 'PeerAuthentication') {
    const { headline, workloads } = describeMtls(resource, mesh)
    const mode = resource.mode?.value ?? 'UNSET'
    return markup(
      `**${escapeMarkdown(`${mode} · ${resource.namespace}/${resource.name}`)}**`,
      escapeMarkdown(modeWords[mode]),
      escapeMarkdown(headline),
      bullets([...workloads, ...describeCallers(resource, mesh)]),
    )
  }
  return resource && hoverOfObject(resource, mesh)
}

function hoverOfValue(document: SourceDocument, place: Place, mesh: Mesh) {
  const { node, path, onKey } = place
  const schema = schemaAtPlace(document, place)
  if (path.at(-1) === 'mode' && node?.kind === 'scalar') {
    const effective = hoverOfMode(document, node.span, path.includes('portLevelMtls'), node.text, mesh)
    if (effective) return effective
  }
  if (onKey || schema?.type !== 'string' || node?.kind !== 'scalar') return undefined
  if (isPlaceholder(node.text)) return undefined
  if (schema.value === 'principal') return hoverOfPrincipal(node.text, mesh)
  const meaning = schema.words && Object.hasOwn(schema.words, node.text) ? schema.words[node.text] : undefined
  const told = meaning ? [`**${escapeMarkdown(node.text)}**`, escapeMarkdown(meaning)] : []
  return hoverInRule(document, place, mesh, told) ?? (meaning ? markup(...told) : undefined)
}

function hoverOfMode(document: SourceDocument, span: Span, ofPort: boolean, mode: string, mesh: Mesh) {
  const policy = document.resources
    .filter(each => each.kind === 'PeerAuthentication')
    .find(({ spec }) => spec && spec.span.start <= span.start && span.end <= spec.span.end)
  if (!policy || !isMode(mode)) return undefined
  const meaning = modeWords[mode]
  const { headline, workloads } = describeMtls(policy, mesh)
  const scope = ofPort ? 'On this port of the container only.' : undefined
  const port = policy.portLevelMtls.find(each => each.mode?.span.start === span.start)?.port.value
  const lines = [...workloads, ...describeCallers(policy, mesh, port)]
  return markup(`**${escapeMarkdown(mode)}**: ${escapeMarkdown(meaning)}`, scope, escapeMarkdown(headline), bullets(lines))
}

function isMode(text: string): text is keyof typeof modeWords {
  return Object.hasOwn(modeWords, text)
}

/** Which pods present an identity, or the identities that a pattern matches. */
function hoverOfPrincipal(value: string, mesh: Mesh) {
  const principal = parsePrincipal(value)
  if (principal.match === 'malformed') {
    return principal.why === 'spiffe-prefix'
      ? markup('No pod presents this: Istio adds `spiffe://` itself.')
      : markup('No pod presents this: an identity is `trust-domain/ns/namespace/sa/account`.')
  }
  const title = `**${escapeMarkdown(value)}**`
  if (principal.match === 'exact' && !isOwnTrustDomain(principal.trustDomain, mesh.settings)) {
    return markup(
      title,
      escapeMarkdown(`Trust domain "${principal.trustDomain}" is not the one of this mesh, so who presents this is not known here.`),
    )
  }
  const presenters = mesh.workloads.filter(
    workload =>
      hasIdentity(workload) &&
      principalMatches(principal, identityOf(workload, principal.match === 'exact' ? principal.trustDomain : mesh.settings.trustDomain)),
  )
  if (presenters.length === 0) return markup(title, escapeMarkdown(nobody(principal, mesh)))
  const pods = presenters.flatMap(workload => workload.pods)
  const lines = presenters.slice(0, 12).map(
    workload =>
      `${workload.name} (${workload.namespace}): ${
        list(
          workload.pods.map(pod => pod.name),
          4,
        ) || 'no pods known'
      }`,
  )
  return markup(
    title,
    escapeMarkdown(`Presented by ${count(pods.length, 'pod')} of ${count(presenters.length, 'workload')}:`),
    bullets(lines),
  )
}

function nobody(principal: ReturnType<typeof parsePrincipal>, mesh: Mesh): string {
  const known = mesh.complete('Pod')
  if (principal.match !== 'exact')
    return known ? 'No pod presents an identity that matches.' : 'Which pods present a matching identity is not known here.'
  const account = mesh.identity(principal)
  if (account === 'absent')
    return `No service account "${principal.serviceAccount}" in namespace "${principal.namespace}", so nobody can present this identity.`
  if (!mesh.complete('Pod', principal.namespace)) return 'Which pods present it is not known here.'
  return account === 'present'
    ? 'The service account exists; no pod with a proxy runs as it.'
    : 'No pod with a proxy of this mesh runs as it.'
}

function hasIdentity(workload: Workload): boolean {
  return workload.proxy !== 'none'
}

/** `cluster.local` in a policy stands for the mesh's own trust domain, so identities are spelled the way the policy spells them. */
function identityOf(workload: Workload, trustDomain: string): string {
  return formatPrincipal({ trustDomain, namespace: workload.namespace, serviceAccount: workload.serviceAccount })
}

/** The schema of the object around a place, and the path within it: of a List the item. */
function schemaAround(document: SourceDocument, { path }: Place) {
  const inList = path[0] === 'items' && stringAt(document.root, 'kind')?.value.endsWith('List')
  const object = inList ? at(document.root, path.slice(0, 2)) : document.root
  const schema = schemaOf(stringAt(object, 'apiVersion')?.value ?? '', stringAt(object, 'kind')?.value ?? '')
  return schema && { schema, path: inList ? path.slice(2) : path }
}

function schemaAtPlace(document: SourceDocument, place: Place) {
  const around = schemaAround(document, place)
  return around && schemaAt(around.schema, around.path)
}

function hoverOfField(document: SourceDocument, place: Place) {
  if (!place.onKey) return undefined
  const around = schemaAround(document, place)
  const field = around && fieldAt(around.schema, around.path)
  return field && markup(describeField(field))
}
