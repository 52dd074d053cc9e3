// Dumps that somebody damaged: an answer of eight steps, never an exception, and no time to speak of.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkConnection } from '../../../../../server/src/core/live/connection/connection.ts'
import { endOf, readLive } from '../../../../../server/src/core/live/connection/ends.ts'
import { stepIds } from '../../../../../server/src/core/live/connection/step.ts'
import type { Json, JsonObject } from '../../../../../server/src/core/proxy/json.ts'
import { dump, objectsIn } from '../../proxy/dumps.ts'

const now = '2026-11-21T09:00:00Z'
const [frontend, checkout] = [dump('intermediate-ca/frontend-sidecar'), dump('intermediate-ca/checkout-sidecar')]
const ztunnel: JsonObject = {
  workloads: [
    {
      namespace: 'shop',
      name: 'server',
      workloadIps: ['10.0.0.1'],
      protocol: 'HBONE',
      serviceAccount: 'checkout',
      authorizationPolicies: ['shop/own'],
    },
  ],
  policies: [
    {
      namespace: 'shop',
      name: 'own',
      scope: 'Namespace',
      action: 'Deny',
      rules: [[[{ notPrincipals: [{ Presence: [] }] }]]],
      dryRun: false,
    },
  ],
  certificates: [{ identity: 'spiffe://cluster.local/ns/shop/sa/checkout', state: 'Available', certChain: [], rootCerts: [] }],
}

const wrong = fc.constantFrom<Json>(
  null,
  true,
  -1,
  1e99,
  '',
  'x',
  '\u0000',
  [],
  {},
  [[[[]]]],
  [null],
  { name: {} },
  '|||',
  'outbound|x|y|z',
)

/** Puts something else in the place of some values, all over the tree. */
function damaged(document: JsonObject, changes: readonly (readonly [at: number, key: number, value: Json])[]): JsonObject {
  const copy = structuredClone(document)
  const objects = [...objectsIn(copy)]
  for (const [at, key, value] of changes) {
    const object = objects[at % objects.length]
    const keys = Object.keys(object ?? {})
    const name = keys[key % Math.max(1, keys.length)]
    if (object && name !== undefined) object[name] = value
  }
  return copy
}

const changes = fc.array(fc.tuple(fc.nat(100_000), fc.nat(20), wrong), { minLength: 1, maxLength: 40 })

test('whatever a dump says', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(frontend, ztunnel),
      fc.constantFrom(checkout, ztunnel),
      changes,
      changes,
      (client, server, some, others) => {
        const read = (document: JsonObject) => readLive(JSON.stringify(document), now)
        const [from, to] = [read(damaged(client, some)), read(damaged(server, others))]
        if (!from || !to) return
        const ends = { from: endOf(from, { namespace: 'shop', name: 'client' }), to: endOf(to, { namespace: 'shop', name: 'server' }) }
        const { steps } = checkConnection({ ...ends, port: 9080, now })
        expect(steps.map(({ id }) => id)).toEqual(stepIds)
        expect(steps.every(({ detail }) => /^\S.*\.$/s.test(detail))).toBe(true)
      },
    ),
    { numRuns: 150 },
  )
})
