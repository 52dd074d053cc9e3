import { expect, test } from 'vitest'
import { gatherKinds } from '../../../server/src/cluster/gatherKinds.ts'
import { VirtualClock } from './support/virtualClock.ts'

function gathering() {
  const clock = new VirtualClock()
  const start = clock.now()
  const told: (readonly [number, readonly string[]])[] = []
  const changes = gatherKinds(clock, kinds => told.push([clock.now() - start, kinds]))
  return { clock, told, changes }
}

test('what changes within a moment is one message, with each kind once', async () => {
  const { clock, told, changes } = gathering()
  changes.note('Pod')
  await clock.pass(50)
  changes.note('Service')
  changes.note('Pod')
  await clock.pass(1_000)
  expect(told).toEqual([[100, ['Pod', 'Service']]])
})

test('where something changes all the time, twice a second', async () => {
  const { clock, told, changes } = gathering()
  for (let passed = 0; passed < 2_000; passed += 10) {
    changes.note('Pod')
    await clock.pass(10)
  }
  expect(told.map(([time]) => time)).toEqual([100, 600, 1_100, 1_600])
})

test('a change of what is known alone is told without a kind', async () => {
  const { clock, told, changes } = gathering()
  changes.note()
  await clock.pass(1_000)
  expect(told).toEqual([[100, []]])
})

test('what is cancelled is never told, and leaves no timer', async () => {
  const { clock, told, changes } = gathering()
  changes.note('Pod')
  changes.cancel()
  expect(clock.waiting).toBe(0)
  await clock.pass(1_000)
  expect(told).toEqual([])
})
