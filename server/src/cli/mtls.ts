// `istio-security mtls`: what each server port accepts, what each client sends, and whether they agree.
import { clientsAlike } from '../core/decide/mtls/alike.ts'
import { endpointsOf } from '../core/decide/mtls/endpoints.ts'
import { type Instance, instances } from '../core/decide/mtls/instances.ts'
import { connections, type PathFilter, rowOf, type Target } from '../core/decide/mtls/paths.ts'
import { serverRow, serverRows } from '../core/decide/mtls/serverRows.ts'
import { hostsNamed } from '../core/decide/mtls/services.ts'
import { targetAt, targetMeant, workloadAt } from '../core/decide/mtls/target.ts'
import { visibleHosts } from '../core/decide/mtls/visibleHosts.ts'
import { isPartOfIstio } from '../core/decide/partOfIstio.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { groupPaths, leftOutLines, pathLines } from '../core/report/mtlsPaths.ts'
import { type PlaceOf, serverGroups, serverTable } from '../core/report/mtlsServers.ts'
import { CannotRun } from './cannotRun.ts'
import { placeText, placing } from './locate.ts'
import { buildWorld, mayBeWhole, namesCluster, readInputs, readSurroundings, type WorldOptions } from './world.ts'

export interface MtlsOptions extends WorldOptions {
  /** `namespace/name` */
  readonly from?: string
  /** `namespace/name` or a host, with `:port`. */
  readonly to?: string
  readonly format: 'text' | 'json'
  readonly color: boolean
  /** Columns of the terminal; lines are not broken where there is none. */
  readonly width?: number
}

/** The text to print, a piece at a time: of a large mesh there is very much. */
export async function mtls(paths: readonly string[], options: MtlsOptions): Promise<Iterable<string>> {
  const isGiven = paths.length > 0 || options.mesh.length > 0 || namesCluster(options)
  const inputs = await readInputs(isGiven ? paths : ['.'], options.namespace[0])
  const around = await readSurroundings(inputs, options)
  const mesh = buildWorld(inputs, around, options)
  const asked = read(mesh, options)
  if (options.format === 'json') return json(mesh, asked)
  const place = await placing(mesh.all('PeerAuthentication'), inputs)
  const placeOf: PlaceOf = (policy, part) => {
    const found = place(policy, part)
    return found && placeText(found)
  }
  return text(mesh, asked, { ...options, mayHelp: mayBeWhole(inputs, around, options) }, placeOf)
}

interface Asked extends PathFilter {
  readonly servers: readonly Instance[]
  /** Of the servers; absent: all. */
  readonly ports?: readonly number[]
}

function read(mesh: Mesh, { from, to }: MtlsOptions): Asked {
  const clients = from === undefined ? undefined : workloadAt(mesh, from)
  if (from !== undefined && clients?.length === 0) throw new CannotRun(`there is no workload "${from}" here${meant(mesh, from)}`)
  const target = to === undefined ? undefined : targetAt(mesh, to)
  if (to !== undefined && !target) {
    throw new CannotRun(`there is no ${to.includes('/') ? 'workload' : 'host'} "${to}" here${meant(mesh, to)}`)
  }
  return {
    ...(clients ? { from: clients } : {}),
    ...(target ? { to: target } : {}),
    ...(target ? serversAt(mesh, target) : { servers: clients ? reachedBy(mesh, clients) : instances(mesh) }),
  }
}

function meant(mesh: Mesh, name: string): string {
  const found = targetMeant(mesh, name)
  return found === undefined ? '' : `; did you mean "${found}"?`
}

function reachedBy(mesh: Mesh, clients: readonly Instance[]): readonly Instance[] {
  const hosts = new Set(clients.flatMap(client => [...visibleHosts(mesh, client).values()]))
  return [...new Set([...hosts].flatMap(host => endpointsOf(mesh, host).flatMap(({ instance }) => instance ?? [])))]
}

function serversAt(mesh: Mesh, target: Target): Pick<Asked, 'servers' | 'ports'> {
  if ('workloads' in target) return { servers: target.workloads, ...(target.port === undefined ? {} : { ports: [target.port] }) }
  const { host, servicePort } = target
  const ends = hostsNamed(mesh, host)
    .flatMap(each => endpointsOf(mesh, each))
    .filter(each => servicePort === undefined || each.servicePort === servicePort)
  const servers = [...new Set(ends.flatMap(({ instance }) => instance ?? []))]
  return { servers, ...(servicePort === undefined ? {} : { ports: [...new Set(ends.map(({ port }) => port))] }) }
}

/** The shape others script against (README), a row on each line. */
function* json(mesh: Mesh, { servers, ports, ...filter }: Asked): Generator<string> {
  const rows = ports ? servers.flatMap(server => ports.map(port => serverRow(mesh, server, port))) : serverRows(mesh, servers)
  yield '{\n  "version": 1,\n  "servers": ['
  yield* lines(rows)
  yield '],\n  "paths": ['
  yield* lines(rowsOf(mesh, filter))
  yield ']\n}\n'
}

function* rowsOf(mesh: Mesh, filter: PathFilter) {
  for (const connection of connections(mesh, filter)) yield rowOf(mesh, connection)
}

function* lines(rows: Iterable<object>): Generator<string> {
  let separator = '\n'
  for (const row of rows) {
    yield `${separator}    ${JSON.stringify(row)}`
    separator = ',\n'
  }
  if (separator !== '\n') yield '\n  '
}

function* text(mesh: Mesh, { servers, ports, from, to }: Asked, options: MtlsOptions & { readonly mayHelp: boolean }, placeOf: PlaceOf) {
  const width = options.width === undefined ? {} : { width: options.width }
  const groups = serverGroups(mesh, servers, ports)
  for (const line of groups.length > 0 ? serverTable(groups, { ...width, placeOf }) : ['SERVERS: none']) yield `${line}\n`
  const isLeftOut = (client: Instance) => !from && isPartOfIstio(client, mesh)
  const asked = clientsAlike(mesh).flatMap(alike => {
    const wanted = from ? alike.filter(each => from.includes(each)) : alike.filter(each => !isLeftOut(each))
    return wanted[0] ? [[wanted[0], wanted] as const] : []
  })
  const alike = new Map(asked)
  const found = connections(mesh, { from: [...alike.keys()], ...(to ? { to } : {}) })
  const told = groupPaths(mesh, found, client => alike.get(client) ?? [client])
  yield '\n'
  for (const line of pathLines(told, { ...width, color: options.color })) yield `${line}\n`
  for (const line of leftOutLines(instances(mesh).filter(isLeftOut), width)) yield `${line}\n`
  const isOpen = told.some(({ status }) => status === 'unknown') && options.mayHelp
  if (isOpen) yield '\nIf these files are everything there is, add --closed-world.\n'
}
