import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Reach, reachAfter, settleMs } from '../../../server/src/cluster/reach.ts'
import type { ReflectorState } from '../../../server/src/cluster/reflector.ts'
import type { Failure } from '../../../server/src/cluster/transport.ts'
import { failed, stale, status, synced } from './support/standing.ts'

const refused: Failure = { kind: 'network', detail: 'connection refused' }

test.for<[string, readonly ReflectorState[], Failure | undefined]>([
  ['all work', [synced, synced], undefined],
  ['one has a network of its own', [synced, stale(refused)], undefined],
  ['one has a broken webhook', [synced, failed(status(500))], undefined],
  ['all are refused to this account', [failed(status(403)), failed(status(403))], undefined],
  ['all that may be read fail', [failed(status(403)), stale(refused), stale(status(503))], refused],
  ['all were told to wait', [stale(status(429)), stale(status(429))], status(429)],
  ['all expired at once', [stale(status(410)), stale(status(410))], undefined],
  ['none was answered yet', [{ kind: 'syncing' }, { kind: 'syncing' }], undefined],
  ['one failed before any was answered', [{ kind: 'syncing' }, failed(refused)], refused],
  ['one was told to sign in again', [synced, stale(status(401))], status(401)],
])('%s', ([, lists, lost]) => {
  expect(reachAfter({}, lists, undefined, 0).lost).toEqual(lost)
})

test('a server that does not answer when asked is lost, whatever the lists still believe', () => {
  expect(reachAfter({}, [synced, synced, stale(refused)], refused, 0)).toEqual({ lost: refused })
})

test('the reason that was told stays while it is one of the reasons', () => {
  const before: Reach = { lost: status(503) }
  expect(reachAfter(before, [stale(refused), stale(status(503))], undefined, 0)).toEqual(before)
})

const state = fc.constantFrom<ReflectorState>(
  synced,
  stale(refused),
  failed(refused),
  stale(status(503)),
  failed(status(403)),
  stale(status(410)),
)

test('no single list makes a cluster come or go: lost only when none works, found when all do or some have for a while', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), state, fc.constantFrom(0, 1_000, settleMs)), { maxLength: 40 }), story => {
      const lists: ReflectorState[] = [synced, synced, synced, synced]
      let reach: Reach = {}
      let now = 0
      let anyWorksSince: number | undefined = 0
      for (const [which, becomes, passed] of story) {
        now += passed
        lists[which] = becomes
        const before = reach
        reach = reachAfter(before, lists, undefined, now)
        const works = lists.some(({ kind }) => kind === 'synced')
        anyWorksSince = works ? (anyWorksSince ?? now) : undefined
        if (!before.lost && reach.lost) expect(works).toBe(false)
        if (before.lost && !reach.lost) {
          const stillFailing = lists.some(
            each => 'failure' in each && !['403', '410'].includes(String('code' in each.failure && each.failure.code)),
          )
          if (stillFailing) expect(now - (anyWorksSince ?? now)).toBeGreaterThanOrEqual(settleMs)
        }
      }
    }),
  )
})
