// Held against a real istiod, over 195 meshes: the mode of every server port and the policy that decides it, and all that every client
// is told of every host that it can see; the table of both sides says the same, a row for each endpoint.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { type Cluster, clustersFor, type TlsMode } from '../../server/src/core/decide/mtls/clientTls.ts'
import { type Instance, instancesNamed, nameOf } from '../../server/src/core/decide/mtls/instances.ts'
import { paths } from '../../server/src/core/decide/mtls/paths.ts'
import { type MtlsMode, modeAt } from '../../server/src/core/decide/mtls/server.ts'
import { visibleHosts } from '../../server/src/core/decide/mtls/visibleHosts.ts'
import { readObject } from '../../server/src/core/istio/read.ts'
import { buildMesh, ClusterLayer } from '../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../server/src/core/mesh/mesh.ts'
import { jsonLines } from '../support/shared.ts'

interface ServerRow {
  readonly workload: string
  readonly port: number
  readonly mode: MtlsMode
  readonly policy: string | null
}

interface ClientRow {
  readonly from: string
  readonly host: string
  readonly port: number
  readonly subset: string | null
  readonly type: string
  readonly tls: TlsMode
  readonly perEndpoint: boolean
  readonly auto: boolean
  readonly userTls: TlsMode | null
  readonly destinationRule: string | null
  readonly destinationRules?: readonly string[]
  readonly endpoints: readonly EndpointRow[]
  readonly sni?: string
  readonly sans?: readonly string[]
  readonly validation?: string | null
  readonly clientCert?: string
  readonly autoSni?: boolean
  readonly autoSanValidation?: boolean
  readonly serviceNamespace?: string
}

interface EndpointRow {
  readonly workload: string | null
  readonly address?: string
  readonly port: number
  readonly tls: TlsMode
}

interface MeshCase {
  readonly id: string
  readonly tags: readonly string[]
  readonly meshConfig: unknown
  readonly rootNamespace: string
  readonly objects: readonly unknown[]
  readonly servers: readonly ServerRow[]
  readonly clients: readonly ClientRow[]
  readonly clientWorkloads: readonly string[]
}

/** Rows where istiod is wrong or we decide otherwise on purpose: the row's key, with its reason. */
const allowed: ReadonlyMap<string, string> = new Map()

const cases = jsonLines<MeshCase>(gunzipSync(readFileSync('test/oracles/data/mtls.jsonl.gz')).toString('utf8'))
const agreed = { servers: 0, clients: 0, endpoints: 0 }

test.each(cases)('$id: $tags', ({ id, rootNamespace, meshConfig, objects, servers, clients, clientWorkloads }) => {
  const mesh = meshOf(id, rootNamespace, meshConfig, objects)

  const modes = servers.map(({ workload, port }) => {
    const { mode, policy } = modeAt(mesh, named(mesh, workload), port)
    return { workload, port, mode, policy: policy ? nameOf(policy) : null }
  })
  agreed.servers += compare(
    modes.map(row => [`${id} ${row.workload} ${row.port}`, row]),
    servers.map(({ workload, port, mode, policy }) => [`${id} ${workload} ${port}`, { workload, port, mode, policy }]),
  )

  const decided = clientWorkloads.flatMap(from => {
    const client = named(mesh, from)
    return [...visibleHosts(mesh, client).values()].flatMap(host => clustersFor(mesh, client, host).map(each => rowOf(from, each)))
  })
  const keyed = (rows: readonly ClientRow[]) =>
    rows.map(row => [`${id} ${row.from} ${row.host} ${row.port} ${row.subset}`, sorted(row)] as const)
  agreed.clients += compare(keyed(decided), keyed(clients))

  const from = clientWorkloads.map(each => named(mesh, each))
  const table = [...paths(mesh, { from })].map(row => `${row.from} ${row.host} ${row.port} ${row.subset} ${row.server?.port}: ${row.tls}`)
  const flat = clients.flatMap(({ endpoints, ...row }) =>
    (endpoints.length > 0 ? endpoints : [{ port: undefined, tls: row.tls }]).map(
      ({ port, tls }) => `${row.from} ${row.host} ${row.port} ${row.subset} ${port}: ${tls}`,
    ),
  )
  expect(table.toSorted()).toEqual(flat.toSorted())
  agreed.endpoints += clients.reduce((sum, { endpoints }) => sum + endpoints.length, 0)
})

afterAll(() => {
  const total = (rows: (each: MeshCase) => number) => cases.reduce((sum, each) => sum + rows(each), 0)
  const endpoints = total(({ clients }) => clients.reduce((sum, row) => sum + row.endpoints.length, 0))
  console.log(
    `mtls oracle: ${cases.length} meshes, ${agreed.servers} of ${total(each => each.servers.length)} server ports, ` +
      `${agreed.clients} of ${total(each => each.clients.length)} client rows with ${endpoints} endpoints agreed, ${allowed.size} allow-listed`,
  )
})

/** How many rows agree; throws where one that is not excused does not, or a row is missing or in excess. */
function compare<T>(actual: readonly (readonly [key: string, row: T])[], expected: readonly (readonly [key: string, row: T])[]): number {
  const judged = (rows: typeof actual) => Object.fromEntries(rows.filter(([key]) => !allowed.has(key)))
  expect(judged(actual)).toEqual(judged(expected))
  expect(actual.length).toBe(expected.length)
  return Object.keys(judged(expected)).length
}

function meshOf(id: string, rootNamespace: string, meshConfig: unknown, objects: readonly unknown[]): Mesh {
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: rootNamespace },
    data: { mesh: JSON.stringify(meshConfig) },
  }
  const cluster = new ClusterLayer({
    objects: [config, ...objects].flatMap(each => readObject(each, { from: 'cluster', context: id }) ?? []),
    complete: () => true,
  })
  return buildMesh({ files: [], cluster, closedWorld: false })
}

function named(mesh: Mesh, name: string): Instance {
  const [found] = instancesNamed(mesh, name)
  if (!found) throw new Error(`no workload ${name}`)
  return found
}

function rowOf(from: string, cluster: Cluster): ClientRow {
  const { host, rule, tls } = cluster
  const rules = rule?.rules.map(nameOf) ?? []
  return {
    from,
    host: host.host,
    port: cluster.port.port,
    subset: cluster.subset ?? null,
    type: cluster.type,
    tls,
    perEndpoint: cluster.perEndpoint,
    auto: cluster.auto,
    userTls: cluster.userTls ?? null,
    destinationRule: rules[0] ?? null,
    ...(rules.length > 1 ? { destinationRules: rules } : {}),
    endpoints: cluster.endpoints.map(({ endpoint: { instance, backend, port }, tls: sent }) => ({
      workload: instance ? nameOf(instance) : null,
      ...(instance || !backend.address ? {} : { address: backend.address }),
      port,
      tls: sent,
    })),
    ...(cluster.sni === undefined ? {} : { sni: cluster.sni }),
    ...(tls === 'DISABLE' ? {} : { sans: cluster.sans }),
    ...(cluster.validation === undefined ? {} : { validation: cluster.validation }),
    ...(cluster.clientCertificate === undefined ? {} : { clientCert: cluster.clientCertificate }),
    ...(cluster.autoSni ? { autoSni: true } : {}),
    ...(cluster.autoSanValidation ? { autoSanValidation: true } : {}),
    ...(host.origin.kind === 'ServiceEntry' ? { serviceNamespace: host.namespace } : {}),
  }
}

function sorted(row: ClientRow): ClientRow {
  const key = ({ workload, address, port }: EndpointRow) => `${workload} ${address} ${port}`
  return { ...row, endpoints: row.endpoints.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) }
}
