// Which DestinationRule a client follows. Source: istio/istio:pilot/pkg/model/push_context.go, destination_rule.go, config.go.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ruleFor } from '../../../../../server/src/core/decide/mtls/destinationRules.ts'
import { nameOf } from '../../../../../server/src/core/decide/mtls/instances.ts'
import { hostsNamed } from '../../../../../server/src/core/decide/mtls/services.ts'
import type { Labels } from '../../../../../server/src/core/istio/resources.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { clusterMesh } from '../../../../support/mesh.ts'

interface Rule {
  readonly name: string
  readonly namespace: string
  readonly host: string
  readonly exportTo?: readonly string[]
  readonly selector?: Labels
  readonly subsets?: readonly string[]
  readonly day?: number
}

const service = 'checkout.shop.svc.cluster.local'
const kubernetes = (name: string, namespace: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { selector: { app: ${name} }, ports: [{ port: 80 }] }\n`

function written({ name, namespace, host, exportTo, selector, subsets = [], day = 1 }: Rule): string {
  const spec = {
    host,
    ...(exportTo ? { exportTo } : {}),
    ...(selector ? { workloadSelector: { matchLabels: selector } } : {}),
    ...(subsets.length > 0 ? { subsets: subsets.map(each => ({ name: each, labels: { version: each } })) } : {}),
  }
  const created = `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`
  const metadata = { name, namespace, creationTimestamp: created }
  return JSON.stringify({ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata, spec })
}

function meshOf(rules: readonly Rule[], config = ''): Mesh {
  return clusterMesh([kubernetes('checkout', 'shop'), ...rules.map(written), config].join('\n---\n'))
}

function followed(mesh: Mesh, namespace: string, labels: Labels = {}): string | undefined {
  const [host] = hostsNamed(mesh, service)
  return host && ruleFor(mesh, { namespace, labels }, host)?.rules.map(nameOf).join(' + ')
}

const rule = (name: string, namespace: string, more: Partial<Rule> = {}): Rule => ({ name, namespace, host: service, ...more })
const privateByDefault =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata: { mesh: "defaultDestinationRuleExportTo: [.]" }\n'

describe('the rule that a client in "web" follows', () => {
  test.each<readonly [title: string, rules: readonly Rule[], followed: string | undefined]>([
    ['none', [], undefined],
    ['of its own namespace before that of the server', [rule('a', 'shop'), rule('b', 'web')], 'web/b'],
    ['of the server before that of the root namespace', [rule('a', 'istio-system'), rule('b', 'shop')], 'shop/b'],
    ['of the root namespace at last', [rule('a', 'istio-system')], 'istio-system/a'],
    ['not one that is private to the server', [rule('a', 'shop', { exportTo: ['.'] })], undefined],
    ['one that is exported to it', [rule('a', 'shop', { exportTo: ['ops', 'web'] })], 'shop/a'],
    ['a short name in the namespace of the server', [rule('a', 'shop', { host: 'checkout' })], 'shop/a'],
    ['not a short name of its own namespace', [rule('a', 'web', { host: 'checkout' })], undefined],
    ['not a name with a namespace alone', [rule('a', 'web', { host: 'checkout.shop' })], undefined],
    [
      'the longest wildcard',
      [rule('a', 'web', { host: '*.local' }), rule('b', 'web', { host: '*.shop.svc.cluster.local' }), rule('c', 'web', { host: '*' })],
      'web/b',
    ],
    ['an exact host before a wildcard', [rule('a', 'web', { host: '*.shop.svc.cluster.local' }), rule('b', 'web')], 'web/b'],
    [
      'not the exported wildcard behind an exact host that is exported elsewhere',
      [rule('a', 'shop', { exportTo: ['ops'] }), rule('b', 'shop', { host: '*.shop.svc.cluster.local' })],
      undefined,
    ],
    [
      'of those with different exports the newest',
      [rule('a', 'shop', { exportTo: ['*'] }), rule('b', 'shop', { exportTo: ['web'], day: 2 })],
      'shop/b',
    ],
    [
      'none where the list that names it went into an older one that does not',
      [rule('a', 'shop', { exportTo: ['ops'] }), rule('b', 'shop', { exportTo: ['ops', 'web'], day: 2 })],
      undefined,
    ],
    ['both of one host, the oldest first', [rule('b', 'shop', { day: 1 }), rule('a', 'shop', { day: 2 })], 'shop/b + shop/a'],
    ['of the same age the first by name', [rule('b', 'shop'), rule('a', 'shop')], 'shop/a + shop/b'],
  ])('%s', (_, rules, expected) => {
    expect(followed(meshOf(rules), 'web')).toBe(expected)
  })

  test('is not one without exportTo where the mesh keeps them private', () => {
    expect(followed(meshOf([rule('a', 'shop')], privateByDefault), 'web')).toBeUndefined()
    expect(followed(meshOf([rule('a', 'shop')], privateByDefault), 'shop')).toBe('shop/a')
  })
})

describe('rules for chosen clients', () => {
  const chosen = rule('sel', 'web', { selector: { app: 'frontend' } })
  test.each<readonly [title: string, rules: readonly Rule[], labels: Labels, followed: string | undefined]>([
    ['count for those', [chosen, rule('all', 'web', { exportTo: ['*'] })], { app: 'frontend' }, 'web/sel'],
    ['not for others', [chosen, rule('all', 'web', { exportTo: ['*'] })], { app: 'batch' }, 'web/all'],
    ['swallow a private rule for everybody', [chosen, rule('all', 'web', { exportTo: ['.'] })], { app: 'batch' }, undefined],
    ['not for clients of other namespaces', [{ ...chosen, namespace: 'shop' }], { app: 'frontend' }, undefined],
  ])('%s', (_, rules, labels, expected) => {
    expect(followed(meshOf(rules), 'web', labels)).toBe(expected)
  })
})

test('a client of the root namespace follows what is private there, then the server', () => {
  const rules = [rule('root', 'istio-system'), rule('own', 'istio-system', { exportTo: ['.'] }), rule('server', 'shop')]
  expect(followed(meshOf(rules), 'istio-system')).toBe('istio-system/own')
  expect(followed(meshOf([rules[0], rules[2]].flatMap(each => each ?? [])), 'istio-system')).toBe('shop/server')
})

describe('properties', () => {
  const namespaces = ['shop', 'web', 'ops', 'istio-system']
  const hosts = [service, 'checkout', 'checkout.shop', '*.shop.svc.cluster.local', '*.svc.cluster.local', '*.local', '*', 'cart']
  const rules = fc
    .array(
      fc.record({
        namespace: fc.constantFrom(...namespaces),
        host: fc.constantFrom(...hosts),
        exportTo: fc.option(fc.uniqueArray(fc.constantFrom('.', 'web', 'ops', 'shop'), { minLength: 1, maxLength: 2 }), { nil: undefined }),
        day: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 7 },
    )
    .map(all => all.map((each, index) => ({ ...each, name: `r${index}` })) as readonly Rule[])

  test('the index chooses what a look at every rule would', () => {
    fc.assert(
      fc.property(rules, fc.constantFrom(...namespaces), (all, client) => {
        // Merging has its own table above: here every host of a namespace has one rule.
        const single = all.filter((each, index) => !all.slice(0, index).some(other => isSameHost(each, other)))
        expect(followed(meshOf(single), client)).toBe(naively(single, client))
      }),
      { numRuns: 300 },
    )
  })

  test('a rule for another host changes nothing', () => {
    fc.assert(
      fc.property(rules, fc.constantFrom(...namespaces), fc.constantFrom(...namespaces), (all, client, namespace) => {
        const unrelated = [rule('x', namespace, { host: 'other.example.com' }), rule('y', namespace, { host: '*.example.com' })]
        expect(followed(meshOf([...unrelated, ...all]), client)).toBe(followed(meshOf(all), client))
      }),
      { numRuns: 200 },
    )
  })
})

function fullHost({ host, namespace }: Rule): string {
  return host.includes('.') || host === '*' ? host : `${host}.${namespace}.svc.cluster.local`
}

function isSameHost(one: Rule, other: Rule): boolean {
  return one.namespace === other.namespace && fullHost(one) === fullHost(other)
}

function naively(rules: readonly Rule[], client: string): string | undefined {
  const covers = (each: Rule) => {
    const host = fullHost(each)
    return host.startsWith('*') ? service.endsWith(host.slice(1)) : host === service
  }
  const best = (candidates: readonly Rule[]) =>
    candidates.filter(covers).toSorted((a, b) => {
      return Number(fullHost(a).startsWith('*')) - Number(fullHost(b).startsWith('*')) || fullHost(b).length - fullHost(a).length
    })[0]
  const isPrivate = ({ exportTo, namespace }: Rule) => exportTo?.length === 1 && (exportTo[0] === '.' || exportTo[0] === namespace)
  const sees = ({ exportTo }: Rule) => !exportTo || exportTo.includes(client)
  const isLocal = ({ exportTo, namespace }: Rule) => !exportTo || exportTo.includes('.') || exportTo.includes(namespace)
  const own = rules.filter(each => each.namespace === client && (client === 'istio-system' ? isPrivate(each) : isLocal(each)))
  const chosen = best(own)
  if (chosen) return nameOf(chosen)
  for (const namespace of ['shop', 'istio-system']) {
    const shared = best(rules.filter(each => each.namespace === namespace && !isPrivate(each)))
    if (shared && sees(shared)) return nameOf(shared)
  }
  return undefined
}
