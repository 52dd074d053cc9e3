// What a DestinationRule does about TLS, in words: who follows it, what they send to each endpoint, and whether the server takes it.
import { ownerOf } from '../decide/mtls/alike.ts'
import { resolvedHost } from '../decide/mtls/destinationRules.ts'
import { type Followers, followersOf } from '../decide/mtls/followers.ts'
import { nameOf } from '../decide/mtls/instances.ts'
import { type Connection, connections } from '../decide/mtls/paths.ts'
import type { DestinationRule } from '../istio/resources.ts'
import { groupBy } from '../mesh/groupBy.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { groupPaths, type PathGroup } from './mtlsPaths.ts'
import { count, list } from './words.ts'

export interface RuleDescription {
  /** `shop/checkout → checkout.shop.svc.cluster.local` */
  readonly headline: string
  /** Who follows it, and whom others keep from it. */
  readonly clients: readonly string[]
  /** What is sent to the endpoints, what fails first. */
  readonly sent: readonly string[]
}

/** A part of the rule: a port of the Service, a subset. */
export interface RulePart {
  readonly port?: number
  readonly subset?: string
}

const most = 8

export function describeRule(rule: DestinationRule, mesh: Mesh, part: RulePart = {}): RuleDescription {
  const all = followersOf(rule, mesh)
  const followed = all.filter(({ fate }) => fate.is !== 'hidden')
  const opened = followed.flatMap(({ first, host }) => [...connections(mesh, { from: [first], to: { host: host.host } })])
  const asked = opened.filter(each => isOf(part, each))
  const groups = groupPaths(mesh, asked.map(certainly))
  const rest = groups.length - most
  const missing = [...new Set(asked.flatMap(each => each.missing))]
  return {
    headline: `${rule.namespace}/${rule.name} → ${resolvedHost(rule)}`,
    clients: all.length > 0 ? describeFollowers(all) : [nobody(rule, mesh)],
    sent: [
      ...groups.slice(0, most).map(describePath),
      ...(rest > 0 ? [`and ${rest} more`] : []),
      ...(missing.length > 0 ? [`By what is known here; it is not known ${list(missing, 3)}.`] : []),
    ],
  }
}

function isOf({ port, subset }: RulePart, { cluster }: Connection): boolean {
  return (port === undefined || cluster.port.port === port) && (subset === undefined || cluster.subset === subset)
}

/** What is missing is the same for all of them, and said once. */
function certainly(connection: Connection): Connection {
  return { ...connection, missing: [] }
}

function nobody(rule: DestinationRule, mesh: Mesh): string {
  const known = (['Pod', 'Service', 'ServiceEntry'] as const).every(kind => mesh.complete(kind))
  return known ? `No client of the mesh knows "${resolvedHost(rule)}" and sees this rule.` : 'Which clients follow it is not known here.'
}

function describeFollowers(all: readonly Followers[]): readonly string[] {
  return [...groupBy(all, fateInWords)].map(([words, group]) => {
    const owners = [...new Set(group.flatMap(({ clients }) => clients.map(ownerOf)))]
    return `${count(owners.length, 'client')} ${owners.length === 1 ? words : words.replace(/^follows/, 'follow')}: ${list(owners)}`
  })
}

function fateInWords({ fate, ageless }: Followers): string {
  const unless = ageless ? ', unless the other rule for this host is older' : ''
  switch (fate.is) {
    case 'followed':
      return `follows it${unless}`
    case 'merged':
      return `follows the traffic policy of ${nameOf(fate.into)}, with which Istio merges it${unless}`
    case 'hidden':
      return fate.by
        ? `follows ${nameOf(fate.by)} in its place${unless}`
        : 'follows no rule, as Istio merges this one into a rule for others'
    default:
      return fate satisfies never
  }
}

function describePath({ status, host, port, subset, server, reason }: PathGroup): string {
  const to = `${host}:${port}${subset === undefined ? '' : ` subset ${subset}`}${server === undefined ? '' : ` → ${server}`}`
  return `${status === 'ok' ? '' : `${status}: `}${to}: ${reason}`
}
