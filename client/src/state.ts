// The connection to the cluster in words: for the status bar, the titles of the views and the welcome views. Pure.
import type { ClusterState, Clusters, ConnectingStep, Problem } from '../../server/src/protocol.ts'
import { never } from './never.ts'
import { withoutIcons } from './text.ts'
import { instant, timeOfDay } from './time.ts'

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
  | 'program-refused'
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
    case 'program-refused':
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

const steps: Readonly<Record<ConnectingStep, { readonly short: string; readonly long: string }>> = {
  asking: { short: 'waiting for your answer', long: 'Its credential program runs once you allow it.' },
  'signing-in': { short: 'waiting for sign-in', long: 'Its credential program is running.' },
  listing: { short: 'listing', long: 'What is in the cluster is being listed.' },
}

/** The text of the status bar item, with codicons. `others`: how many more clusters are open. */
export function statusText(state: ClusterState, others = 0): string {
  return `${ownText(state)}${others > 0 ? ` +${others}` : ''}`
}

function ownText(state: ClusterState): string {
  switch (state.kind) {
    case 'off':
      return 'Mesh: files only'
    case 'connecting':
      return `$(sync~spin) Mesh: ${withoutIcons(state.context)} (${state.step ? steps[state.step].short : 'connecting'})`
    case 'connected':
      return state.insecure ? `$(unlock) Mesh: ${withoutIcons(state.context)} (TLS not verified)` : `Mesh: ${withoutIcons(state.context)}`
    case 'stale':
      return `$(warning) Mesh: ${withoutIcons(state.context)} (stale since ${timeOfDay(state.since)})`
    case 'failed':
      return `$(warning) Mesh: ${withoutIcons(state.context)} (${failureWords(state.problem)})`
    default:
      return never(state)
  }
}

function failureWords({ kind }: Problem): string {
  if (kind === 'unauthorized') return 'sign in again'
  return kind === 'forbidden' || kind === 'program-refused' ? 'not allowed' : 'not connected'
}

/** What the status bar item explains on hover, a sentence a line. */
export function statusLines(state: ClusterState): readonly string[] {
  switch (state.kind) {
    case 'off':
      return [state.problem.message, 'Files are checked without live facts.', state.problem.remedy]
    case 'connecting':
      return [`Connecting to "${state.context}".`, ...(state.step ? [steps[state.step].long] : [])]
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

/** Anyone on the way can pose as the cluster. */
export function isUnsafe(state: ClusterState): boolean {
  return 'insecure' in state && state.insecure
}

function insecure(state: { readonly insecure: boolean }): readonly string[] {
  return state.insecure ? ['The kubeconfig turns TLS verification off: anyone on the way can pose as this cluster.'] : []
}

/** The clusters that are open besides, a sentence; none where there is none. */
export function othersLines({ open, judging }: Clusters): readonly string[] {
  const others = open.filter(({ context }) => context !== judging).map(({ context }) => `"${context}"`)
  return others.length > 0 ? [`Also open: ${others.join(', ')}.`] : []
}

/** What stands beside the title of a view while no row says it: `prod-eu · connecting`. */
export function viewDescription({ state, open }: Clusters): string {
  if (open.length > 1) return ''
  switch (state.kind) {
    case 'off':
    case 'connected':
    case 'stale':
      return ''
    case 'connecting':
      return `${state.context} · ${state.step ? steps[state.step].short : 'connecting'}`
    case 'failed':
      return `${state.context} · ${failureWords(state.problem)}`
    default:
      return never(state)
  }
}

/** What a view says above its rows: that they are old, or incomplete. Of several clusters each row says it of its own. */
export function viewMessage({ state, open }: Clusters): string | undefined {
  if (open.length > 1) return undefined
  if (state.kind === 'stale') return `${state.problem.message} Shown as of ${instant(state.since)}.`
  if (state.kind !== 'connected' || state.gaps.length === 0) return undefined
  const [first, ...others] = state.gaps
  return others.length === 0
    ? first?.problem.message
    : `${first?.problem.message} And ${others.length} more; the row of the cluster names them.`
}
