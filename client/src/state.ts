// The connection to the cluster in words: for the status bar, the titles of the views and the welcome views. Pure.
import type { ClusterState, Problem } from '../../server/src/protocol.ts'
import { never } from './never.ts'
import { withoutIcons } from './text.ts'
import { instant } from './time.ts'

/** Why a view may be empty. The welcome views of package.json are chosen by it (context key `istioSecurity.state`). */
export type Situation =
  | 'off'
  | 'untrusted'
  | 'no-kubeconfig'
  | 'bad-kubeconfig'
  | 'no-context'
  | 'old-runtime'
  | 'connecting'
  | 'failed'
  | 'unauthorized'
  | 'forbidden'
  | 'no-istio'
  | 'connected'
  | 'stale'

export function situation(state: ClusterState): Situation {
  switch (state.kind) {
    case 'off':
    case 'failed':
      return situationOf(state.problem, state.kind)
    case 'connecting':
      return 'connecting'
    case 'connected':
      return state.istio ? 'connected' : 'no-istio'
    case 'stale':
      return 'stale'
    default:
      return never(state)
  }
}

function situationOf(problem: Problem, otherwise: 'off' | 'failed'): Situation {
  switch (problem.kind) {
    case 'untrusted-workspace':
      return 'untrusted'
    case 'no-kubeconfig':
    case 'bad-kubeconfig':
    case 'no-context':
    case 'old-runtime':
    case 'unauthorized':
    case 'forbidden':
    case 'no-istio':
      return problem.kind
    default:
      return otherwise
  }
}

/** Whether an empty view is explained by its welcome content, so that no row has to. */
export function welcomeExplains(state: ClusterState | undefined): boolean {
  return state !== undefined && !['connected', 'stale'].includes(situation(state))
}

/** The text of the status bar item, with codicons. */
export function statusText(state: ClusterState): string {
  switch (state.kind) {
    case 'off':
      return 'Mesh: files only'
    case 'connecting':
      return `$(sync~spin) Mesh: ${withoutIcons(state.context)}`
    case 'connected':
      return state.insecure ? `$(unlock) Mesh: ${withoutIcons(state.context)} (TLS not verified)` : `Mesh: ${withoutIcons(state.context)}`
    case 'stale':
      return `$(warning) Mesh: ${withoutIcons(state.context)} (stale)`
    case 'failed':
      return `$(warning) Mesh: ${withoutIcons(state.context)} (not connected)`
    default:
      return never(state)
  }
}

/** What the status bar item explains on hover, a sentence a line. */
export function statusLines(state: ClusterState): readonly string[] {
  switch (state.kind) {
    case 'off':
      return [state.problem.message, 'Files are checked without live facts.', state.problem.remedy]
    case 'connecting':
      return [`Connecting to "${state.context}".`]
    case 'failed':
      return [state.problem.message, 'Files are checked without live facts.', state.problem.remedy]
    case 'stale':
      return [state.problem.message, `Live facts are from ${instant(state.since)}.`, state.problem.remedy, ...insecure(state)]
    case 'connected':
      return [
        `Connected to "${state.context}" (${state.server}), read-only.`,
        state.istio ? `Istio ${state.istioVersion ?? 'of unknown version'}.` : 'This cluster knows no Istio kinds.',
        ...state.gaps.map(gap => gap.problem.message),
        ...insecure(state),
      ]
    default:
      return never(state)
  }
}

function insecure(state: { readonly insecure: boolean }): readonly string[] {
  return state.insecure ? ['The kubeconfig turns TLS verification off: anyone on the way can pose as this cluster.'] : []
}

/** What stands beside the title of a view: `prod-eu · connected · Istio 1.30`. */
export function viewDescription(state: ClusterState): string {
  switch (state.kind) {
    case 'off':
      return ''
    case 'connecting':
      return `${state.context} · connecting`
    case 'connected':
      return [state.context, 'connected', ...(state.istioVersion ? [`Istio ${state.istioVersion}`] : [])].join(' · ')
    case 'stale':
      return `${state.context} · stale`
    case 'failed':
      return `${state.context} · not connected`
    default:
      return never(state)
  }
}

/** What a view says above its rows: that they are old, or incomplete. */
export function viewMessage(state: ClusterState): string | undefined {
  if (state.kind === 'stale') return `${state.problem.message} Shown as of ${instant(state.since)}.`
  if (state.kind !== 'connected' || state.gaps.length === 0) return undefined
  const [first, ...others] = state.gaps
  return others.length === 0
    ? first?.problem.message
    : `${first?.problem.message} And ${others.length} more; the status bar item names them.`
}
