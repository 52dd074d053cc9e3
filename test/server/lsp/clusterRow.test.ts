import { expect, test } from 'vitest'
import { explainProblem } from '../../../server/src/core/report/problem.ts'
import { clusterRow } from '../../../server/src/lsp/clusterRow.ts'
import type { ClusterProblem, ClusterState, ConnectedCluster } from '../../../server/src/protocol.ts'

const cluster: ConnectedCluster = {
  context: 'prod',
  server: 'https://10.0.0.1',
  istioVersion: '1.30',
  istio: true,
  gaps: [],
  insecure: false,
}
const refused = explainProblem({ kind: 'forbidden', verb: 'list', resource: 'pods' })
const failed = (problem: ClusterProblem): ClusterState => ({ kind: 'failed', context: 'prod', problem: explainProblem(problem) })

test.for<[state: ClusterState, description: string]>([
  [{ kind: 'connecting', context: 'prod' }, 'for files · connecting'],
  [{ kind: 'connecting', context: 'prod', step: 'signing-in' }, 'for files · waiting for sign-in'],
  [{ kind: 'connected', ...cluster }, 'for files · connected · Istio 1.30'],
  [{ kind: 'connected', ...cluster, insecure: true }, 'for files · TLS not verified · connected · Istio 1.30'],
  [{ kind: 'connected', ...cluster, gaps: [{ resource: 'pods', problem: refused }] }, 'for files · connected · Istio 1.30 · incomplete'],
  [{ kind: 'connected', ...cluster, istio: false }, 'for files · connected · no Istio'],
  [{ kind: 'stale', ...cluster, since: '2026-11-21T14:02:00Z', problem: refused }, 'for files · stale · Istio 1.30'],
  [failed({ kind: 'unreachable', context: 'prod', detail: 'refused' }), 'for files · not connected'],
  [failed({ kind: 'unauthorized', context: 'prod', detail: '401' }), 'for files · sign in again'],
  [failed({ kind: 'program-refused', context: 'prod', command: 'aws' }), 'for files · not allowed'],
])('%o is told as "%s"', ([state, description]) => {
  const open = { context: 'prod', choice: { context: 'prod' }, state, namespaces: [] }
  expect(clusterRow(open, true).description).toBe(description)
  expect(clusterRow(open, false).description).toBe(description.replace('for files · ', ''))
  expect(clusterRow(open, true, [], true).description).toBe(description.replace('for files · ', ''))
})
