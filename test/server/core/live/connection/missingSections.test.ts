// What a dump does not tell is unknown: leaving out a section may take an answer away, but never makes another one.
import { describe, expect, test } from 'vitest'
import { checkConnection } from '../../../../../server/src/core/live/connection/connection.ts'
import { endOf, podOf, readLive } from '../../../../../server/src/core/live/connection/ends.ts'
import type { End } from '../../../../../server/src/core/live/connection/question.ts'
import type { ConnectionReport } from '../../../../../server/src/core/live/connection/step.ts'
import type { Json, JsonObject } from '../../../../../server/src/core/proxy/json.ts'
import { dump, withListeners } from '../../proxy/dumps.ts'

const now = '2026-11-21T09:00:00Z'
const [frontend, checkout] = [dump('intermediate-ca/frontend-sidecar'), dump('intermediate-ca/checkout-sidecar')]
const variant = (name: string) => withListeners(checkout, dump(`policy-variants/${name}`))
const configs = ({ configs: all }: JsonObject) => all as readonly Json[]
const titleOf = (config: Json) => /envoy\.admin\.v3\.(\w+)ConfigDump/.exec(JSON.stringify(config).slice(0, 200))?.[1] ?? '?'
const without = (document: JsonObject, section: string): JsonObject => ({
  configs: configs(document).filter(config => titleOf(config) !== section),
})

function end(document: JsonObject, whole: JsonObject): End {
  const [live, all] = [document, whole].map(each => readLive(JSON.stringify(each), now))
  if (!live || !all) throw new Error('no dump')
  return endOf(live, podOf(all) ?? { namespace: 'shop', name: 'unnamed' })
}

function ask(from: End, to: End, port: number): ConnectionReport {
  return checkConnection({ from, to, port, now })
}

const failing = ({ steps }: ConnectionReport) => steps.find(({ state }) => state === 'failed')?.id ?? null
const held = /, has a certificate$/

const pairs = [
  { name: 'what works', from: frontend, to: checkout, port: 9080 },
  { name: 'what a policy refuses', from: frontend, to: checkout, port: 9090 },
  { name: 'a port that takes both', from: frontend, to: variant('permissive'), port: 9080 },
  { name: 'a port that turned mTLS off', from: frontend, to: variant('disable'), port: 9080 },
  { name: 'another CA', from: frontend, to: dump('self-signed-ca/checkout-sidecar'), port: 9080 },
  { name: 'a certificate that has not come', from: dump('intermediate-ca/workload-cert-not-arrived'), to: checkout, port: 9080 },
]
const cases = pairs.flatMap(pair => [
  ...configs(pair.from).map(config => ({ ...pair, side: 'from' as const, section: titleOf(config) })),
  ...configs(pair.to).map(config => ({ ...pair, side: 'to' as const, section: titleOf(config) })),
])

test.each(cases)('$name, without $section of $side', ({ from, to, port, side, section }) => {
  const whole = ask(end(from, from), end(to, to), port)
  const partial = { from, to, [side]: without(side === 'from' ? from : to, section) }
  const report = ask(end(partial.from, from), end(partial.to, to), port)
  // A later step may be the first that is still known to fail.
  const known = whole.steps.filter(({ state, detail }) => state === 'failed' || /^Not reached\. By itself/.test(detail)).map(({ id }) => id)
  if (whole.verdict !== 'fails') expect(report.steps.find(({ state }) => state === 'failed')).toBeUndefined()
  expect([null, ...known]).toContain(failing(report))
  if (section === 'Secrets') expect(report.steps[0]?.evidence[side === 'from' ? 0 : 1]).not.toMatch(held)
})

describe('an empty dump', () => {
  const empty: JsonObject = { configs: [] }
  const report = ask(end(empty, frontend), end(empty, checkout), 9080)

  test('fails nowhere and claims no certificate', () => {
    expect(report.verdict).toBe('unknown')
    expect(report.steps[0]).toMatchObject({
      state: 'unknown',
      evidence: [
        expect.stringMatching(/^Client .*: sidecar, what it has is not known$/),
        expect.stringMatching(/^Server .*: sidecar, what it has is not known$/),
      ],
    })
  })
})

test('the whole dump says that there is a certificate', () => {
  const { steps } = ask(end(frontend, frontend), end(checkout, checkout), 9080)
  expect(steps[0]?.evidence).toEqual([expect.stringMatching(held), expect.stringMatching(held)])
})
