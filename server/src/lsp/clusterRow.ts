// An open cluster as a row of a tree: its state in a line.
import { never } from '../core/istio/values/principal.ts'
import type { ClusterRow, ClusterState, ConnectedCluster, ConnectingStep, OpenCluster, Problem } from '../protocol.ts'

/** `alone`: it is the only one, so nobody asks which one is used for files. */
export function clusterRow({ context, state }: OpenCluster, judging: boolean, facts: readonly string[] = [], alone = false): ClusterRow {
  const insecure = (state.kind === 'connected' || state.kind === 'stale') && state.insecure
  return {
    kind: 'cluster',
    id: `cluster/${context}`,
    name: context,
    context,
    state,
    judging,
    description: [...(judging && !alone ? ['for files'] : []), ...(insecure ? ['TLS not verified'] : []), ...words(state)].join(' · '),
    ...(facts.length > 0 ? { facts } : {}),
  }
}

const steps: Readonly<Record<ConnectingStep, string>> = {
  asking: 'waiting for your answer',
  'signing-in': 'waiting for sign-in',
  listing: 'listing',
}

const failures: { readonly [K in Problem['kind']]?: string } = {
  unauthorized: 'sign in again',
  forbidden: 'not allowed',
  'program-refused': 'not allowed',
}

function words(state: ClusterState): readonly string[] {
  switch (state.kind) {
    case 'off':
      return ['not connected']
    case 'connecting':
      return [state.step === undefined ? 'connecting' : steps[state.step]]
    case 'failed':
      return [failures[state.problem.kind] ?? 'not connected']
    case 'stale':
      return ['stale', ...version(state.istioVersion), ...missing(state.gaps)]
    case 'connected':
      return ['connected', ...(state.istio ? version(state.istioVersion) : ['no Istio']), ...missing(state.gaps)]
    default:
      return never(state)
  }
}

/** Which ones the tooltip tells. */
function missing({ length }: ConnectedCluster['gaps']): readonly string[] {
  return length > 0 ? ['incomplete'] : []
}

function version(istio: string | undefined): readonly string[] {
  return istio === undefined ? [] : [`Istio ${istio}`]
}
