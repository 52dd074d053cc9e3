// Whatever is pasted: no text throws, and time grows with its length only.
import { describe, expect, test } from 'vitest'
import { explain } from '../../../../server/src/core/explain/explain.ts'
import { explainText } from '../../../../server/src/core/report/explain.ts'
import { explainReport } from '../../../../server/src/core/report/explainReport.ts'
import { sidecars } from './meshes.ts'

/** Pieces that mean something to one reader or another. */
const pieces = [
  '[2026-11-09T08:05:55.932Z] "',
  'GET /x HTTP/1.1" 403 - ',
  '- - -" 0 NR ',
  'rbac_access_denied_matched_policy[',
  'ns[shop]-policy[no-admin]-rule[0]',
  'istio-ext-authz-',
  ']',
  'jwt_authn_access_denied{',
  '}',
  '{',
  '"',
  '\\"',
  "'",
  ':authority',
  'checking request: ',
  'headers: ',
  "', '",
  'enforced denied, matched policy ',
  'shadow denied',
  'policy="',
  'deny policy match',
  'error="',
  'src.addr=',
  'dst.hbone_addr=10.0.0.20:8080 ',
  'explicitly denied by: ',
  'TLS_error:|',
  'OPENSSL_internal:',
  'delayed_connect_error:',
  'upstream connect error',
  'inbound|8080|| ',
  '10.0.0.20:8080 ',
  '::::',
  '[pod/checkout-1/istio-proxy] ',
  '__proto__=',
  '{"response_code":',
  '403,"path":{}}',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\u202e',
  '\ud800',
  '9'.repeat(30),
]

/** The same numbers on every run. */
function* numbers(seed: number): Generator<number> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

describe('pieces in any order', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))('seed %i', seed => {
    const random = numbers(seed + 1)
    const next = () => random.next().value ?? 0
    for (let round = 0; round < 100; round++) {
      const text = Array.from({ length: Math.ceil(next() * 40) }, () => pieces[Math.floor(next() * pieces.length)]).join('')
      const explained = explain(text, sidecars)
      expect(explained.explanations.length).toBeGreaterThan(0)
      for (const { count, happened } of explained.explanations) {
        expect(happened).not.toBe('')
        expect(count).toBeGreaterThanOrEqual(0)
      }
      expect(explainText(explained, { locate: () => undefined, color: false })).toMatch(/\n$/)
      expect(JSON.parse(JSON.stringify(explainReport(explained, () => undefined)))).toMatchObject({ version: 1 })
    }
  })
})

/** The shortest of three runs, since a busy machine only ever makes one longer. */
function milliseconds(text: string): number {
  const runs = [0, 1, 2].map(() => {
    const start = performance.now()
    explain(text, sidecars)
    return performance.now() - start
  })
  return Math.min(...runs)
}

describe('four times the text takes about four times as long', () => {
  const many = pieces.filter(piece => piece.trim() !== '')
  test.each(many)('%j on one line and on many', piece => {
    for (const joint of ['', ' ', '\n']) {
      const text = (times: number) => Array.from({ length: times }, () => piece).join(joint)
      const small = milliseconds(text(1000))
      const large = milliseconds(text(4000))
      // Below this nobody waits, and what is measured is noise.
      if (large > 60) expect(large / small).toBeLessThan(10)
    }
  })
})
