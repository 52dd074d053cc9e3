// Who can call a workload, or what one can call, for any editor.
import { callableBy } from '../core/decide/access/callableBy.ts'
import { callersOf } from '../core/decide/access/callersOf.ts'
import type { AccessDecider } from '../core/decide/access/outcome.ts'
import { standsForWorkloads, workloadsBehind } from '../core/decide/workloadsBehind.ts'
import type { Resource } from '../core/istio/resources.ts'
import type { Mesh, Workload } from '../core/mesh/mesh.ts'
import { named } from '../core/policytest/connectionOf.ts'
import { accessText, callableText, type Words } from '../core/report/access.ts'
import { accessReport, callableReport, type Place } from '../core/report/accessReport.ts'
import type { PolicyName, WhoCanCallArguments, WhoCanCallResult } from '../protocol.ts'
import { placing } from '../workspace/locate.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** What any editor may send: nothing of it is trusted to have its type. */
export function readWhoCanCallArguments(given: unknown): WhoCanCallArguments {
  const { uri, to, from, policy, service, serviceAccount, position, show } = recordOf(given)
  const { line, character } = recordOf(position)
  return {
    ...(typeof uri === 'string' ? { uri } : {}),
    ...(typeof to === 'string' ? { to } : {}),
    ...(typeof from === 'string' ? { from } : {}),
    ...nameOf('policy', policy),
    ...nameOf('service', service),
    ...nameOf('serviceAccount', serviceAccount),
    ...(typeof line === 'number' && typeof character === 'number' ? { position: { line, character } } : {}),
    ...(show === true ? { show } : {}),
  }
}

function nameOf<K extends string>(field: K, value: unknown): { readonly [P in K]?: PolicyName } {
  const { namespace, name } = recordOf(value)
  if (typeof namespace !== 'string' || typeof name !== 'string') return {}
  return { [field]: { namespace, name } } as { readonly [P in K]?: PolicyName }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? { ...value } : {}
}

export async function whoCanCall(asked: WhoCanCallArguments, workspace: Workspace): Promise<WhoCanCallResult> {
  const mesh = workspace.meshAt(asked.uri)
  const subject = subjectOf(asked, workspace, mesh)
  if ('problem' in subject) return { version: 1, problem: subject.problem }
  const { workloads, port, title } = subject
  if (subject.asks === 'from') {
    const callable = callableBy(mesh, workloads[0])
    const answer = (place: Place) => ({ ...callableReport(callable, place), title, text: callableText(callable, wordsWith(place)) })
    return answer(await placingOf(answer, workspace))
  }
  const shown = workloads.slice(0, mostWorkloads).map(workload => callersOf(mesh, workload, port))
  const rest = workloads.length - shown.length
  const more = rest > 0 ? [`And ${rest} more: ask about one of them alone.\n`] : []
  const answer = (place: Place) => ({
    accesses: shown.map(access => accessReport(access, place)),
    text: [...shown.map(access => accessText(access, wordsWith(place))), ...more].join('\n'),
  })
  const { accesses, text } = answer(await placingOf(answer, workspace))
  const [only] = accesses
  return only && workloads.length === 1 ? { ...only, title, text } : { version: 1, accesses, title, text }
}

/** Of whom a text is still read. */
const mostWorkloads = 20

type Workloads = readonly [Workload, ...Workload[]]

type Subject =
  | { readonly asks: 'to' | 'from'; readonly workloads: Workloads; readonly port?: number; readonly title: string }
  | { readonly problem: string }

function subjectOf(asked: WhoCanCallArguments, workspace: Workspace, mesh: Mesh): Subject {
  if (asked.to !== undefined) return calledByName(asked.to, mesh)
  if (asked.from !== undefined) {
    const caller = workloadIn(mesh, asked.from)
    return 'problem' in caller ? caller : { asks: 'from', workloads: [caller], title: `What ${shortName(asked.from)} can call` }
  }
  const resource = resourceMeant(asked, workspace, mesh)
  if (!resource || !standsForWorkloads(resource)) return { problem: resource ? nothing(resource) : 'Name a workload with "to" or "from".' }
  const [first, ...others] = workloadsBehind(resource, mesh)
  if (!first) return { problem: nothing(resource) }
  const whom = others.length === 0 && first.name !== '' ? first.name : `the workloads of ${resource.name}`
  return { asks: 'to', workloads: [first, ...others], title: `Who can call ${whom}` }
}

function calledByName(to: string, mesh: Mesh): Subject {
  const [, name = '', port] = /^(.*?)(?::(\d{1,5}))?$/.exec(to) ?? []
  const workload = workloadIn(mesh, name)
  if ('problem' in workload) return workload
  return {
    asks: 'to',
    workloads: [workload],
    title: `Who can call ${shortName(name)}`,
    ...(port === undefined ? {} : { port: Number(port) }),
  }
}

function workloadIn(mesh: Mesh, name: string): Workload | { readonly problem: string } {
  if (!/^[^/]+\/[^/]+$/.test(name)) return { problem: `"${name}" names no namespace. Write namespace/name.` }
  const found = named({ value: name, span: { start: 0, end: 0 } }, mesh)
  return found.ok ? found.value : { problem: found.reason }
}

function resourceMeant(
  { policy, service, serviceAccount, uri, position }: WhoCanCallArguments,
  workspace: Workspace,
  mesh: Mesh,
): Resource | undefined {
  if (policy) return mesh.find('AuthorizationPolicy', policy.namespace, policy.name)
  if (service) return mesh.find('Service', service.namespace, service.name)
  if (serviceAccount) return mesh.find('ServiceAccount', serviceAccount.namespace, serviceAccount.name)
  return uri === undefined || !position ? undefined : workspace.file(uri) && resourceAt(workspace, uri, position)
}

/** What stands at the cursor. */
function resourceAt(workspace: Workspace, uri: string, position: NonNullable<WhoCanCallArguments['position']>): Resource | undefined {
  const file = workspace.file(uri)
  const offset = file?.lines.offset(position) ?? 0
  const around = file?.documents.find(({ span }) => span.start <= offset && offset <= span.end)?.resources ?? []
  return around.findLast(({ at }) => at.kind.start <= offset) ?? around[0]
}

function nothing({ namespace, name }: Resource): string {
  return `No workload of "${namespace}/${name}" is known here.`
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** Only files that the answer names are read: a mesh has many. */
async function placingOf(answer: (place: Place) => unknown, workspace: Workspace): Promise<Place> {
  const inAnswer = new Set<Pick<Resource, 'source'>>()
  answer(object => {
    inAnswer.add(object)
    return undefined
  })
  return placing(inAnswer, uri => workspace.textOf(uri))
}

function wordsWith(place: Place): Words {
  const placeOf = (by: AccessDecider) => {
    if ('published' in by) return undefined
    const found =
      'peerAuthentication' in by
        ? place(by.peerAuthentication, by.peerAuthentication.mode?.span)
        : place(by.policy, by.policy.rules[by.rule]?.span)
    return found && `${found.file}:${found.range.start.line + 1}`
  }
  return { placeOf, color: false }
}
