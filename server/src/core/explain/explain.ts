// Explain a refusal: what a log line or an error of a proxy says, and what the mesh knows about it.
import { authorize } from '../decide/authorization/authorize.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { callIn, clip, type Situation } from './accounts/account.ts'
import { accountOf } from './accounts/accountOf.ts'
import type { Explained, Explanation, Party } from './explanation.ts'
import { nearMisses } from './nearMisses.ts'
import { type Read, read } from './read.ts'
import type { Reading, Refusal } from './refusal.ts'
import { type Scene, sceneOf } from './scene.ts'

/** Never throws. A paste of many lines gives each refusal once, with how often it is told. */
export function explain(text: string, mesh: Mesh): Explained {
  const reads = read(text)
  const tellings = withoutEchoes(reads.flatMap(each => tellingOf(each, mesh)))
  const refused = tellings.filter(({ refusal }) => refusal.kind !== 'client-gone')
  const told = refused.length > 0 ? refused : tellings
  const explanations = grouped(told).map(group => explanationOf(group, mesh))
  const entries = {
    refused: refused.length,
    passed: reads.filter(({ reading }) => isPassed(reading)).length,
    unrecognised: reads.filter(({ reading }) => reading === 'unrecognised').length,
  }
  return { explanations: explanations.length > 0 ? explanations : [nothingToExplain(reads, entries.passed)], entries }
}

function isPassed(reading: Reading): boolean {
  return reading === 'passed' || (typeof reading === 'object' && reading.kind === 'client-gone')
}

/** One line that tells of a refusal. */
interface Telling extends Read {
  readonly refusal: Refusal
  readonly scene: Scene
}

function tellingOf(each: Read, mesh: Mesh): readonly Telling[] {
  const { reading, told } = each
  return typeof reading === 'object' ? [{ ...each, refusal: reading, scene: sceneOf(told, reading, mesh) }] : []
}

/** What the other side of a connection writes about the same refusal, and what repeats a line, is left out beside the line that tells more. */
function withoutEchoes(tellings: readonly Telling[]): readonly Telling[] {
  const primary = tellings.filter(({ told, refusal }) => !told.echo && !isClients(refusal))
  const kinds = new Set(primary.map(({ refusal }) => subjectOf(refusal)))
  const requests = new Set(primary.flatMap(({ told }) => told.requestId ?? []))
  const routes = new Set(primary.map(({ scene }) => routeOf(scene)))
  const isTold = ({ told, refusal, scene }: Telling) =>
    (told.echo && kinds.has(subjectOf(refusal))) ||
    (isClients(refusal) && ((told.requestId !== undefined && requests.has(told.requestId)) || routes.has(routeOf(scene))))
  const kept = tellings.filter(each => !isTold(each))
  const seen = new Set<string>()
  // The debug log and the access log tell of one request.
  return kept.filter(({ told: { requestId, form }, refusal }) => {
    if (requestId === undefined) return true
    const key = `${requestId} ${subjectOf(refusal)}`
    const isRepeated = seen.has(`${key} ${form === 'check' ? 'envoy' : 'check'}`)
    seen.add(`${key} ${form}`)
    return !isRepeated
  })
}

/** How a refusal of the server looks from the client. */
function isClients({ kind }: Refusal): boolean {
  return kind === 'refused-behind' || kind === 'tunnel-refused' || kind === 'closed-by-server'
}

function routeOf({ client, server }: Scene): string {
  const known = [client.name ?? client.ip, server.name ?? server.ip]
  return known.includes(undefined) ? '' : `${known.join(' ')}:${server.port ?? ''}`
}

/** What makes two refusals the same, besides who calls whom. */
function subjectOf(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'token':
      return `token ${refusal.status.text}`
    case 'tls':
      return `tls ${refusal.failure.id}`
    case 'refused-behind':
    case 'tunnel-refused':
      return `${refusal.kind} ${refusal.status}`
    case 'unreachable':
      return `unreachable ${refusal.cause ?? ''}`
    default: {
      const policy = 'policy' in refusal ? refusal.policy : undefined
      return `${refusal.kind} ${policy ? `${policy.namespace}/${policy.name} ${policy.rule ?? ''}` : ''}`
    }
  }
}

/** Replicas and ports of clients make no other refusal. */
function grouped(tellings: readonly Telling[]): readonly (readonly Telling[])[] {
  const groups = new Map<string, Telling[]>()
  for (const telling of tellings) {
    const { client, server } = telling.scene
    const key = [subjectOf(telling.refusal), endKey(client), endKey(server), server.port ?? ''].join('\0')
    const group = groups.get(key)
    if (group) group.push(telling)
    else groups.set(key, [telling])
  }
  return [...groups.values()]
}

function endKey({ workload, name, identity, host, ip }: Party): string {
  return workload ?? name ?? identity ?? host ?? ip ?? ''
}

const mostRequests = 5

function explanationOf(group: readonly Telling[], mesh: Mesh): Explanation {
  const [first] = group
  if (!first) throw new Error('a group has a member')
  const { entry, refusal, scene } = first
  const decision = scene.connection && authorize(scene.connection, mesh)
  const misses = scene.connection && decision && refusal.kind !== 'denied' ? nearMisses(scene.connection, decision.steps, mesh) : []
  const at: Situation = { ...scene, nearMisses: misses, ...(decision ? { decision } : {}) }
  const requests = new Set(group.flatMap(each => (each.told.method === undefined ? [] : callIn(each.scene))))
  const { policies = [], ...account } = accountOf(refusal, at)
  return {
    kind: refusal.kind,
    count: group.length,
    line: entry.line,
    text: clip(entry.text),
    ...account,
    refusedBy: scene.refusedBy,
    policies,
    requests: [...requests].slice(0, mostRequests),
    nearMisses: misses,
    ...(isEmpty(scene.client) ? {} : { client: scene.client }),
    ...(isEmpty(scene.server) ? {} : { server: scene.server }),
    ...(decision ? { decision } : {}),
  }
}

function isEmpty(party: Party): boolean {
  return Object.keys(party).length === 0
}

const pasteable =
  'Paste a line of the access log of the proxy (Istio\'s text or JSON format), of its debug log ("enforced denied, matched policy …"), of ztunnel ("connection complete … error=…"), or the body of the answer ("RBAC: access denied", "Jwt is expired", "upstream connect error …").'

function nothingToExplain(reads: readonly Read[], passed: number): Explanation {
  const [first] = reads
  const about = {
    count: passed,
    line: first?.entry.line ?? 0,
    text: clip(first?.entry.text ?? ''),
    policies: [],
    requests: [],
    nearMisses: [],
  }
  if (passed > 0)
    return {
      ...about,
      kind: 'none',
      happened: passed === 1 ? 'The line tells of no refusal.' : `None of the ${passed} lines that are understood tells of a refusal.`,
      refusedBy: 'none',
      means: ['What a proxy refuses has a code such as 403 with rbac_access_denied, or a flag such as NR, UF or UAEX.'],
      repair: ['If a request was refused nevertheless, look in the log of the proxy of the server, for the same moment.'],
    }
  return {
    ...about,
    kind: 'unrecognised',
    count: reads.length,
    happened:
      reads.length === 0
        ? 'There is no text to explain.'
        : 'This is no text of a proxy that is known here, so nothing is concluded from it.',
    refusedBy: 'unknown',
    means: [],
    repair: [pasteable],
  }
}
