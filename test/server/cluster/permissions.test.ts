// What the code requests and what docs/rbac.yaml gives are the same: no more, no less.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type Rule, type User, viewerRules } from '../../../demo/api/access.ts'
import { Faults } from '../../../demo/api/faults.ts'
import { ApiServer, type SeenRequest } from '../../../demo/api/server.ts'
import { createApiServerCertificate } from '../../../demo/certificates/authority.ts'
import { kubeconfigText } from '../../../demo/kubeconfig.ts'
import { isPod } from '../../../demo/mesh/workload.ts'
import { World } from '../../../demo/world.ts'
import { rbacManifest } from '../../../scripts/rbac.ts'
import { readDistributedRoots } from '../../../server/src/cluster/distributedRoots.ts'
import { certificateRules, type PermissionRule, policyRuleOf, readerRules } from '../../../server/src/cluster/permissions.ts'
import { readPodLog } from '../../../server/src/cluster/podLog.ts'
import { readProxy } from '../../../server/src/cluster/proxies.ts'
import { resourceOf, watched } from '../../../server/src/cluster/watched.ts'
import { permissionCosts } from '../../../server/src/core/report/permissionCosts.ts'
import { type Connected, connectWith } from './support/connected.ts'

const all = [...readerRules, ...certificateRules]
const never = new AbortController().signal

const asRule = ({ group, resource, verbs, names }: PermissionRule): Rule => ({
  verbs,
  groups: [group],
  resources: [resource],
  ...(names && { names }),
})

/** Whoever may do this in some namespaces only. */
const within = (rules: readonly PermissionRule[], ...namespaces: readonly string[]) =>
  rules.map(rule => ({ ...asRule(rule), namespaces: [...namespaces] }))

const users: readonly User[] = [
  { name: 'role', token: 'token-of-role', rules: all.map(asRule) },
  { name: 'one-namespace', token: 'token-of-one-namespace', rules: within(all, 'shop', 'istio-system') },
]

let world: World
let servers: readonly ApiServer[]
/** One server streams lists, one has them page by page. */
let kubeconfig: (user: string, streams?: boolean) => string
const open: Connected[] = []

beforeAll(async () => {
  const now = new Date()
  const { ca, certificate, key } = await createApiServerCertificate(now)
  world = await World.create(now)
  const control = { token: 'none', run: async () => undefined }
  const options = { world, faults: new Faults(), users, bookmarkSeconds: 60, tls: { certificate, key }, control }
  servers = [new ApiServer(options), new ApiServer({ ...options, streamsLists: false })]
  const [streaming, paging] = await Promise.all(servers.map(async api => `https://127.0.0.1:${await api.listen(0)}`))
  kubeconfig = (user, streams = true) =>
    kubeconfigText({ server: (streams ? streaming : paging) ?? '', ca, tokens: { viewer: `token-of-${user}`, narrow: '' } })
})

afterAll(async () => {
  for (const each of open) each.dispose()
  world.close()
  await Promise.all(servers.map(api => api.close()))
})

async function connect(user: string, namespaces: readonly string[] = [], streams = true): Promise<Connected> {
  const connected = connectWith(kubeconfig(user, streams), { namespaces })
  open.push(connected)
  await connected.connection.ready()
  return connected
}

const podOf = (app: string) => {
  const pod = world.store.all().find(each => isPod(each) && each.metadata.labels?.app === app)?.metadata
  return { namespace: pod?.namespace ?? '', name: pod?.name ?? '' }
}

/** Everything that is ever asked: the lists, a proxy of each kind, a pod outside the lists, the roots. */
async function useEverything(): Promise<readonly SeenRequest[]> {
  const whole = await connect('role')
  expect(whole.connection.state).toMatchObject({ kind: 'connected', gaps: [] })
  for (const app of ['frontend', 'teller']) expect(await readProxy(whole.connection, podOf(app), never)).toMatchObject({ ok: true })
  if (whole.connection.reached) await readDistributedRoots(whole.connection.reached, [], never)
  if (whole.connection.reached) await readPodLog(whole.connection.reached, podOf('ingressgateway'), 'istio-proxy', never)
  const narrow = await connect('one-namespace')
  await readProxy(narrow.connection, podOf('db'), never)
  if (narrow.connection.reached) await readDistributedRoots(narrow.connection.reached, ['shop'], never)
  await readProxy(whole.connection, { namespace: 'shop', name: 'gone-1' }, never)
  await connect('role', [], false)
  return servers.flatMap(({ requests }) => requests)
}

const covers = ({ group, resource, names, verbs }: PermissionRule, request: SeenRequest) =>
  group === request.group &&
  resource === request.resource &&
  (names === undefined || names.includes(request.name ?? '')) &&
  // A port-forward is checked for both.
  (verbs.includes(request.verb) || resource === 'pods/portforward')

test('whatever is requested is in the roles, and whatever is in the roles is requested', async () => {
  const requests = await useEverything()
  const outside = requests.filter(request => !all.some(rule => covers(rule, request)))
  expect(outside.map(({ verb, group, resource, name }) => `${verb} ${group}/${resource} ${name ?? ''}`)).toEqual([])
  const unused = all.flatMap(rule =>
    rule.resource === 'pods/portforward' && requests.some(request => covers(rule, request))
      ? []
      : rule.verbs
          .filter(verb => !requests.some(request => request.verb === verb && covers(rule, request)))
          .map(verb => `${verb} ${rule.group}/${rule.resource}`),
  )
  expect(unused).toEqual([])
}, 30_000)

test('nothing but reading, and never Secrets', () => {
  const verbs = new Set(all.filter(({ resource }) => resource !== 'pods/portforward').flatMap(rule => rule.verbs))
  expect([...verbs].toSorted()).toEqual(['get', 'list', 'watch'])
  expect(all.filter(({ resource }) => resource === 'secrets' || resource === '*' || resource.includes('exec'))).toEqual([])
  expect(readerRules.flatMap(rule => rule.verbs)).not.toContain('create')
})

test.each(watched.map(each => [resourceOf(each)]))('%s has words for what it pays for', resource => {
  expect(permissionCosts[resource]).toBeDefined()
})

test('docs/rbac.yaml is what follows from the code', () => {
  const text = readFileSync('docs/rbac.yaml', 'utf8')
  expect(text).toBe(rbacManifest())
  const [reader, certificates] = parseAllDocuments(text).map(each => each.toJS())
  expect(reader).toMatchObject({ kind: 'ClusterRole', metadata: { name: 'istio-security-reader' }, rules: readerRules.map(policyRuleOf) })
  expect(certificates).toMatchObject({ metadata: { name: 'istio-security-certificates' }, rules: certificateRules.map(policyRuleOf) })
})

test('the viewer of the demo may do what the roles allow', () => {
  const missing = all.flatMap(({ group, resource, verbs }) =>
    verbs
      .filter(
        verb => !viewerRules.some(rule => rule.groups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb)),
      )
      .map(verb => `${verb} ${group}/${resource}`),
  )
  expect(missing).toEqual([])
})

describe('an account with rights in one namespace', () => {
  test('reads it, the root namespace and its own labels, and says what it may not', async () => {
    const { connection } = await connect('one-namespace', ['shop'])
    const { complete, objects } = connection.world()
    expect(connection.state.kind).toBe('connected')
    expect([complete('Pod', 'shop'), complete('Pod', 'bank'), complete('Pod', undefined)]).toEqual([true, false, false])
    expect(complete('PeerAuthentication', 'istio-system')).toBe(true)
    expect(complete('Namespace', undefined)).toBe(false)
    const namespaces = objects.flatMap(each => (each.kind === 'Namespace' ? [[each.name, each.labels['istio-injection']]] : []))
    expect(namespaces).toEqual([
      ['shop', 'enabled'],
      ['istio-system', undefined],
    ])
    const gaps = connection.state.kind === 'connected' ? connection.state.gaps : []
    expect(gaps.map(({ resource }) => resource)).toEqual([
      'namespaces',
      'gatewayclasses.gateway.networking.k8s.io',
      'mutatingwebhookconfigurations.admissionregistration.k8s.io',
      'customresourcedefinitions.apiextensions.k8s.io',
    ])
    expect(gaps[0]?.problem.message).toBe(
      'Your account may not list namespaces, so the labels that put namespaces into the mesh are unknown and nothing is concluded about them.',
    )
  })

  test('chooses none: the namespace of the context is read in place of the whole cluster', async () => {
    const text = kubeconfig('one-namespace').replace('user: demo-viewer }', 'user: demo-viewer, namespace: shop }')
    const connected = connectWith(text)
    open.push(connected)
    await connected.connection.ready()
    const { complete } = connected.connection.world()
    expect([complete('Service', 'shop'), complete('Service', 'bank')]).toEqual([true, false])
    expect(complete('AuthorizationPolicy', 'istio-system')).toBe(true)
  })

  test('several chosen ones are each a list, and what one refuses is a gap of its own', async () => {
    const { connection } = await connect('one-namespace', ['shop', 'bank'])
    const { complete } = connection.world()
    expect([complete('Pod', 'shop'), complete('Pod', 'bank')]).toEqual([true, false])
    const gaps = connection.state.kind === 'connected' ? connection.state.gaps : []
    expect(gaps.filter(({ resource }) => resource === 'pods').map(({ problem }) => problem.message)).toEqual([
      'Your account may not list pods in "bank", so workloads and their proxies there are unknown and nothing is concluded about them.',
    ])
  })
})
