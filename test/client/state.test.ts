import { describe, expect, test } from 'vitest'
import { situation, statusLines, statusText, viewDescription, viewMessage } from '../../client/src/state.ts'
import type { ClusterProblem, ClusterState, ConnectedCluster, Problem } from '../../server/src/protocol.ts'

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
  connected: { kind: 'connected', ...cluster },
  insecure: { kind: 'connected', ...cluster, insecure: true },
  foreign: { kind: 'connected', ...cluster, istio: false },
  stale: { kind: 'stale', ...cluster, since: '2026-11-21T14:02:00Z', problem: unreachable },
  failed: { kind: 'failed', context: 'prod-eu', problem: unreachable },
  unauthorized: { kind: 'failed', context: 'prod-eu', problem: problem({ kind: 'unauthorized', context: 'prod-eu', detail: '401' }) },
} as const satisfies Record<string, ClusterState>

test.each([
  ['off', 'off', 'Mesh: files only', ''],
  ['untrusted', 'untrusted', 'Mesh: files only', ''],
  ['connecting', 'connecting', '$(sync~spin) Mesh: prod-eu', 'prod-eu · connecting'],
  ['connected', 'connected', 'Mesh: prod-eu', 'prod-eu · connected · Istio 1.30'],
  ['insecure', 'connected', '$(unlock) Mesh: prod-eu (TLS not verified)', 'prod-eu · connected · Istio 1.30'],
  ['foreign', 'no-istio', 'Mesh: prod-eu', 'prod-eu · connected · Istio 1.30'],
  ['stale', 'stale', '$(warning) Mesh: prod-eu (stale)', 'prod-eu · stale'],
  ['failed', 'failed', '$(warning) Mesh: prod-eu (not connected)', 'prod-eu · not connected'],
  ['unauthorized', 'unauthorized', '$(warning) Mesh: prod-eu (not connected)', 'prod-eu · not connected'],
] as const)('%s is the situation "%s", in the status bar "%s", beside the views "%s"', (name, cause, status, description) => {
  expect(situation(states[name])).toBe(cause)
  expect(statusText(states[name])).toBe(status)
  expect(viewDescription(states[name])).toBe(description)
})

test('a context named like an icon draws none', () => {
  expect(statusText({ kind: 'connecting', context: '$(check) prod' })).toBe('$(sync~spin) Mesh: $ (check) prod')
})

describe('what is missing is said', () => {
  test('stale facts carry their time', () => {
    expect(viewMessage(states.stale)).toBe('What happened: unreachable. Shown as of 2026-11-21 14:02:00 UTC.')
    expect(statusLines(states.stale)).toContain('Live facts are from 2026-11-21 14:02:00 UTC.')
  })

  test('a gap is named, several are counted', () => {
    const gap = (namespace: string) => ({
      resource: 'pods',
      namespace,
      problem: { ...problem({ kind: 'forbidden', verb: 'list', resource: 'pods', namespace }), message: `No pods of "${namespace}".` },
    })
    expect(viewMessage(states.connected)).toBeUndefined()
    expect(viewMessage({ ...states.connected, gaps: [gap('billing')] })).toBe('No pods of "billing".')
    const two = { ...states.connected, gaps: [gap('billing'), gap('bank')] }
    expect(viewMessage(two)).toBe('No pods of "billing". And 1 more; the status bar item names them.')
    expect(statusLines(two)).toContain('No pods of "bank".')
  })

  test('a connection whose TLS is not verified says so', () => {
    expect(statusLines(states.insecure).at(-1)).toMatch(/TLS verification off/)
  })
})
