// Beside a value what it comes to, only where that is not what it says.
import type { InlayHint } from 'vscode-languageserver-types'
import { workloadsOf } from '../decide/attachment.ts'
import { effectiveOf, isSamePolicy, type MtlsMode, selectedBy } from '../decide/mtls/server.ts'
import { serverPorts } from '../decide/ports.ts'
import type { SourceFile } from '../istio/file.ts'
import type { AuthorizationPolicy, PeerAuthentication } from '../istio/resources.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import { count, list } from '../report/words.ts'
import type { Range } from '../yaml/lines.ts'
import type { Located, Span } from '../yaml/tree.ts'

export function inlayHints(file: SourceFile, mesh: Mesh, { start, end }: Range): InlayHint[] {
  const shown: Span = { start: file.lines.offset(start), end: file.lines.offset(end) }
  return file.documents
    .filter(({ span }) => meets(span, shown))
    .flatMap(({ resources }) => resources)
    .flatMap(resource => {
      if (resource.kind === 'PeerAuthentication') return hintsOfModes(resource, mesh)
      return resource.kind === 'AuthorizationPolicy' ? hintsOfPorts(resource, mesh) : []
    })
    .filter(({ span }) => meets(span, shown))
    .map(hint => asInlayHint(hint, file))
}

interface Hint {
  /** Of the value it is about. */
  readonly span: Span
  readonly words: string
}

function meets(a: Span, b: Span): boolean {
  return a.start <= b.end && b.start <= a.end
}

function asInlayHint({ span, words }: Hint, { lines, text }: SourceFile): InlayHint {
  // Behind the brackets that end with the value.
  const [closing = ''] =
    /^["' \]}]*/.exec(text.slice(span.end, lines.offset({ line: lines.position(span.end).line + 1, character: 0 }))) ?? []
  const position = lines.position(span.end + closing.trimEnd().length)
  return { position, label: `‹ ${words}`, paddingLeft: true }
}

function hintsOfModes(policy: PeerAuthentication, mesh: Mesh): readonly Hint[] {
  const { mode, portLevelMtls } = policy
  const enforced = selectedBy(policy, mesh).filter(({ proxy }) => proxy === 'sidecar' || proxy === 'ztunnel')
  const decided = enforced.map(workload => effectiveOf(mesh, workload))
  if (decided.length === 0 || decided.some(({ undecided }) => undecided.length > 0)) return []
  const hint = (span: Span, words: string | undefined): readonly Hint[] => (words ? [{ span, words }] : [])
  if (mode?.value === 'UNSET') return hint(mode.span, inherited(policy, decided, mesh))
  const unsetPorts = portLevelMtls.flatMap(({ mode }) => (mode?.value === 'UNSET' ? hint(mode.span, inherited(policy, decided, mesh)) : []))
  return mode ? [...hint(mode.span, elsewhere(policy, mode.value, decided)), ...unsetPorts] : unsetPorts
}

type Decided = ReturnType<typeof effectiveOf>

/** `2 of 3 workloads STRICT elsewhere`: another policy decides otherwise. */
function elsewhere(policy: PeerAuthentication, written: string, decided: readonly Decided[]): string | undefined {
  const others = decided.filter(each => each.mode !== written && each.policy && !isSamePolicy(each.policy, policy))
  const parts = modesOf(others).map(([mode, number]) => `${number} of ${count(decided.length, 'workload')} ${mode}`)
  return parts.length > 0 ? `${list(parts)} elsewhere` : undefined
}

/** What an UNSET comes to: `STRICT from istio-system/default`, or by number of workloads. */
function inherited(policy: PeerAuthentication, decided: readonly Decided[], mesh: Mesh): string | undefined {
  const namespaces = [mesh.settings.rootNamespace, policy.namespace]
  const byDefault = decided.some(each => each.policy === undefined)
  // A policy that nobody sees could set another mode than the default.
  if (byDefault && !namespaces.every(namespace => mesh.complete('PeerAuthentication', namespace))) return undefined
  const modes = modesOf(decided)
  const [first] = decided
  if (modes.length > 1 || !first) return list(modes.map(([mode, number]) => `${mode} for ${count(number, 'workload')}`))
  const deciders = new Set(decided.map(each => (each.policy ? `${each.policy.namespace}/${each.policy.name}` : "Istio's default")))
  return deciders.size === 1 ? `${first.mode} from ${[...deciders].join()}` : first.mode
}

function modesOf(decided: readonly Decided[]): readonly (readonly [MtlsMode, number])[] {
  const modes = new Map<MtlsMode, number>()
  for (const { mode } of decided) modes.set(mode, (modes.get(mode) ?? 0) + 1)
  return [...modes]
}

function hintsOfPorts(policy: AuthorizationPolicy, mesh: Mesh): readonly Hint[] {
  const written = policy.rules.flatMap(({ to, when }) => [
    ...to.flatMap(({ ports, notPorts }) => [...ports, ...notPorts]),
    ...when.filter(({ key }) => key.value === 'destination.port').flatMap(({ values, notValues }) => [...values, ...notValues]),
  ])
  if (written.length === 0) return []
  const workloads = workloadsOf(policy, mesh)
  // At a waypoint the port is that of the Service.
  if (workloads.some(({ proxy }) => proxy === 'waypoint')) return []
  const servers = workloads.map(workload => ({ workload, ports: serverPorts(workload, mesh) }))
  return written.flatMap(port => hintOfPort(port, servers))
}

interface Serving {
  readonly workload: Workload
  readonly ports: ReturnType<typeof serverPorts>
}

/** Nothing where some workload listens there. Containers need not declare their ports, so only one of a Service is certainly another one. */
function hintOfPort({ value, span }: Located<string>, servers: readonly Serving[]): readonly Hint[] {
  const port = Number(value)
  if (servers.some(({ ports }) => ports.some(each => each.port === port))) return []
  const meant = servers.flatMap(({ workload, ports }) => {
    const targets = ports.filter(({ servicePorts }) => servicePorts.includes(port)).map(each => each.port)
    return targets.length > 0 ? [`${workload.name} listens on ${list(targets.map(String))}`] : []
  })
  return meant.length > 0 ? [{ span, words: list(meant, 3) }] : []
}
