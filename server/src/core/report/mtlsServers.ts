// What server ports accept, as a table: one line for ports of a workload that accept the same for the same reason.

import { harmless } from '../certificate/harmless.ts'
import { ambientMtls, plaintextAt } from '../decide/ambient/peerAuthentication.ts'
import { type Alike, alike, ownerOf } from '../decide/mtls/alike.ts'
import { type Instance, nameOf } from '../decide/mtls/instances.ts'
import { type Decided, effectiveOf, modeAt } from '../decide/mtls/server.ts'
import { type ServerRow, serverRow, serverRows } from '../decide/mtls/serverRows.ts'
import type { PeerAuthentication } from '../istio/resources.ts'
import type { ProxyKind } from '../mesh/enrolment.ts'
import { groupBy } from '../mesh/groupBy.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Span } from '../yaml/tree.ts'
import { columns } from './table.ts'
import { list } from './words.ts'

export interface ServerGroup {
  /** `shop/checkout`, `shop/checkout (10 pods)`, `shop/checkout (9 of 10 pods)`; the pod itself where it is one of several. */
  readonly name: string
  readonly ports: readonly PortGroup[]
}

export interface PortGroup extends Pick<ServerRow, 'mode' | 'plaintext' | 'enforcer'> {
  readonly proxy: ProxyKind
  /** 0: all others. */
  readonly ports: readonly number[]
  readonly decided: Decided
  /** Why the mode is not the whole truth; undefined where it is. */
  readonly note?: string
}

/** Of some ports only, or of all that anybody names and one row for the others. */
export function serverGroups(mesh: Mesh, servers: readonly Instance[], ports?: readonly number[]): readonly ServerGroup[] {
  const owners = groupBy(alike(servers), ([first]) => ownerOf(first))
  return [...owners.values()].flatMap(ofOwner => {
    const told = ofOwner.map(group => ({ group, ports: portGroups(mesh, group[0], ports) }))
    const equal = groupBy(told, each => JSON.stringify(each.ports.map(port => ({ ...port, decided: decidedBy(port.decided) }))))
    return [...equal.values()].map(same => ({ name: nameOfGroup(same.map(each => each.group)), ports: same[0]?.ports ?? [] }))
  })
}

function decidedBy({ mode, policy }: Decided): string {
  return `${mode} ${policy ? nameOf(policy) : ''}`
}

function nameOfGroup(groups: readonly Alike[]): string {
  return podsOf(groups.flat())
}

/** Pods of one owner: all of them, some, or one. */
export function podsOf(pods: readonly Instance[]): string {
  const [first] = pods
  if (!first) return ''
  const all = first.workload?.pods.length ?? 0
  if (all <= 1) return ownerOf(first)
  if (pods.length === 1) return nameOf(first)
  return `${ownerOf(first)} (${pods.length === all ? '' : `${pods.length} of `}${all} pods)`
}

function portGroups(mesh: Mesh, server: Instance, ports?: readonly number[]): readonly PortGroup[] {
  const rows = ports ? ports.map(port => serverRow(mesh, server, port)) : serverRows(mesh, [server])
  const told = rows.map(row => ({ row, decided: modeAt(mesh, server, row.port), note: noteOn(mesh, server, row) }))
  const isOwn = ownTerms[server.proxy] !== undefined
  const same = groupBy(told, ({ row, note }) => (isOwn ? '' : JSON.stringify([row.mode, row.policy, row.plaintext, row.enforcer, note])))
  return [...same.values()].flatMap(group => {
    const [first] = group
    if (!first) return []
    const { row, decided, note } = first
    const { mode, plaintext, enforcer } = row
    const ports = group.map(each => each.row.port)
    return [{ ports, proxy: server.proxy, mode, plaintext, enforcer, decided, ...(note === undefined ? {} : { note }) }]
  })
}

function noteOn(mesh: Mesh, server: Instance, { enforcer, port, plaintext, mode }: ServerRow): string | undefined {
  const { undecided } = effectiveOf(mesh, server)
  const open = undecided.length > 0 ? [`which of ${list(undecided.map(nameOf))} is older is not known`] : []
  switch (enforcer) {
    case 'sidecar':
      return open[0]
    case 'ztunnel': {
      const agreed = plaintext === (mode === 'STRICT' ? 'refused' : 'accepted')
      return open[0] ?? (agreed ? 'by ztunnel' : `by ztunnel: ${plaintextAt(ambientMtls(mesh, server), port).because}`)
    }
    case 'none':
      return withoutEnforcer(server)
    case 'unknown':
      return 'whether it gets a proxy is not known'
    default:
      return enforcer satisfies never
  }
}

/** Proxies to which no PeerAuthentication applies: what they take instead of a mode, and who says so. */
const ownTerms: Readonly<Partial<Record<ProxyKind, { readonly takes: string; readonly because: string }>>> = {
  gateway: { takes: 'by its servers', because: 'a gateway: the "tls" of its servers decides' },
  waypoint: { takes: 'not taken', because: 'a waypoint: calls come over HBONE (port 15008), which is mTLS' },
}

function withoutEnforcer({ proxy }: Instance): string {
  const own = ownTerms[proxy]
  if (own) return own.because
  return proxy === 'sidecar' ? 'an annotation keeps it from the sidecar' : 'no proxy: nothing is enforced'
}

/** Where a part of a policy is written: `policies/peer.yaml:6`; undefined for what no file says. */
export type PlaceOf = (policy: PeerAuthentication, part: Span | undefined) => string | undefined

export interface ServerWords {
  readonly placeOf: PlaceOf
  readonly width?: number
}

/** The first line names the columns. */
export function serverTable(groups: readonly ServerGroup[], words: ServerWords): readonly string[] {
  const header = ['SERVER', 'PORTS', 'MODE', 'PLAINTEXT', 'DECIDED BY']
  const rows = groups.flatMap(({ name, ports }) =>
    ports.map((group, index) => [
      index === 0 ? harmless(name) : '',
      portsInWords(group.ports, ports.length === 1),
      ...(ownColumns(group) ?? [group.mode, group.plaintext, harmless(decider(group, words))]),
    ]),
  )
  return columns([header, ...rows], words.width)
}

function ownColumns({ proxy }: PortGroup): readonly string[] | undefined {
  const own = ownTerms[proxy]
  return own && ['-', own.takes, own.because]
}

/** `80, 8080, others`; `all` for a workload of which nobody names any. */
function portsInWords(ports: readonly number[], alone: boolean): string {
  const named = ports.filter(port => port !== 0).map(String)
  if (named.length === ports.length) return named.join(', ')
  return named.length === 0 && alone ? 'all' : [...named, 'others'].join(', ')
}

function decider({ decided, note, ports }: PortGroup, { placeOf }: ServerWords): string {
  const { policy } = decided
  const place = policy && placeOf(policy, modeIn(policy, ports))
  const who = policy ? nameOf(policy) : "Istio's default"
  return [place === undefined ? who : `${who} · ${place}`, ...(note === undefined ? [] : [note])].join('; ')
}

/** Where the mode of the ports is written. */
function modeIn(policy: PeerAuthentication, ports: readonly number[]): Span | undefined {
  const own = policy.portLevelMtls.find(({ port }) => ports.includes(port.value))
  return (own?.mode ?? policy.mode)?.span
}
