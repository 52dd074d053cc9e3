// Against a plain reading of the documentation, and laws that hold whatever the policies say.
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { authorize } from '../../../../../server/src/core/decide/authorization/authorize.ts'
import type { Connection } from '../../../../../server/src/core/decide/authorization/connection.ts'
import type { Decision } from '../../../../../server/src/core/decide/authorization/decision.ts'
import type { Kind } from '../../../../../server/src/core/istio/resources.ts'
import { decide } from './reference.ts'
import { type Asked, asked, connectionTo, meshWith, type Policy, policy, policyOf, rule, world } from './worlds.ts'

vi.setConfig({ testTimeout: 30_000 })

const allow = policyOf(fc.constant('ALLOW'))
const deny = policyOf(fc.constant('DENY'))
const some = { numRuns: 200 }
const many = { numRuns: 800 }

function decisionOf(policies: readonly Policy[], what: Asked): Decision {
  const mesh = meshWith(policies)
  return authorize(connectionTo(mesh, what), mesh)
}

function verdict(policies: readonly Policy[], what: Asked): Decision['decision'] {
  return decisionOf(policies, what).decision
}

test('decides as the documentation reads, and names the rule', () => {
  fc.assert(
    fc.property(world, each => {
      const { decision, by } = decisionOf(each.policies, each.asked)
      const name = by && 'policy' in by ? `ns[${by.policy.namespace}]-policy[${by.policy.name}]-rule[${by.rule}]` : undefined
      expect({ decision, ...(name ? { by: name } : {}) }).toEqual(decide(each))
    }),
    many,
  )
})

test('the order of policies does not matter', () => {
  fc.assert(
    fc.property(world, ({ policies, asked }) => {
      expect(verdict(policies.toReversed(), asked)).toBe(verdict(policies, asked))
    }),
    some,
  )
})

test('a policy with two rules is two policies with one', () => {
  fc.assert(
    fc.property(world, ({ policies, asked }) => {
      const split = policies.flatMap(each => (each.rules.length > 0 ? each.rules.map(one => ({ ...each, rules: [one] })) : [each]))
      expect(verdict(split, asked)).toBe(verdict(policies, asked))
    }),
    some,
  )
})

test('what is allowed and denied by the same rules is denied', () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 2 }), asked, (rules, what) => {
      const both: Policy[] = [
        { namespace: 'shop', action: 'ALLOW', rules },
        { namespace: 'shop', action: 'DENY', rules },
      ]
      expect(verdict(both, what)).toBe('deny')
    }),
    some,
  )
})

test('a service account is its principal', () => {
  const account = fc.constantFrom(['shop/web', 'cluster.local/ns/shop/sa/web'], ['bank/api', 'cluster.local/ns/bank/sa/api'])
  fc.assert(
    fc.property(account, fc.constantFrom<Policy['action']>('ALLOW', 'DENY'), asked, ([short = '', long = ''], action, what) => {
      const by = (source: Record<string, string[]>): Policy[] => [{ namespace: 'shop', action, rules: [{ from: [{ source }] }] }]
      expect(verdict(by({ serviceAccounts: [short] }), what)).toBe(verdict(by({ principals: [long] }), what))
    }),
    some,
  )
})

test('one more DENY never lets more in', () => {
  fc.assert(
    fc.property(world, deny, ({ policies, asked }, more) => {
      if (verdict(policies, asked) === 'deny') expect(verdict([...policies, more], asked)).toBe('deny')
    }),
    some,
  )
})

test('one more ALLOW never shuts anything out, unless it is the first', () => {
  fc.assert(
    fc.property(world, allow, allow, ({ policies, asked }, first, more) => {
      if (verdict([...policies, first], asked) === 'allow') expect(verdict([...policies, first, more], asked)).toBe('allow')
    }),
    some,
  )
})

test('a rule that asks for nothing matches everything', () => {
  fc.assert(
    fc.property(
      fc.array(
        deny.filter(each => each.rules.length === 0),
        { maxLength: 1 },
      ),
      asked,
      (policies, what) => {
        expect(verdict([...policies, { namespace: 'shop', action: 'ALLOW', rules: [{}] }], what)).toBe('allow')
        expect(verdict([...policies, { namespace: 'shop', action: 'ALLOW', rules: [] }], what)).toBe('deny')
      },
    ),
  )
})

const facts = ['sourceIp', 'sni', 'method', 'path', 'host', 'headers', 'token'] as const
const hideable: readonly Kind[] = ['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication', 'Service']

function without(connection: Connection, hidden: readonly string[]): Connection {
  const keep = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).filter(([name]) => !hidden.includes(name)))
  const { request, caller, to } = connection
  return { ...keep(connection), caller, to, ...(request ? { request: keep(request) } : {}) }
}

test('to know less never turns a decision over', () => {
  fc.assert(
    fc.property(world, fc.subarray([...facts]), fc.subarray([...hideable]), ({ policies, asked }, hidden, kinds) => {
      const known = verdict(policies, asked)
      const mesh = meshWith(policies, kinds)
      const { decision, reason } = authorize(without(connectionTo(mesh, asked), hidden), mesh)
      expect(['unknown', known], reason).toContain(decision)
      if (decision === 'unknown') expect(reason).toMatch(/^Not known, and it decides: \S/)
    }),
    many,
  )
})

test('a DENY that matches decides, whatever else is not known', () => {
  fc.assert(
    fc.property(fc.array(policy, { maxLength: 3 }), asked, (policies, what) => {
      const mesh = meshWith([...policies, { namespace: 'shop', action: 'DENY', rules: [{}] }], hideable)
      expect(authorize(without(connectionTo(mesh, what), facts), mesh).decision).toBe('deny')
    }),
  )
})
