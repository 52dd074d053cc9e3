import { expect, test } from 'vitest'
import {
  certificateState,
  duration,
  exactDuration,
  lifetimeState,
  renewalAt,
  renewalDue,
  timeLeft,
} from '../../../../server/src/core/certificate/lifetime.ts'
import type { Certificate, CertificateEntry, CertificateReport } from '../../../../server/src/core/certificate/report.ts'
import { partialCertificate } from '../../../../server/src/core/proxy/secret.ts'

const dayLong = { notBefore: '2026-11-21T06:10:00Z', notAfter: '2026-11-22T06:12:00Z' }

test.each([
  ['2026-11-21T19:12:00Z', '11 h left'],
  ['2026-11-22T06:00:00Z', '12 min left'],
  ['2026-11-22T06:11:15Z', '45 s left'],
  ['2026-11-22T06:12:00Z', '0 s left'],
  ['2026-11-22T09:12:00Z', 'expired 3 h ago'],
  ['2026-11-29T06:12:00Z', 'expired 7 days ago'],
  ['2017-11-22T06:12:00Z', '9 years left'],
  ['2026-11-20T06:12:01Z', '47 h left'],
])('at %s a certificate until 06:12 says "%s"', (now, words) => {
  expect(timeLeft(dayLong.notAfter, now)).toBe(words)
})

test('what people wait for is said to the minute, within two days', () => {
  const minute = 60_000
  expect(exactDuration(312 * minute)).toBe('5 h 12 min')
  expect(exactDuration(300 * minute)).toBe('5 h')
  expect(exactDuration(59 * minute)).toBe('59 min')
  expect(exactDuration(3 * 24 * 60 * minute + minute)).toBe('3 days')
  expect(duration(0)).toBe('0 s')
})

test('both ends belong to the validity', () => {
  expect(lifetimeState(dayLong, dayLong.notBefore)).toBe('valid')
  expect(lifetimeState(dayLong, dayLong.notAfter)).toBe('valid')
  expect(lifetimeState(dayLong, '2026-11-21T06:09:59Z')).toBe('not-yet-valid')
  expect(lifetimeState(dayLong, '2026-11-22T06:12:01Z')).toBe('expired')
})

test('Istio renews at half of the life, give or take one hundredth', () => {
  expect(renewalAt(dayLong)).toBe('2026-11-21T18:11:00Z')
  expect(renewalDue(dayLong, '2026-11-21T18:20:00Z')).toBe(false)
  expect(renewalDue(dayLong, '2026-11-21T18:30:00Z')).toBe(true)
})

test.each([
  ['2026-11-21T12:00:00Z', 'valid'],
  ['2026-11-21T20:00:00Z', 'renewal-due'],
  ['2026-11-22T07:00:00Z', 'expired'],
  ['2026-11-20T12:00:00Z', 'not-yet-valid'],
] as const)('at %s the workload certificate of a proxy is %s', (now, state) => {
  expect(certificateState(report('ztunnel', entry('active', [leaf])), now)).toEqual({ state, notAfter: dayLong.notAfter })
})

test('a file is not renewed, so it is never due', () => {
  expect(certificateState(report('pem', entry('active', [leaf])), '2026-11-21T20:00:00Z').state).toBe('valid')
})

test('without a certificate the state says why', () => {
  const now = '2026-11-21T12:00:00Z'
  expect(certificateState(report('ztunnel', entry('warming', [])), now)).toEqual({ state: 'warming' })
  expect(certificateState(report('ztunnel', entry('missing', [])), now)).toEqual({ state: 'unreadable' })
  expect(certificateState(report('ztunnel'), now)).toEqual({ state: 'unreadable' })
})

const leaf = partialCertificate({ serial: '01', san: [], ...dayLong }) as Certificate

function entry(state: CertificateEntry['state'], chain: readonly Certificate[]): CertificateEntry {
  return { name: 'default', role: 'workload', state, chain }
}

function report(source: CertificateReport['source'], ...entries: readonly CertificateEntry[]): CertificateReport {
  return { version: 1, source, entries, problems: [] }
}
