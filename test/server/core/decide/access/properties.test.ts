// Laws of `access`: it says of every connection what `authorize` says, and policies move it in one direction only.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callableBy } from '../../../../../server/src/core/decide/access/callableBy.ts'
import { type Access, callersOf } from '../../../../../server/src/core/decide/access/callersOf.ts'
import { type Outcome, outcomeKey } from '../../../../../server/src/core/decide/access/outcome.ts'
import { authorize } from '../../../../../server/src/core/decide/authorization/authorize.ts'
import * as ambient from '../ambient/arbitraryMesh.ts'
import { connectionTo } from '../authorization/worlds.ts'
import { readInAmbient } from './ambientReading.ts'
import { built, meshOf, outcomeFor, type Policy, policy, readFor, serverIn, type World, world } from './worlds.ts'

const answer = fc.constantFrom('allow' as const, 'deny' as const)
const long = 120_000

/** The answers of one mesh, made once for each port. */
function answersIn(of: Omit<World, 'samples'>) {
  const mesh = meshOf(of)
  const server = serverIn(mesh)
  const known = new Map<number | undefined, Access>()
  const at = (port: number | undefined) => {
    const access = known.get(port) ?? callersOf(mesh, server, port)
    known.set(port, access)
    return access
  }
  return { mesh, at }
}

describe('a sidecar', () => {
  test(
    'gives each connection what is said of its caller',
    () => {
      fc.assert(
        fc.property(world, answer, fc.boolean(), (of, provider, portGiven) => {
          const { mesh, at } = answersIn(of)
          for (const sample of of.samples) {
            const outcome = outcomeFor(at(portGiven ? sample.port : undefined), sample.identity)
            if (!outcome) continue
            const { decision, reason } = authorize({ ...connectionTo(mesh, sample), provider }, mesh)
            const read = readFor(outcome, sample, provider)
            if (read !== decision) expect({ sample, outcome, reason, read }).toMatchObject({ read: decision })
          }
        }),
        { numRuns: 500 },
      )
    },
    long,
  )

  test(
    'lets in a request that is made as the conditions say',
    () => {
      let made = 0
      fc.assert(
        fc.property(world, of => {
          const { mesh, at } = answersIn(of)
          for (const { identity, outcome } of at(8080).callers) {
            for (const way of outcome.ways) {
              const sample = built(way.when, identity.principal)
              if (readFor(outcome, sample, 'allow') !== 'allow') continue
              made++
              expect(authorize({ ...connectionTo(mesh, sample), provider: 'allow' }, mesh).decision).toBe('allow')
            }
          }
        }),
        { numRuns: 500 },
      )
      expect(made).toBeGreaterThan(500)
    },
    long,
  )

  const rank = { deny: 0, unknown: 1, conditional: 1, allow: 2 } as const

  interface Law {
    readonly name: string
    readonly added: fc.Arbitrary<Policy>
    readonly needs?: (of: World) => boolean
    readonly holds: (before: number, after: number) => boolean
  }

  const laws: readonly Law[] = [
    { name: 'a DENY more never widens', added: of('DENY'), holds: (before, after) => after <= before },
    { name: 'a CUSTOM more never widens', added: of('CUSTOM'), holds: (before, after) => after <= before },
    {
      name: 'an ALLOW beside another never narrows',
      added: of('ALLOW'),
      needs: ({ policies }) => policies.some(({ action }) => action === 'ALLOW'),
      holds: (before, after) => after >= before,
    },
    {
      name: 'a first ALLOW never widens',
      added: of('ALLOW'),
      needs: ({ policies }) => policies.every(({ action }) => action !== 'ALLOW'),
      holds: (before, after) => after <= before,
    },
  ]

  test.each(laws)(
    '$name',
    ({ added, needs = () => true, holds }) => {
      fc.assert(
        fc.property(world, added, answer, (of, more, provider) => {
          fc.pre(needs(of))
          const [before, after] = [answersIn(of), answersIn({ ...of, policies: [...of.policies, more] })]
          for (const sample of of.samples) {
            const outcomes = [before, after].map(({ at }) => outcomeFor(at(sample.port), sample.identity))
            const [first, second] = outcomes
            if (!first || !second) continue
            const pass = (outcome: Outcome) => Number(readFor(outcome, sample, provider) === 'allow')
            expect(holds(pass(first), pass(second))).toBe(true)
            if (first.decision === 'allow' || first.decision === 'deny')
              expect({ first, second, holds: holds(rank[first.decision], rank[second.decision]) }).toMatchObject({ holds: true })
          }
        }),
        { numRuns: 200 },
      )
    },
    long,
  )

  test('the order of policies makes no difference', () => {
    fc.assert(
      fc.property(world, of => {
        const reversed = { ...of, policies: of.policies.toReversed() }
        const [one, other] = [answersIn(of).at(8080), answersIn(reversed).at(8080)]
        const decisions = ({ callers, others, plaintext }: Access) => [
          ...callers.map(({ identity, outcome }) => [identity.principal, outcome.decision]),
          others.decision,
          plaintext.outcome.decision,
        ]
        expect(decisions(other)).toEqual(decisions(one))
      }),
      { numRuns: 200 },
    )
  })

  test('STRICT narrows plaintext only', () => {
    fc.assert(
      fc.property(world, of => {
        const [open, strict] = [answersIn({ ...of, mode: 'PERMISSIVE' }).at(8080), answersIn({ ...of, mode: 'STRICT' }).at(8080)]
        expect(strict.callers.map(({ outcome }) => outcomeKey(outcome))).toEqual(open.callers.map(({ outcome }) => outcomeKey(outcome)))
        expect(strict.plaintext.outcome).toMatchObject({ decision: 'deny', by: [{ peerAuthentication: { name: 'mode' } }] })
      }),
      { numRuns: 100 },
    )
  })

  test('what a workload can call is what callers of each target are told', () => {
    fc.assert(
      fc.property(world, answer, (of, provider) => {
        const mesh = meshOf(of)
        const server = serverIn(mesh)
        const { from, targets } = callableBy(mesh, server)
        const told = callersOf(mesh, server).callers.find(each => each.identity.principal === from.identity?.principal)
        // The same may be said in other conditions.
        const meant = ({ outcome }: { readonly outcome: Outcome }) => [
          outcome.decision,
          ...of.samples.map(sample => readFor(outcome, sample, provider)),
        ]
        expect(targets.map(meant)).toEqual(told ? [meant(told)] : [])
      }),
      { numRuns: 200 },
    )
  })

  function of(action: Policy['action']): fc.Arbitrary<Policy> {
    return policy.map(each => ({ ...each, action }))
  }
})

test(
  'ztunnel gives each connection what is said of its caller',
  () => {
    const samples = fc.array(ambient.asked, { minLength: 5, maxLength: 12 })
    fc.assert(
      fc.property(ambient.policies, samples, fc.boolean(), fc.boolean(), (policies, all, ambientDryRun, portGiven) => {
        const [{ pod } = { pod: undefined }] = all
        if (!pod) return
        const mesh = ambient.meshOf(policies, pod, { ambientDryRun })
        for (const sample of all.map(each => ({ ...each, pod }))) {
          const connection = ambient.connectionTo(mesh, sample)
          const access = callersOf(mesh, connection.to.workload, portGiven ? sample.port : undefined)
          const decision = authorize(connection, mesh)
          const read = readInAmbient(access, sample)
          // What is not known at one port leaves the answer for all of them open; and where a mode is not known, an address of its own can
          // still be refused by a policy for certain. It is never let in for certain.
          if (read === 'unknown' && (!portGiven || decision.decision === 'deny')) continue
          if (read !== decision.decision) expect({ sample, read, access, decision }).toMatchObject({ read: decision.decision })
        }
      }),
      { numRuns: 500 },
    )
  },
  long,
)
