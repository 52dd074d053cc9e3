// What proxies have, judged by `connection`, and what configuration means, judged by `mtls`: in the demo's mesh, whose proxies are in step with it,
// both must agree on every connection.
import { beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../../../../demo/api/object.ts'
import { isPod, type Pod } from '../../../../../demo/mesh/workload.ts'
import { World } from '../../../../../demo/world.ts'
import { instances } from '../../../../../server/src/core/decide/mtls/instances.ts'
import { paths } from '../../../../../server/src/core/decide/mtls/paths.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import { checkConnection } from '../../../../../server/src/core/live/connection/connection.ts'
import { endOfPod, readLive } from '../../../../../server/src/core/live/connection/ends.ts'
import { meantFor } from '../../../../../server/src/core/live/connection/meant.ts'
import type { End } from '../../../../../server/src/core/live/connection/question.ts'
import type { Step } from '../../../../../server/src/core/live/connection/step.ts'
import { buildMesh, ClusterLayer } from '../../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { proxyOf } from '../../../../../server/src/core/mesh/workloads.ts'

const now = new Date('2026-11-21T09:00:00Z')
const clients = ['shop/frontend', 'istio-ingress/ingressgateway', 'bank/teller', 'billing/legacy'] as const
const servers = [
  { app: 'shop/checkout', port: 8080 },
  { app: 'shop/db', port: 5432 },
  { app: 'bank/vault', port: 9000 },
  { app: 'billing/legacy', port: 8080 },
] as const
const modes = ['STRICT', 'PERMISSIVE', 'DISABLE', undefined] as const
const rules = ['ISTIO_MUTUAL', 'DISABLE', 'SIMPLE', undefined] as const

let world: World
beforeAll(async () => {
  world = await World.create(now)
})

const cases = servers.flatMap(server => modes.flatMap(mode => rules.map(rule => ({ ...server, mode, rule }))))

test.each(cases)('$app:$port under $mode with $rule', async ({ app, port, mode, rule }) => {
  await world.reset()
  const [namespace = '', name = ''] = app.split('/')
  for (const object of world.store.all()) {
    const isOwn = object.metadata.namespace === namespace || object.metadata.namespace === 'istio-system'
    if ((object.kind === 'PeerAuthentication' && isOwn) || object.kind === 'DestinationRule') world.store.remove(object)
  }
  const metadata = { namespace, name: 'tested', creationTimestamp: '2026-11-01T09:00:00Z' }
  const put = (object: KubeObject) => world.store.put(object)
  if (mode) put({ apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata, spec: { mtls: { mode } } })
  if (rule) {
    const spec = { host: `${name}.${namespace}.svc.cluster.local`, trafficPolicy: { tls: { mode: rule } } }
    put({ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata, spec })
  }
  const mesh = meshOf(world)
  const to = endOf(mesh, app)
  const judged = clients
    .filter(client => client !== app)
    .map(client => {
      const from = endOf(mesh, client)
      const meant = meantFor(mesh, { from, to, port }, () => [])
      const early = checkConnection({ from, to, port, now: now.toISOString(), meant }).steps.slice(0, 3)
      const has = (state: Step['state']) => early.some(each => each.state === state)
      const status = has('failed') ? 'conflict' : has('unknown') ? 'unknown' : 'ok'
      return { client, live: status, meant: meantBy(mesh, from, to, port), why: early.map(({ detail }) => detail) }
    })
  expect(judged.filter(({ live, meant }) => live !== meant)).toEqual([])
})

/** What `mtls` says, where it says one thing. */
function meantBy(mesh: Mesh, from: End, to: End, port: number): string {
  const named = (end: End) => instances(mesh).filter(each => each.namespace === end.namespace && each.name === end.name)
  const rows = [...paths(mesh, { from: named(from), to: { workloads: named(to), port } })].filter(({ subset }) => subset === null)
  const statuses = [...new Set(rows.map(({ status }) => status))]
  expect(statuses).toHaveLength(1)
  return statuses[0] ?? ''
}

function meshOf({ store }: World): Mesh {
  const objects = store.all().flatMap(object => readObject(object, { from: 'cluster', context: 'demo' }) ?? [])
  return buildMesh({ files: [], cluster: new ClusterLayer({ objects, complete: () => true }), closedWorld: false })
}

function podOf({ store }: World, app: string): Pod {
  const pod = store
    .all()
    .filter(isPod)
    .find(({ metadata }) => `${metadata.namespace}/${metadata.labels?.app}` === app)
  if (!pod) throw new Error(`no pod of ${app}`)
  return pod
}

/** What its proxy, or the ztunnel of its node, says of it. */
function endOf(mesh: Mesh, app: string): End {
  const { metadata, spec } = podOf(world, app)
  const pod = mesh.find('Pod', metadata.namespace ?? '', metadata.name)
  if (!pod) throw new Error(`${app} is not in the mesh`)
  const proxy = proxyOf(pod, mesh)
  const isTunnel = (each: Pod) => each.metadata.labels?.app === 'ztunnel' && each.spec.nodeName === spec.nodeName
  const asked = proxy === 'ztunnel' ? world.store.all().filter(isPod).find(isTunnel) : podOf(world, app)
  const answer = asked && world.admin(asked, 15000)?.('GET', new URL('http://localhost/config_dump?include_eds'))
  return endOfPod(pod, proxy, 'cluster.local', answer ? readLive(answer.body, now.toISOString()) : undefined)
}
