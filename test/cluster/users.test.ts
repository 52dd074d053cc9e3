// What each user of a cluster sees, with real permissions: nothing is missing for whoever has those of docs/rbac.yaml, and each that is missing
// costs what it is for and nothing else.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { resourceOf, type Watched, watched } from '../../server/src/cluster/watched.ts'
import type { Kind } from '../../server/src/core/istio/resources.ts'
import { eventually } from '../support/eventually.ts'
import { type Followed, followed } from './follow.ts'
import { equalsFreshList } from './freshList.ts'
import { impersonating, type Plane, startPlane } from './plane.ts'
import { bind, clusterRole, documentedRoles, type PolicyRule, reader } from './reader.ts'

const { rules } = (await documentedRoles()).find(({ metadata }) => metadata.name === reader) ?? { rules: [] }

const pods: PolicyRule = rules.find(rule => nameOf(rule) === 'pods') ?? { apiGroups: [], resources: [], verbs: [] }

let plane: Plane
beforeAll(async () => {
  plane = await startPlane()
})
afterAll(() => plane?.stop())

async function as(user: string, context: { readonly namespace?: string } = {}, namespaces: readonly string[] = []): Promise<Followed> {
  return followed(await plane.kubeconfig(user, { user: impersonating(user), ...context }), namespaces)
}

const kinds = [...new Set(watched.map(({ kind }) => kind))]
const completeIn = ({ connection }: Followed, namespace?: string) => kinds.filter(kind => connection.world().complete(kind, namespace))
const gapsOf = ({ connection: { state } }: Followed) => ('gaps' in state ? state.gaps : [])
const missing = (following: Followed) => [...new Set(gapsOf(following).map(({ resource }) => resource))].sort()

test('a user with the permissions of the documentation sees everything', async () => {
  using following = await as('reader')
  expect(following.connection.state).toMatchObject({ kind: 'connected', istio: true, gaps: [] })
  expect(completeIn(following)).toEqual(kinds)
  await equalsFreshList(() => following.connection.world().objects, plane.admin)
})

describe('without one permission', () => {
  test.each(rules.map(rule => [nameOf(rule), rule] as const))('to read %s, the rest stays', async (name, rule) => {
    const following = await without(name, rule, [])
    onlyMissing(following, name, rule.verbs)
    await equalsFreshList(() => following.connection.world().objects, plane.admin, { kinds: each => resourceOf(each) !== name })
  })

  test('to watch pods, that verb is named', async () => {
    onlyMissing(await without('watch-pods', pods, [{ ...pods, verbs: ['list'] }]), 'pods', ['watch'])
  })

  test('to list pods, a server that streams lists is enough', async () => {
    const following = await without('list-pods', pods, [{ ...pods, verbs: ['watch'] }])
    expect(following.connection.state).toMatchObject({ kind: 'connected', gaps: [] })
    await equalsFreshList(() => following.connection.world().objects, plane.admin)
  })

  /** Connects as somebody who has `instead` of one of the reader's rules. */
  async function without(name: string, rule: PolicyRule, instead: readonly PolicyRule[]): Promise<Followed> {
    const user = `without-${name}`
    const kept = rules.filter(other => other !== rule)
    await plane.admin.createAll([clusterRole(user, [...kept, ...instead]), bind(user, user)])
    await granted(user, kept[0])
    const following = await as(user)
    onTestFinished(() => following[Symbol.dispose]())
    return following
  }

  /** Each gap is of one resource, and says one of the verbs that are missing. */
  function onlyMissing(following: Followed, name: string, verbs: readonly string[]): void {
    const unknown: readonly Kind[] = watched.filter(each => resourceOf(each) === name).map(({ kind }) => kind)
    expect(unknown).toHaveLength(1)
    expect(following.connection.state.kind).toBe('connected')
    expect(missing(following)).toEqual([name])
    for (const { problem } of gapsOf(following)) {
      if (problem.kind !== 'forbidden') expect.fail(problem.message)
      expect(verbs).toContain(problem.verb)
      expect(problem.message).toContain(`may not ${problem.verb} ${name}`)
    }
    expect(completeIn(following)).toEqual(kinds.filter(kind => !unknown.includes(kind)))
  }
})

describe('of a user who may read only one namespace', () => {
  beforeAll(async () => {
    await plane.admin.createAll([bind(reader, 'shopkeeper', 'shop')])
    await granted('shopkeeper', rules[1], 'shop')
  })

  test.each([
    ['was chosen', {}, ['shop']],
    ['is that of the context', { namespace: 'shop' }, []],
  ] as const)('that namespace is known completely where it %s', async (_, context, namespaces) => {
    using following = await as('shopkeeper', context, namespaces)
    expect(following.connection.state.kind).toBe('connected')
    const namespaced = watched.filter(each => each.namespaced && !each.byName).map(({ kind }) => kind)
    expect(completeIn(following, 'shop')).toEqual(expect.arrayContaining(namespaced))
    expect(completeIn(following, 'billing')).toEqual([])
    expect(completeIn(following)).toEqual([])
    const shopOnly = { kinds: (each: Watched) => each.namespaced, namespaces: ['shop'] }
    const held = () => following.connection.world().objects.filter(({ kind }) => kind !== 'Namespace')
    await equalsFreshList(held, plane.admin, shopOnly)
    // What has no namespace is named as missing.
    expect(missing(following)).toContain('customresourcedefinitions.apiextensions.k8s.io')
  })
})

test('a user without any permission is told so, and nothing is known', async () => {
  using following = await as('nobody')
  expect(following.connection.state).toMatchObject({ kind: 'failed', context: 'rig', problem: { kind: 'forbidden' } })
  expect([...following.connection.world().objects]).toEqual([])
  expect(completeIn(following)).toEqual([])
})

test('a wrong token is told as such, and nothing is known', async () => {
  using following = await followed(await plane.kubeconfig('stranger', { user: { token: 'not-known-here' } }))
  expect(following.connection.state).toMatchObject({ kind: 'failed', context: 'rig', problem: { kind: 'unauthorized' } })
  expect(following.connection.world().objects).toEqual([])
  expect(completeIn(following)).toEqual([])
})

test('a permission that is given later is used when the cluster is read anew', async () => {
  using following = await as('newcomer')
  expect(following.connection.state).toMatchObject({ kind: 'failed', problem: { kind: 'forbidden' } })
  await plane.admin.createAll([bind(reader, 'newcomer')])
  await granted('newcomer', rules[0])
  await following.connection.refresh()
  expect(following.connection.state).toMatchObject({ kind: 'connected', gaps: [] })
  await equalsFreshList(() => following.connection.world().objects, plane.admin)
})

/** A permission is in force a moment after its objects are there. */
async function granted(user: string, rule: PolicyRule | undefined, namespace = ''): Promise<void> {
  const [verb, group, resource, name = ''] = [rule?.verbs[0], rule?.apiGroups[0], rule?.resources[0], rule?.resourceNames?.[0]]
  const review = { spec: { user, resourceAttributes: { verb, group, resource, name, namespace } } }
  await eventually(
    `"${user}" may ${verb} ${resource}`,
    async () => (await plane.admin.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review)).body.status?.allowed,
    allowed => allowed === true,
  )
}

/** As kubectl names a resource. */
function nameOf({ apiGroups: [group = ''], resources: [plural = ''] }: PolicyRule): string {
  return resourceOf({ group, plural })
}
