// Whoever is not named by a rule that names its callers does not match it, at Envoy and at ztunnel.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ruleMatches } from '../../../../../server/src/core/decide/ambient/matches.ts'
import { convertRules } from '../../../../../server/src/core/decide/ambient/rule.ts'
import { CallerIndex, keysOf, namespaceKey } from '../../../../../server/src/core/decide/authorization/callerIndex.ts'
import type { Facts } from '../../../../../server/src/core/decide/authorization/facts.ts'
import { callersNamedBy, compileRule } from '../../../../../server/src/core/decide/authorization/rule.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import type { AuthorizationPolicy } from '../../../../../server/src/core/istio/resources.ts'

const trustDomains = ['cluster.local', 'old-td']
const part = fc.constantFrom('cluster.local', 'old-td', 'ns', 'sa', 'shop', 'web', 'bank', '')
const identity = fc.oneof(
  fc.tuple(part, part, part).map(([domain, namespace, account]) => `${domain}/ns/${namespace}/sa/${account}`),
  fc.array(part, { maxLength: 8 }).map(parts => parts.join('/')),
)
const wildcard = fc.constantFrom('*', '*/sa/web', 'cluster.local/ns/shop/*', 's*p', 'ns/sa', 'ns/*', 'SHOP_TEAM', '')
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 2 })
const source = fc.record(
  {
    principals: few(fc.oneof({ weight: 4, arbitrary: identity }, wildcard)),
    namespaces: few(fc.oneof({ weight: 4, arbitrary: part }, wildcard)),
    serviceAccounts: few(
      fc.oneof(
        part,
        fc.tuple(part, part).map(each => each.join('/')),
        wildcard,
      ),
    ),
    notPrincipals: few(identity),
  },
  { requiredKeys: [] },
)
const policy = fc.tuple(fc.constantFrom('ALLOW', 'DENY'), fc.array(source, { maxLength: 3 })).map(([action, sources]) => {
  const spec = { action, rules: [sources.length > 0 ? { from: sources.map(each => ({ source: each })) } : {}] }
  const metadata = { name: 'callers', namespace: 'shop' }
  const read = readObject(
    { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata, spec },
    { from: 'cluster', context: '' },
  )
  if (read?.kind !== 'AuthorizationPolicy') throw new Error('not read')
  return read
})

const unasked = { values: [] }
const facts: Omit<Facts, 'identity'> = {
  sourceIp: unasked,
  remoteIp: unasked,
  destinationIp: unasked,
  port: 80,
  sni: unasked,
  metadata: () => unasked,
}
const many = { numRuns: 3000 }

function ruleOf({ rules: [rule] }: AuthorizationPolicy) {
  if (!rule) throw new Error('no rule')
  return rule
}

test.each([true, false])('at Envoy, of a file: %s', templated => {
  fc.assert(
    fc.property(policy, identity, (each, id) => {
      const context = { namespace: 'shop', action: each.action, trustDomains, protocol: 'http', templated } as const
      const index = new CallerIndex([ruleOf(each)], rule => callersNamedBy(rule, context))
      const { is } = compileRule(ruleOf(each), context)({ ...facts, identity: { values: [id] } })
      if (is !== 'no') expect(index.rulesFor(keysOf(id))).toHaveLength(1)
    }),
    many,
  )
})

test('at ztunnel', () => {
  fc.assert(
    fc.property(policy, part, part, (each, namespace, serviceAccount) => {
      const principal = `cluster.local/ns/${namespace}/sa/${serviceAccount}`
      const [rule] = convertRules(each)
      const { is } = ruleMatches(rule?.clauses ?? [[]], { identity: { principal, namespace, serviceAccount }, port: 80 })
      const keys = [principal, namespaceKey(namespace)]
      if (is !== 'no') expect(rule?.callers?.some(key => keys.includes(key)) ?? true).toBe(true)
    }),
    many,
  )
})

test('rules keep their order, and each comes once', () => {
  const callers = [['a', 'b'], undefined, ['b'], ['c'], ['a', 'a']]
  const index = new CallerIndex([0, 1, 2, 3, 4], each => callers[each])
  expect(index.rulesFor(['b', 'a'])).toEqual([0, 1, 2, 4])
  expect(index.rulesFor([])).toEqual([1])
})
