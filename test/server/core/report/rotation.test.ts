import { describe, expect, test } from 'vitest'
import type { Certificate, CertificateReport } from '../../../../server/src/core/certificate/report.ts'
import { changeLines, nextReading, standingOf } from '../../../../server/src/core/report/rotation.ts'
import { leaf, report } from '../certificate/certificates.ts'

const first = leaf('shop/a', { sha256: 'one', serial: '0a' })
const second = leaf('shop/a', { sha256: 'two', serial: '0b', notBefore: '2026-11-21T18:00:00Z', notAfter: '2026-11-22T18:00:00Z' })

function moment(at: string, certificate?: Certificate, state: 'active' | 'warming' = 'active') {
  const held: CertificateReport = certificate
    ? report([certificate], undefined, 'self-signed')
    : { version: 1, source: 'envoy-config-dump', entries: [{ name: 'default', role: 'workload', state, chain: [] }], problems: [] }
  return { standing: standingOf(held), at }
}

const morning = moment('2026-11-21T08:00:00Z', first)
const late = '2026-11-21T19:00:00Z'

describe('a line', () => {
  test('when it is seen first: serial, age, next renewal, what is left', () => {
    expect(changeLines(undefined, morning)).toEqual(['serial 0a · 2 h old · renews in 10 h · 22 h left'])
  })

  test('none while nothing changes', () => {
    expect(changeLines(morning, moment('2026-11-21T09:00:00Z', first))).toEqual([])
  })

  test('when it rotates, with what was before', () => {
    expect(changeLines(morning, moment('2026-11-21T18:00:12Z', second))).toEqual([
      'rotated: new serial 0b · 12 s old · renews in 11 h 59 min · 23 h left · until 2026-11-22T18:00:00Z · before: serial 0a, until 2026-11-22T06:00:00Z',
    ])
  })

  test('when it arrives or goes', () => {
    expect(changeLines(moment('2026-11-21T08:00:00Z', undefined, 'warming'), morning)[0]).toContain('arrived: new serial 0a')
    expect(changeLines(morning, moment('2026-11-21T08:01:00Z'))[0]).toContain('is gone (serial 0a)')
  })
})

describe('one warning', () => {
  test('past the renewal point, once, and not again until it changes', () => {
    const overdue = moment(late, first)
    expect(changeLines(morning, overdue)).toEqual([
      expect.stringMatching(/^warning {2}The certificate 0a was to be renewed at 2026-11-21T18:00:00Z/),
    ])
    expect(changeLines(overdue, moment('2026-11-21T20:00:00Z', first))).toEqual([])
    expect(changeLines(overdue, moment('2026-11-22T07:00:00Z', first))).toEqual([
      expect.stringContaining('expired at 2026-11-22T06:00:00Z'),
    ])
  })

  test('stuck in warming', () => {
    const waits = moment(late, undefined, 'warming')
    expect(changeLines(undefined, waits)).toEqual([
      'no certificate: the proxy waits for it',
      expect.stringContaining('waits for its certificate'),
    ])
    expect(changeLines(waits, waits)).toEqual([])
  })
})

test.each([
  ['2026-11-21T08:00:00Z', 60_000],
  ['2026-11-21T17:59:30Z', 32_000],
  ['2026-11-21T18:00:00Z', 5_000],
])('at %s the next reading is after %d ms', (at, milliseconds) => {
  expect(nextReading(standingOf(report([first], undefined, 'self-signed')), at)).toBe(milliseconds)
})
