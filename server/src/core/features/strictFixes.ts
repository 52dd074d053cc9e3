// Quick fixes on the way to STRICT: at once, or with an exception for those who can only call in plaintext.

import { levelOf } from '../decide/mtls/server.ts'
import { type Blocked, blockedBy, labelsNaming } from '../decide/strict.ts'
import type { SourceFile } from '../istio/file.ts'
import type { PeerAuthentication } from '../istio/resources.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { list } from '../report/words.ts'
import { columnOf, type Edit, lineEndOf, plain, replaceScalar, withLineEndsOf } from '../yaml/edit.ts'
import { lineStartOf } from '../yaml/lines.ts'
import { type Entry, entry, type Span } from '../yaml/tree.ts'

export interface StrictFix {
  readonly title: string
  readonly edits: readonly Edit[]
  readonly preferred: boolean
}

/** Fixes for a policy whose mode is PERMISSIVE or DISABLE; none where it is STRICT or inherits. Modes of single ports stay as they are. */
export function strictFixes(file: SourceFile, policy: PeerAuthentication, mesh: Mesh): readonly StrictFix[] {
  if (!levelOf(policy, mesh.settings.rootNamespace)) return []
  const { mode } = policy
  if (mode?.value !== 'PERMISSIVE' && mode?.value !== 'DISABLE') return []
  const blocked = blockedBy(policy, mesh)
  const strict = replaceScalar(file.text, mode.span, 'STRICT')
  const staged = stagedFix(file, policy, blocked, strict, mesh)
  const first: StrictFix[] =
    mode.value === 'DISABLE'
      ? [
          {
            title: 'Set PERMISSIVE first: clients learn to send mTLS before STRICT demands it',
            edits: [replaceScalar(file.text, mode.span, 'PERMISSIVE')],
            preferred: true,
          },
        ]
      : []
  const atOnce: StrictFix = {
    title: blocked.length > 0 ? `Set STRICT at once: ${consequence(blocked)}` : 'Set STRICT',
    edits: [strict],
    preferred: blocked.length === 0 && mode.value === 'PERMISSIVE',
  }
  const fixes = staged ? [...first, { ...staged, preferred: first.length === 0 }, atOnce] : [...first, atOnce]
  return fixes.map(each => ({ ...each, edits: each.edits.map(edit => withLineEndsOf(file.text, edit)) }))
}

function consequence(blocked: readonly Blocked[]): string {
  const refused = blocked.filter(({ callers }) => callers.length > 0)
  if (refused.length === 0)
    return `nothing enforces it at ${list(
      blocked.map(each => each.workload.name),
      3,
    )}, without a proxy`
  return `${list(callerNames(refused), 3)} will be refused`
}

function callerNames(blocked: readonly Blocked[]): readonly string[] {
  return [
    ...new Set(
      blocked.flatMap(({ callers }) =>
        callers.map(caller => (caller.kind === 'outside-the-cluster' ? `callers of Service ${caller.name} from outside` : caller.name)),
      ),
    ),
  ]
}

/** A workload policy gets port exceptions of its own; a wider one gets a policy for each workload that needs one. */
function stagedFix(
  file: SourceFile,
  policy: PeerAuthentication,
  blocked: readonly Blocked[],
  strict: Edit,
  mesh: Mesh,
): Omit<StrictFix, 'preferred'> | undefined {
  if (blocked.length === 0) return undefined
  if (levelOf(policy, mesh.settings.rootNamespace) === 'workload') return portException(file, policy, blocked, strict)
  return workloadExceptions(file, policy, blocked, strict, mesh)
}

function portException(
  file: SourceFile,
  policy: PeerAuthentication,
  blocked: readonly Blocked[],
  strict: Edit,
): Omit<StrictFix, 'preferred'> | undefined {
  const ports = [...new Set(blocked.flatMap(({ callers }) => callers.flatMap(caller => caller.ports)))].toSorted((a, b) => a - b)
  const mtls = entry(policy.spec, 'mtls')
  // An existing list of port modes already holds somebody's decisions.
  if (ports.length === 0 || !mtls || policy.portLevelMtls.length > 0 || flowAround(file.text, mtls)) return undefined
  const indent = ' '.repeat(columnOf(file.text, mtls.key.span))
  const lines = [
    ...blocked.flatMap(each => reasons(each)).map(reason => `${indent}# ${reason}`),
    `${indent}portLevelMtls:`,
    ...ports.flatMap(port => [`${indent}  ${port}:`, `${indent}    mode: PERMISSIVE`]),
  ]
  return {
    title: `Set STRICT, keep port ${list(ports.map(String))} PERMISSIVE for ${list(callerNames(blocked), 3)}`,
    edits: [strict, { span: lineEndAfter(file.text, mtls.span), newText: `\n${lines.join('\n')}` }],
  }
}

function workloadExceptions(
  file: SourceFile,
  policy: PeerAuthentication,
  blocked: readonly Blocked[],
  strict: Edit,
  mesh: Mesh,
): Omit<StrictFix, 'preferred'> | undefined {
  if (policy.source.from !== 'file' || !takesDocuments(file, policy.source.document)) return undefined
  const exceptions = blocked.flatMap(each => {
    const labels = labelsNaming(each.workload, mesh)
    return labels ? [{ ...each, labels }] : []
  })
  if (exceptions.length === 0 || exceptions.length < blocked.length) return undefined
  const documents = exceptions.map(({ labels, ...each }) =>
    [
      '---',
      ...reasons(each).map(reason => `# ${reason}`),
      `apiVersion: ${policy.apiVersion}`,
      'kind: PeerAuthentication',
      'metadata:',
      `  name: ${each.workload.name}-plaintext`,
      `  namespace: ${each.workload.namespace}`,
      'spec:',
      '  selector:',
      '    matchLabels:',
      ...Object.entries(labels).map(([key, value]) => `      ${plain(key)}: ${plain(value)}`),
      '  mtls:',
      '    mode: PERMISSIVE',
      '',
    ].join('\n'),
  )
  const end = policy.source.span.end
  const before = file.text[end - 1] === '\n' ? '' : '\n'
  const names = exceptions.map(each => each.workload.name)
  return {
    title: `Set STRICT, keep ${list(names, 3)} PERMISSIVE ${exceptions.length === 1 ? 'in a policy of its own' : 'in policies of their own'}`,
    edits: [strict, { span: { start: end, end }, newText: `${before}${documents.join('')}` }],
  }
}

function reasons({ workload, callers, bare }: Blocked): readonly string[] {
  const neighbours = callers.filter(each => each.kind === 'workload-without-proxy').map(each => each.name)
  const services = callers.filter(each => each.kind === 'outside-the-cluster').map(each => each.name)
  return [
    ...(neighbours.length > 0
      ? [
          `PERMISSIVE while ${list(neighbours, 3)} ${neighbours.length === 1 ? 'has' : 'have'} no proxy and can call ${workload.name} only in plaintext.`,
        ]
      : []),
    ...(services.length > 0
      ? [`PERMISSIVE while Service ${list(services, 3)} brings callers from outside the cluster to ${workload.name}.`]
      : []),
    ...(bare.length > 0
      ? [
          `PERMISSIVE until ${list(
            bare.map(pod => pod.name),
            3,
          )} ${bare.length === 1 ? 'has' : 'have'} a proxy: nothing enforces STRICT there.`,
        ]
      : []),
  ]
}

/** JSON holds one document, and what is written in braces like JSON is left in its style. */
function takesDocuments(file: SourceFile, document: number): boolean {
  const root = file.documents.find(({ index }) => index === document)?.root
  return root?.kind === 'mapping' && !root.flow
}

function flowAround(text: string, mtls: Entry): boolean {
  const lineStart = lineStartOf(text, mtls.key.span.start)
  return text.slice(lineStart, mtls.key.span.start).trim() !== ''
}

function lineEndAfter(text: string, span: Span): Span {
  const last = text.slice(0, span.end).trimEnd().length
  const end = lineEndOf(text, last)
  return { start: end, end }
}
