// What is told of a cluster that is followed: whether it is in reach, and what of it is missing. By what its lists say.
import { explainProblem } from '../core/report/problem.ts'
import type { ClusterProblem, ClusterState, ConnectedCluster } from '../protocol.ts'
import type { Target } from './kubeconfig.ts'
import { problemOf } from './problemOf.ts'
import { failureIn, isNotServed, listStates, type Reach, type Standing, settleMs } from './reach.ts'
import { type Redact, withoutUserInfo } from './redact.ts'
import { isStatus, type ReflectorState } from './reflector.ts'
import { firstSyncMs, type RunningList } from './runningLists.ts'
import type { Failure } from './transport.ts'
import { type Groups, resourceOf } from './watched.ts'

export interface Followed {
  readonly target: Target
  readonly groups: Groups
  readonly lists: readonly (Standing & Pick<RunningList, 'failingSince'>)[]
  readonly reach: Reach
  /** Those somebody chose. */
  readonly namespaces: readonly string[]
  readonly istioVersion: string | undefined
  readonly redact: Redact
  /** Milliseconds since the epoch. */
  readonly now: number
  /** ISO time from which what is held is old, if it is. */
  readonly since: string
}

export type FollowedState = Extract<ClusterState, { readonly kind: 'connected' | 'stale' | 'failed' }>

export function stateOf(followed: Followed): FollowedState {
  const { target, lists, since } = followed
  const problem = problemWithAll(followed)
  if (!problem) return { kind: 'connected', ...describe(followed) }
  const isHeld = lists.some(({ reflector: { state } }) => state.kind === 'synced' || state.kind === 'stale')
  if (isHeld) return { kind: 'stale', since, problem: explainProblem(problem), ...describe(followed) }
  return { kind: 'failed', context: target.context.name, problem: explainProblem(problem) }
}

const noList: Failure = { kind: 'network', detail: `no list was answered for ${firstSyncMs / 1000} s` }

function problemWithAll(followed: Followed): ClusterProblem | undefined {
  const { lists, reach, namespaces, target } = followed
  const states = listStates(lists)
  // Lists are waited for before anything is told, so by now the server answers, but not what it is asked.
  const isSilent = states.length > 0 && states.every(({ kind }) => kind === 'syncing')
  const lost = reach.lost ?? (isSilent ? noList : undefined)
  if (lost) return redactedProblem(lost, followed)
  // Nothing at all may be listed; other namespaces may be chosen.
  if (!states.some(state => isFailed(state, 403)) || !states.every(state => isFailed(state, 403) || isFailed(state, 404))) return undefined
  return { kind: 'forbidden', verb: 'list', resource: 'pods', namespace: namespaces[0] ?? target.context.namespace ?? 'default' }
}

function isFailed(state: ReflectorState, code: number): boolean {
  return state.kind === 'failed' && isStatus(state.failure, code)
}

function describe(followed: Followed): ConnectedCluster {
  const { target, groups, istioVersion } = followed
  return {
    context: target.context.name,
    server: withoutUserInfo(target.cluster.server),
    istio: groups.has('security.istio.io'),
    insecure: target.cluster.skipTlsVerify,
    gaps: gapsIn(followed),
    ...(istioVersion === undefined ? {} : { istioVersion }),
  }
}

/** What was never read, and what has not been up to date for a while. */
function gapsIn(followed: Followed): ConnectedCluster['gaps'] {
  const { lists, reach, now } = followed
  return lists.flatMap(list => {
    const { watched, namespace, name, reflector, failingSince } = list
    const failure = failureIn(reflector.state)
    if (!failure || isNotServed(list, lists)) return []
    const isLasting = failingSince !== undefined && now - failingSince >= settleMs
    if (reflector.state.kind === 'stale' && (reach.lost || !isLasting)) return []
    const resource = resourceOf(watched)
    // A namespace is its own namespace for RBAC.
    const within = namespace ?? name
    const where = within === undefined ? {} : { namespace: within }
    const verb = refusedVerb(failure) ?? (name === undefined ? 'list' : 'get')
    const problem = isStatus(failure, 403)
      ? ({ kind: 'forbidden', verb, resource, ...where, ...readBeside(list, lists) } as const)
      : redactedProblem(failure, followed)
    return [{ resource, ...where, problem: explainProblem(problem) }]
  })
}

/** Where the whole cluster may not be listed: the namespaces that are read all the same. */
function readBeside(
  { watched, namespace, name }: Followed['lists'][number],
  lists: Followed['lists'],
): { readonly except?: readonly string[] } {
  if (namespace !== undefined || name !== undefined) return {}
  const read = lists.filter(each => each.watched === watched && each.reflector.state.kind === 'synced')
  const except = read.flatMap(each => (each.name === undefined ? (each.namespace ?? []) : []))
  return except.length > 0 ? { except } : {}
}

/** As the API server says it: `pods is forbidden: User "…" cannot watch resource "pods" …`. */
function refusedVerb(failure: Failure): string | undefined {
  return failure.kind === 'status' ? /cannot (get|list|watch) resource/.exec(failure.message)?.[1] : undefined
}

function redactedProblem(failure: Failure, { target, redact }: Followed): ClusterProblem {
  const problem = problemOf(failure, target.context.name)
  return 'detail' in problem ? { ...problem, detail: redact(problem.detail) } : problem
}
