import { describe, expect, test } from 'vitest'
import { othersLines, situation, statusLines, statusText, viewDescription, viewMessage } from '../../client/src/state.ts'
import { timeOfDay } from '../../client/src/time.ts'
import type { ClusterProblem, ClusterState, Clusters, ConnectedCluster, OpenCluster, Problem } from '../../server/src/protocol.ts'

const cluster: ConnectedCluster = {
  context: 'prod-eu',
  server: 'https://10.0.0.1',
  istioVersion: '1.30',
  istio: true,
  gaps: [],
  insecure: false,
}

function problem(what: ClusterProblem): Problem {
  return { ...what, message: `What happened: ${what.kind}.`, remedy: 'What to do.' }
}

const unreachable = problem({ kind: 'unreachable', context: 'prod-eu', detail: 'timed out after 5 s' })
const states = {
  off: { kind: 'off', problem: problem({ kind: 'not-connected' }) },
  untrusted: { kind: 'off', problem: problem({ kind: 'untrusted-workspace' }) },
  connecting: { kind: 'connecting', context: 'prod-eu' },
  asking: { kind: 'connecting', context: 'prod-eu', step: 'asking' },
  signingIn: { kind: 'connecting', context: 'prod-eu', step: 'signing-in' },
  listing: { kind: 'connecting', context: 'prod-eu', step: 'listing' },
  connected: { kind: 'connected', ...cluster },
  insecure: { kind: 'connected', ...cluster, insecure: true },
  foreign: { kind: 'connected', ...cluster, istio: false },
  stale: { kind: 'stale', ...cluster, since: '2026-11-21T14:02:00Z', problem: unreachable },
  failed: { kind: 'failed', context: 'prod-eu', problem: unreachable },
  unauthorized: { kind: 'failed', context: 'prod-eu', problem: problem({ kind: 'unauthorized', context: 'prod-eu', detail: '401' }) },
  forbidden: {
    kind: 'failed',
    context: 'prod-eu',
    problem: problem({ kind: 'forbidden', verb: 'list', resource: 'pods', namespace: 'shop' }),
  },
  refused: { kind: 'failed', context: 'prod-eu', problem: problem({ kind: 'program-refused', context: 'prod-eu', command: 'aws' }) },
} as const satisfies Record<string, ClusterState>

const opened = (context: string, state: ClusterState): OpenCluster => ({ context, choice: { context }, state, namespaces: [] })
const alone = (state: ClusterState): Clusters => ({ open: [opened('prod-eu', state)], judging: 'prod-eu', state })

test.each([
  ['off', 'off', 'Mesh: files only', ''],
  ['untrusted', 'untrusted', 'Mesh: files only', ''],
  ['connecting', 'connecting', '$(sync~spin) Mesh: prod-eu (connecting)', 'prod-eu · connecting'],
  ['asking', 'connecting', '$(sync~spin) Mesh: prod-eu (waiting for your answer)', 'prod-eu · waiting for your answer'],
  ['signingIn', 'connecting', '$(sync~spin) Mesh: prod-eu (waiting for sign-in)', 'prod-eu · waiting for sign-in'],
  ['listing', 'connecting', '$(sync~spin) Mesh: prod-eu (listing)', 'prod-eu · listing'],
  ['connected', 'connected', 'Mesh: prod-eu', ''],
  ['insecure', 'connected', '$(unlock) Mesh: prod-eu (TLS not verified)', ''],
  ['foreign', 'no-istio', 'Mesh: prod-eu', ''],
  ['stale', 'stale', `$(warning) Mesh: prod-eu (stale since ${timeOfDay('2026-11-21T14:02:00Z')})`, ''],
  ['failed', 'failed', '$(warning) Mesh: prod-eu (not connected)', 'prod-eu · not connected'],
  ['unauthorized', 'unauthorized', '$(warning) Mesh: prod-eu (sign in again)', 'prod-eu · sign in again'],
  ['forbidden', 'forbidden', '$(warning) Mesh: prod-eu (not allowed)', 'prod-eu · not allowed'],
  ['refused', 'program-refused', '$(warning) Mesh: prod-eu (not allowed)', 'prod-eu · not allowed'],
] as const)('%s is the situation "%s", in the status bar "%s", beside the views "%s"', (name, cause, status, description) => {
  expect(situation(states[name])).toBe(cause)
  expect(statusText(states[name])).toBe(status)
  expect(viewDescription(alone(states[name]))).toBe(description)
})

test('the clusters that are open besides are counted, and named', () => {
  const open = ['prod-eu', 'stage', 'dev'].map(context => opened(context, states.connected))
  expect(statusText(states.connected, 2)).toBe('Mesh: prod-eu +2')
  expect(othersLines({ open, judging: 'prod-eu', state: states.connected })).toEqual(['Also open: "stage", "dev".'])
  expect(othersLines({ open: open.slice(0, 1), judging: 'prod-eu', state: states.connected })).toEqual([])
})

test('a context named like an icon draws none', () => {
  expect(statusText({ kind: 'connecting', context: '$(check) prod' })).toBe('$(sync~spin) Mesh: $ (check) prod (connecting)')
})

test('where several are open, their rows say what is old or missing', () => {
  const open = [opened('prod-eu', states.connected), opened('stage', states.stale)]
  for (const state of [states.stale, states.connecting]) {
    const clusters: Clusters = { open, judging: 'prod-eu', state }
    expect([viewMessage(clusters), viewDescription(clusters)]).toEqual([undefined, ''])
  }
})

describe('what is missing is said', () => {
  test('stale facts carry their time', () => {
    expect(viewMessage(alone(states.stale))).toBe('What happened: unreachable. Shown as of 2026-11-21 14:02:00 UTC.')
    expect(statusLines(states.stale)).toContain('Live facts are from 2026-11-21 14:02:00 UTC.')
  })

  test('a gap is named, several are counted', () => {
    const gap = (namespace: string) => ({
      resource: 'pods',
      namespace,
      problem: { ...problem({ kind: 'forbidden', verb: 'list', resource: 'pods', namespace }), message: `No pods of "${namespace}".` },
    })
    expect(viewMessage(alone(states.connected))).toBeUndefined()
    expect(viewMessage(alone({ ...states.connected, gaps: [gap('billing')] }))).toBe('No pods of "billing".')
    const two = { ...states.connected, gaps: [gap('billing'), gap('bank')] }
    expect(viewMessage(alone(two))).toBe('No pods of "billing". And 1 more; the row of the cluster names them.')
    expect(statusLines(two)).toContain('No pods of "bank".')
  })

  test('a connection whose TLS is not verified says so', () => {
    expect(statusLines(states.insecure).at(-1)).toMatch(/TLS verification off/)
  })
})
