import { BlockList, isIPv4 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { publishedPolicies } from '../../../../../server/src/core/decide/ambient/inForce.ts'
import { ambientMtls } from '../../../../../server/src/core/decide/ambient/peerAuthentication.ts'
import { authorizeAtZtunnel } from '../../../../../server/src/core/decide/authorization/ztunnel.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { dumped } from '../../../../oracles/ztunnelDump.ts'
import { type Asked, asked, connectionTo, meshOf, type Policy, policies, rootNamespace } from './arbitraryMesh.ts'

interface Dump {
  readonly namespace: string
  readonly name: string
  readonly scope: string
  readonly action: string
  readonly dryRun: boolean
  readonly rules: readonly (readonly (readonly Entry[])[])[]
}

type Entry = Readonly<Record<string, readonly Value[]>>
/** Ports, blocks, patterns, accounts. */
type Value = number | string | Partial<Record<'Exact' | 'Prefix' | 'Suffix' | 'namespace' | 'serviceAccount', string>>

/** ztunnel's `matches` as plainly as it can be written, over what its config_dump would show. */
function naivelyMatches({ rules }: Dump, question: Asked): boolean {
  return rules.some(rule => rule.every(clause => clause.some(entry => isFilled(entry) && entryHolds(entry, question))))
}

function isFilled(entry: Entry): boolean {
  return Object.keys(entry).length > 0
}

function entryHolds(entry: Entry, question: Asked): boolean {
  return Object.entries(entry).every(([field, values]) => {
    const isNegative = field.startsWith('not')
    const name = isNegative ? field.slice(3).replace(/^./, first => first.toLowerCase()) : field
    return values.some(value => valueHolds(name, value, question)) !== isNegative
  })
}

function valueHolds(field: string, value: Value, { caller, sourceIp, port, pod }: Asked): boolean {
  const identity = 'identity' in caller ? caller.identity : undefined
  if (typeof value === 'number') return value === port
  if (typeof value === 'string') return inBlock(value, field === 'sourceIps' ? sourceIp.replace('::ffff:', '') : pod.ip)
  if (field === 'serviceAccounts') return value.namespace === identity?.namespace && value.serviceAccount === identity?.serviceAccount
  if (field === 'namespaces') return patternHolds(value, identity?.namespace ?? '')
  return identity !== undefined && patternHolds(value, `${identity.trustDomain}/ns/${identity.namespace}/sa/${identity.serviceAccount}`)
}

function patternHolds({ Exact, Prefix, Suffix }: Exclude<Value, number | string>, text: string): boolean {
  if (Exact !== undefined) return text === Exact
  if (Prefix !== undefined) return text.startsWith(Prefix)
  return Suffix === undefined ? text !== '' : text.endsWith(Suffix)
}

function inBlock(block: string, address: string): boolean {
  const [network = '', length] = block.split('/')
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  if (isIPv4(network) !== isIPv4(address)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(length), family)
  return list.check(address, family)
}

/** Which policies are in force by the rules of attachment, written down once more. */
function naiveDecision(mesh: Mesh, written: readonly Policy[], question: Asked): 'allow' | 'deny' {
  const references = ambientMtls(mesh, question.pod).flatMap(each => each.references)
  const inForce = publishedPolicies(mesh)
    .map(policy => dumped(policy) as Dump)
    .filter(each => !each.dryRun && (references.includes(`${each.namespace}/${each.name}`) || naivelyInForce(each, written, question.pod)))
  const allows = inForce.filter(({ action }) => action === 'Allow')
  if (inForce.some(each => each.action === 'Deny' && naivelyMatches(each, question))) return 'deny'
  return allows.length === 0 || allows.some(each => naivelyMatches(each, question)) ? 'allow' : 'deny'
}

function naivelyInForce({ scope, namespace: home, name }: Dump, written: readonly Policy[], { namespace, labels }: Asked['pod']): boolean {
  if (scope !== 'WorkloadSelector') return scope === 'Global' || home === namespace
  const wanted = Object.entries(written[Number(name.slice(1))]?.spec.selector?.matchLabels ?? {})
  const has = new Map(Object.entries(labels))
  return (home === namespace || home === rootNamespace) && wanted.length > 0 && wanted.every(([key, value]) => has.get(key) === value)
}

const aged = policies.map(all => all.map((policy, index) => ({ ...policy, created: `2026-01-01T00:00:0${index}Z` })))

test('decisions follow from what istiod publishes', () => {
  fc.assert(
    fc.property(aged, asked, fc.boolean(), (written, question, ambientDryRun) => {
      const mesh = meshOf(written, question.pod, { ambientDryRun })
      const { decision, by, steps } = authorizeAtZtunnel(connectionTo(mesh, question), mesh)
      expect(decision).toBe(naiveDecision(mesh, written, question))
      const matched = steps.filter(step => step.matched === 'yes' && !step.dryRun)
      if (by) expect(matched.some(step => ('policy' in step ? 'policy' in by && step.policy === by.policy : true))).toBe(true)
    }),
    { numRuns: 400 },
  )
})

test('what is not known never turns a decision over', () => {
  fc.assert(
    fc.property(aged, asked, (written, question) => {
      const mesh = meshOf(written, question.pod)
      const known = connectionTo(mesh, question)
      const { decision } = authorizeAtZtunnel(known, mesh)
      const { sourceIp: _, ...withoutSource } = known
      const withoutAddress = { ...known, to: { ...known.to, workload: { ...known.to.workload, pods: [] } } }
      for (const less of [withoutSource, withoutAddress]) {
        const { decision: ours, reason } = authorizeAtZtunnel(less, mesh)
        expect([decision, 'unknown']).toContain(ours)
        if (ours === 'unknown') expect(reason).toMatch(/the (source|destination) address/)
      }
    }),
    { numRuns: 400 },
  )
})

test('a placeholder decides nothing that a value could decide otherwise', () => {
  const values = fc.constantFrom('pay', 'shop', 'shop/pay', '8080', '10.0.0.1', '10.0.0.0/24', '*')
  fc.assert(
    fc.property(aged, asked, values, (written, question, value) => {
      const placeholder = '$' + '{X}'
      const hide = (key: string, each: unknown) => (each === value && key !== 'namespace' ? placeholder : each)
      const decide = (all: readonly Policy[]) => {
        const mesh = meshOf(all, question.pod)
        return authorizeAtZtunnel(connectionTo(mesh, question), mesh).decision
      }
      expect([decide(written), 'unknown']).toContain(decide(JSON.parse(JSON.stringify(written), hide)))
    }),
    { numRuns: 400 },
  )
})

test('ages that are not known decide nothing that an age could decide otherwise', () => {
  fc.assert(
    fc.property(aged, asked, (written, question) => {
      const ageless = written.map(policy => ({ ...policy, created: undefined }))
      const decide = (all: readonly Policy[]) => {
        const mesh = meshOf(all, question.pod)
        return authorizeAtZtunnel(connectionTo(mesh, question), mesh).decision
      }
      expect([decide(written), 'unknown']).toContain(decide(ageless))
    }),
    { numRuns: 400 },
  )
})
