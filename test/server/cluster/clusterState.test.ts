import { expect, test } from 'vitest'
import { type Followed, stateOf } from '../../../server/src/cluster/clusterState.ts'
import { settleMs } from '../../../server/src/cluster/reach.ts'
import type { Failure } from '../../../server/src/cluster/transport.ts'
import { everyGroup, failed, listed, type Stood, stale, status, synced, syncing } from './support/standing.ts'

const now = Date.parse('2026-11-21T10:00:00Z')
const since = '2026-11-21T09:00:00.000Z'
const refused: Failure = { kind: 'network', detail: 'connection refused by hunter2' }

const followed = (lists: readonly Stood[], given: Partial<Followed> = {}): Followed => ({
  target: {
    context: { name: 'prod', cluster: 'prod', user: 'me', namespace: 'shop' },
    cluster: { name: 'prod', server: 'https://me:hunter2@10.0.0.1', skipTlsVerify: false },
    user: { name: 'me' },
  },
  groups: everyGroup,
  lists,
  reach: {},
  namespaces: [],
  istioVersion: undefined,
  redact: text => text.replaceAll('hunter2', '[redacted]'),
  now,
  since,
  ...given,
})

const gapsOf = (lists: readonly Stood[], given?: Partial<Followed>) => {
  const state = stateOf(followed(lists, given))
  return 'gaps' in state ? state.gaps.map(({ resource, namespace, problem }) => [resource, namespace, problem.kind]) : state.kind
}

const pods = listed('pods', synced)
const forbidden = status(403, 'pods is forbidden: User "me" cannot watch resource "pods" in API group ""')

test('connected tells where, and no password', () => {
  expect(stateOf(followed([pods], { istioVersion: '1.30' }))).toEqual({
    kind: 'connected',
    context: 'prod',
    server: 'https://10.0.0.1',
    istio: true,
    istioVersion: '1.30',
    insecure: false,
    gaps: [],
  })
})

test.for<[string, readonly Stood[], Partial<Followed>, object]>([
  ['out of reach with something held', [listed('pods', stale(refused))], { reach: { lost: refused } }, { kind: 'stale', since }],
  ['out of reach with nothing held', [listed('pods', failed(refused))], { reach: { lost: refused } }, { kind: 'failed', context: 'prod' }],
  ['no list answered', [listed('pods', syncing)], {}, { kind: 'failed', problem: { detail: 'no list was answered for 20 s' } }],
  ['one list is still missing', [pods, listed('services', syncing)], {}, { kind: 'connected' }],
  ['nothing may be listed', [listed('pods', failed(forbidden))], {}, { kind: 'failed', problem: { kind: 'forbidden', namespace: 'shop' } }],
  ['nothing of what was chosen', [listed('pods', failed(forbidden))], { namespaces: ['bank'] }, { problem: { namespace: 'bank' } }],
  [
    'a reason is redacted',
    [listed('pods', failed(refused))],
    { reach: { lost: refused } },
    { problem: { detail: expect.not.stringContaining('hunter2') } },
  ],
])('%s', ([, lists, given, expected]) => {
  expect(stateOf(followed(lists, given))).toMatchObject(expected)
})

const services = (failingSince: number, failure: Failure = refused) => listed('services', stale(failure), { failingSince })

test.for<[string, readonly Stood[], ReturnType<typeof gapsOf>]>([
  ['a list that may not be read', [pods, listed('services', failed(status(403)))], [['services', undefined, 'forbidden']]],
  ['that of one namespace', [pods, listed('services', failed(status(403)), { namespace: 'shop' })], [['services', 'shop', 'forbidden']]],
  [
    'a namespace is within itself',
    [pods, listed('namespaces', failed(status(403)), { name: 'shop' })],
    [['namespaces', 'shop', 'forbidden']],
  ],
  ['a list that has just broken is none', [pods, services(now - settleMs + 1)], []],
  ['one that stays broken is', [pods, services(now - settleMs)], [['services', undefined, 'unreachable']]],
  ['a kind that the server does not have is none', [pods, listed('wasmplugins', failed(status(404)))], []],
])('gaps: %s', ([, lists, expected]) => {
  expect(gapsOf(lists)).toEqual(expected)
})

test('while the whole cluster is out of reach, what is merely old is no gap of its own', () => {
  expect(gapsOf([services(now - settleMs)], { reach: { lost: refused } })).toEqual([])
})

test('the verb of a refusal is the one that the server names', () => {
  const state = stateOf(followed([listed('services', synced), listed('pods', failed(forbidden))]))
  expect(state).toMatchObject({ gaps: [{ problem: { kind: 'forbidden', verb: 'watch' } }] })
})
