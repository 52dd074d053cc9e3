import { expect, test } from 'vitest'
import { validity } from '../../../../client/src/pages/certificate/validity.ts'

const day = { notBefore: '2026-11-21T06:00:00Z', notAfter: '2026-11-22T06:00:00Z' }

test.each([
  ['2026-11-21T05:00:00Z', 'error', 'not valid yet · starts in 1 h', 0],
  ['2026-11-21T06:00:00Z', 'ok', 'valid · renews in 12 h', 0],
  ['2026-11-21T12:48:00Z', 'ok', 'valid · renews in 5 h 12 min', 28.33],
  ['2026-11-21T18:05:00Z', 'ok', 'valid · renews now', 50.35],
  ['2026-11-21T20:00:00Z', 'warning', 'valid · 10 h left · renewal overdue by 2 h', 58.33],
  ['2026-11-22T06:00:00Z', 'warning', 'valid · 0 s left · renewal overdue by 12 h', 100],
  ['2026-11-22T09:00:00Z', 'error', 'expired 3 h ago', 100],
] as const)('a workload certificate at %s is %s: %s', (now, standing, headline, percent) => {
  const life = validity(day, true, now)
  expect(life).toMatchObject({ standing, headline })
  expect(life.nowPercent).toBeCloseTo(percent, 1)
})

test('what Istio does not renew has no renewal', () => {
  const life = validity(day, false, '2026-11-21T20:00:00Z')
  expect(life).toEqual({ standing: 'ok', headline: 'valid · 10 h left', nowPercent: expect.closeTo(58.33, 1) })
})

test('a validity without length or backwards gives a bar all the same', () => {
  const backwards = { notBefore: day.notAfter, notAfter: day.notBefore }
  expect(validity(backwards, true, '2026-11-23T00:00:00Z').nowPercent).toBe(100)
  expect(validity({ notBefore: day.notBefore, notAfter: day.notBefore }, true, day.notBefore).nowPercent).toBe(0)
})
