// The tree is told just what is other than before, by the elements that it knows.
import { beforeEach, describe, expect, test } from 'vitest'
import { KnownRows } from '../../../client/src/views/workloads/knownRows.ts'
import type { WorkloadsRow } from '../../../client/src/views/workloads/rows.ts'

const group = (name: string, description = ''): WorkloadsRow => ({
  kind: 'group',
  context: 'prod',
  id: `group/mode/${name}`,
  name,
  workloads: 1,
  description,
})
const [a, b, c] = [group('a'), group('b'), group('c')]

let known: KnownRows

beforeEach(() => {
  known = new KnownRows()
  known.take(undefined, [a, b])
})

describe('children that are read again', () => {
  test('are nothing to tell where all is as before', () => {
    expect(known.take(undefined, [group('a'), group('b')])).toBeUndefined()
  })

  test('are told one by one where only they changed, by the elements that are shown', () => {
    const change = known.take(undefined, [group('a', 'new'), group('b')])
    expect(change).toEqual({ kind: 'rows', rows: [a] })
    expect(change?.kind === 'rows' && change.rows[0]).toBe(a)
    expect(known.current(a)).toEqual(group('a', 'new'))
    expect(known.children(undefined)).toEqual([a, b])
  })

  test.each([
    ['one comes', [a, b, c]],
    ['one goes', [a]],
    ['they change places', [b, a]],
    ['all go', []],
  ])('are told together where %s', (_, rows) => {
    expect(known.take(undefined, rows)).toEqual({ kind: 'below', row: undefined })
    expect(known.children(undefined)).toEqual(rows)
  })

  test('a row is told as the parent of others', () => {
    known.take(a, [c])
    expect(known.take(a, [])).toEqual({ kind: 'below', row: a })
  })
})

describe('what is open', () => {
  test('is what was read, until it is closed or goes', () => {
    known.take(a, [c])
    expect(known.open).toEqual([undefined, a])
    known.close(a)
    expect([known.open, known.isOpen(a), known.children(a)]).toEqual([[undefined], false, []])
    known.take(a, [c])
    known.take(undefined, [b])
    expect(known.open).toEqual([undefined])
  })

  test('closes with what lies above it', () => {
    known.take(a, [c])
    known.take(c, [group('d')])
    known.close(a)
    expect(known.open).toEqual([undefined])
  })
})

test('a row knows its parent, also where it was not shown yet', () => {
  const d = group('d')
  expect(known.lead([a, c, d])).toBe(d)
  expect([known.parentOf(d), known.parentOf(c), known.parentOf(a)]).toEqual([c, a, undefined])
})

test('a row that leads somewhere is the element that is shown', () => {
  expect(known.lead([group('a', 'newer')])).toBe(a)
})

test('rows of two clusters with one name are two', () => {
  const other: WorkloadsRow = { ...group('a'), context: 'test' } as WorkloadsRow
  known.take(undefined, [a, other])
  known.take(a, [c])
  expect(known.isOpen(other)).toBe(false)
})
