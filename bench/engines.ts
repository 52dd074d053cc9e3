// What the decision engines cost in a large mesh, indexes made, over the naive reference. That both say the same is checked on the way.
import { callersOf } from '../server/src/core/decide/access/callersOf.ts'
import { authorize } from '../server/src/core/decide/authorization/authorize.ts'
import { callerOf } from '../server/src/core/decide/authorization/connection.ts'
import { clientsAlike } from '../server/src/core/decide/mtls/alike.ts'
import { connections } from '../server/src/core/decide/mtls/paths.ts'
import type { Workload } from '../server/src/core/mesh/mesh.ts'
import { type LargeMesh, largeMesh, principalOf } from './largeMesh.ts'
import { type Measure, pairs, timed } from './measure.ts'
import { accessNaively, authorizeNaively, mtlsNaively, type PlainRequest } from './naive.ts'

const promised = { policies: 5000, pods: 10_000, apps: 2000 }
const naive = 'the naive reference'

export function engineMeasures(rounds: number): readonly Measure[] {
  const spread = largeMesh(promised)
  const inOneNamespace = largeMesh(promised, true)
  return [
    authorizeOne('authorize', spread, rounds),
    authorizeOne('authorize, all at one pod', inOneNamespace, rounds),
    accessOfOne('access', spread, rounds),
    accessOfOne('access, all at one pod', inOneNamespace, rounds),
    mtlsPaths(rounds),
  ]
}

function authorizeOne(name: string, large: LargeMesh, rounds: number): Measure {
  const [workload] = large.mesh.workloadsIn('team-0')
  if (!workload) throw new Error('no workload')
  const requests = Array.from({ length: 200 }, (_, index) => requestTo(workload, index * 25))
  // The first round makes the indexes.
  for (const request of requests) {
    if (decided(request, workload, large) !== authorizeNaively(large, request)) throw new Error(`they differ: ${JSON.stringify(request)}`)
  }
  const each = (ask: (request: PlainRequest) => unknown) => () => timed(() => requests.forEach(ask)) / requests.length
  const ours = each(request => decided(request, workload, large))
  return pairs(
    name,
    naive,
    rounds * 10,
    ours,
    each(request => authorizeNaively(large, request)),
  )
}

/** Every other one is let in somewhere. */
function requestTo({ namespace, name }: Workload, index: number): PlainRequest {
  const to = { namespace, app: name }
  return {
    to,
    principal: principalOf(index % 2000),
    method: 'GET',
    path: index % 2 ? `/api/${index}/x` : '/health',
    tenant: `tenant-${index % 5}`,
  }
}

function decided({ principal, method, path, tenant }: PlainRequest, workload: Workload, { mesh }: LargeMesh): string {
  const request = { method, path, host: 'app', headers: { 'x-tenant': [tenant] }, token: 'none' } as const
  const connection = { caller: callerOf(principal), sourceIp: '10.0.0.1', sni: '', to: { workload, port: 8080 }, request }
  return authorize(connection, mesh).decision
}

function accessOfOne(name: string, large: LargeMesh, rounds: number): Measure {
  const { mesh } = large
  const principals = Array.from({ length: promised.apps }, (_, index) => principalOf(index))
  const workloads = mesh.workloadsIn('team-0')
  let index = 0
  const next = () => {
    const workload = workloads[index++ % workloads.length]
    if (!workload) throw new Error('no workload')
    return workload
  }
  const ours = () => {
    const workload = next()
    return timed(() => callersOf(mesh, workload))
  }
  const floor = () => {
    const { namespace, name: app } = next()
    return timed(() => accessNaively(large, { namespace, app }, principals))
  }
  for (let warming = 0; warming < 3; warming++) ours()
  return pairs(name, naive, rounds, ours, floor)
}

/** One client of those that nothing tells apart, to every pod behind every Service; in a mesh that is new each time. */
function mtlsPaths(rounds: number): Measure {
  const large = largeMesh({ policies: 0, pods: 10_000, apps: 50 })
  const ours = () => {
    const mesh = Object.create(large.mesh)
    return timed(() => refusedIn(mesh))
  }
  const refused = refusedIn(large.mesh)
  if (refused !== mtlsNaively(large)) throw new Error(`they differ: ${refused} connections are refused, or ${mtlsNaively(large)}`)
  return pairs('mtls, all paths of 10,000 pods', naive, rounds, ours, () => timed(() => mtlsNaively(large)))
}

function refusedIn(mesh: LargeMesh['mesh']): number {
  let refused = 0
  for (const { outcome } of connections(mesh, { from: clientsAlike(mesh).map(([first]) => first) }))
    if (outcome.wire === 'refused') refused++
  return refused
}
