// A gateway's report in words: what needs attention, what is not in force, then secrets, servers, backends, routes and listeners.
import { harmless } from '../certificate/harmless.ts'
import { duration, timeLeft } from '../certificate/lifetime.ts'
import type { GatewayBackend, GatewayReport, GatewaySecret, GatewayServer, MeantServer, Pending } from '../live/gateway/gatewayReport.ts'
import type { GatewayCommand } from './gatewayCommands.ts'
import { columns } from './table.ts'
import { count, list, wrap } from './words.ts'

export interface GatewayWords {
  /** RFC 3339: durations count from here. */
  readonly now: string
  readonly color: boolean
  readonly width?: number
  /** To copy. */
  readonly commands?: readonly GatewayCommand[]
}

const codes = { error: 31, warning: 33, info: 36 }

/** What is made harmless is clipped. */
const longestLine = 400

type Section = readonly [heading: string, lines: readonly string[]]

/** Only backends that a route leads to; the number of the others is told. */
export function gatewayText(report: GatewayReport, words: GatewayWords): string {
  const { width = Number.POSITIVE_INFINITY } = words
  const table = (rows: readonly (readonly string[])[]) => columns(rows, width - 2)
  const sections = [...firstSections(report, words), ...partSections(report, words.now, table), ...lastSections(report, words)]
  const texts = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => [heading, ...lines.map(line => `  ${line}`.trimEnd())].join('\n'))
  return `${[harmless(gatewayTitle(report)), ...texts].join('\n\n')}\n`
}

const roleWords = { gateway: 'Gateway', waypoint: 'Waypoint', sidecar: 'Sidecar of', other: 'Proxy' } as const

/** `Gateway istio-ingress/ingressgateway-1 · Istio 1.30.2`. */
function gatewayTitle({ gateway: { namespace, name, role, istioVersion } }: GatewayReport): string {
  return `${roleWords[role ?? 'gateway']} ${namespace ?? '?'}/${name ?? '?'}${istioVersion ? ` · Istio ${istioVersion}` : ''}`
}

/** `2 errors, 1 warning`, or that there is nothing. */
export function gatewayVerdict({ problems }: GatewayReport): string {
  const number = (severity: string) => problems.filter(each => each.severity === severity).length
  const parts = [count(number('error'), 'error'), count(number('warning'), 'warning')].filter(part => !part.startsWith('0 '))
  return parts.length === 0 ? 'nothing is known to be wrong' : parts.join(', ')
}

function firstSections(
  { problems, pending, notes }: GatewayReport,
  { color, width = Number.POSITIVE_INFINITY }: GatewayWords,
): readonly Section[] {
  const paint = (word: keyof typeof codes) => (color ? `\u001b[${codes[word]}m${word}\u001b[0m` : word)
  const indented = (text: string) => wrap(harmless(text), width - 4).map(line => `  ${line}`)
  return [
    [
      'Needs attention',
      problems.length === 0
        ? ['nothing that is known']
        : problems.flatMap(each => [`${paint(each.severity)}  ${harmless(each.about)}`, ...indentedMessage(each.message, width)]),
    ],
    ['Not in force (meant → sent → enforced)', pending.flatMap(each => [harmless(pendingTitle(each)), ...indented(each.detail)])],
    ['Notes', notes.flatMap(note => wrap(harmless(note), width - 2))],
  ]
}

/** A message holds names and words of Envoy, which were made harmless one by one; a whole one may be long. */
function indentedMessage(message: string, width: number): readonly string[] {
  return wrap(message, Math.min(width - 4, longestLine)).map(line => `  ${harmless(line)}`)
}

/** `sent, refused  listener 0.0.0.0_8443`. */
function pendingTitle({ stage, state, what, name, at }: Pending): string {
  return `${stage}, ${state}  ${what} ${name}${at === null ? '' : `, ${at}`}`
}

type Table = (rows: readonly (readonly string[])[]) => readonly string[]

function partSections(
  { secrets, servers, meant, backends, routes, listeners }: GatewayReport,
  now: string,
  table: Table,
): readonly Section[] {
  const used = backends.filter(each => each.used)
  const rest = backends.length - used.length
  return [
    ['Certificates', secrets.flatMap(each => secretLines(each, now))],
    ['Servers', table(servers.map(serverRow))],
    ['Servers that are meant', table((meant?.servers ?? []).map(meantRow))],
    [
      rest > 0 ? `Backends (${count(rest, 'cluster')} that no route leads to not shown)` : 'Backends',
      used.flatMap(each => backendLines(each, table)),
    ],
    ['Routes', routes.flatMap(route => route.hosts.flatMap(host => routeLines(route, host)))],
    ['Listeners', table(listeners.map(each => [each.at, each.name || '(unnamed)', each.state, updated(each.lastUpdated)].map(harmless)))],
  ]
}

function lastSections({ log }: GatewayReport, { commands = [] }: GatewayWords): readonly Section[] {
  return [
    ['Log', log === null ? ['not read'] : log.length === 0 ? ['no line about certificates'] : log.map(harmless)],
    ['Go deeper (commands to copy)', commands.flatMap(({ title, command }) => [`# ${harmless(title)}`, harmless(command)])],
  ]
}

/** What a secret is for: its names, or what else tells it apart. */
function secretWords({ chain, role, state, file }: GatewaySecret): string {
  const [leaf] = chain
  if (!leaf) return file === null ? (state === 'active' ? 'nothing' : state) : `read from ${file}`
  if (role === 'root' || chain.every(({ ca }) => ca)) return count(chain.length, 'CA certificate')
  const names = leaf.san.map(({ value }) => value)
  return leaf.identity ?? (list(names, 3) || leaf.subject || `serial ${leaf.serial}`)
}

function secretLines(secret: GatewaySecret, now: string): readonly string[] {
  const { name, state, chain, lastUpdated, usedBy } = secret
  const isBundle = chain.length > 0 && chain.every(({ ca }) => ca)
  const facts = isBundle ? chain.map(each => `${each.subject || `serial ${each.serial}`}, ${lifeOf(each, now)}`) : leafFacts(chain, now)
  return [
    harmless(`${name}  ${secretWords(secret)}`),
    ...[
      ...facts,
      stateWords(state, lastUpdated),
      usedBy.length === 0 ? 'used by no server and no backend that a route leads to' : `used by ${list(usedBy, 3)}`,
    ].map(fact => `  ${harmless(fact)}`),
  ]
}

function leafFacts([leaf, ...others]: GatewaySecret['chain'], now: string): readonly string[] {
  if (!leaf) return []
  return [
    `subject ${leaf.subject || '(empty)'}, names ${namesOf(leaf) || '(none)'}`,
    `issued by ${leaf.issuer || '(not told)'}${others.length > 0 ? `, sent with ${count(others.length, 'more certificate')}` : ''}`,
    `valid ${lifeOf(leaf, now)}`,
  ]
}

function lifeOf({ notBefore, notAfter }: GatewaySecret['chain'][number], now: string): string {
  return `${notBefore} to ${notAfter}, ${duration(Date.parse(notAfter) - Date.parse(notBefore))} in all, ${timeLeft(notAfter, now)}`
}

/** Envoy notes when a secret came, and of one that it awaits, when it asked. */
function stateWords(state: GatewaySecret['state'], at: string | null): string {
  if (at === null) return state
  return state === 'active' ? `active, received ${at}` : `${state} since ${at}`
}

function namesOf({ san }: GatewaySecret['chain'][number]): string {
  return list(
    san.map(({ type, value }) => `${type} ${value}`),
    4,
  )
}

function serverRow({ at, hosts, tls, credentials, roots, minimumVersion, leadsTo }: GatewayServer): readonly string[] {
  const verified = roots === null ? '' : `clients verified by ${roots}`
  return [
    at,
    tls === 'none' ? 'plaintext' : tls,
    hosts.join(', ') || 'any host',
    credentials.join(', '),
    [verified, minimumVersion ?? '', leadsTo ? `→ ${leadsTo}` : ''].filter(Boolean).join(' · '),
  ].map(harmless)
}

function meantRow({ object, port, hosts, tls, state, detail }: MeantServer): readonly string[] {
  return [state, object, `${port}`, tls === 'none' ? 'plaintext' : tls, hosts.join(', ') || 'any host', detail ?? ''].map(harmless)
}

/** What is sent to a backend, in words. */
function backendWords({ tls }: Pick<GatewayBackend, 'tls'>): string {
  if (tls === 'DISABLE') return 'plaintext'
  return tls === 'auto' ? 'auto mTLS: to endpoints with a proxy' : tls
}

function backendLines(backend: GatewayBackend, table: Table): readonly string[] {
  const { cluster, tls, sni, sans, destinationRule, roots, certificates, endpoints, lastUpdated } = backend
  const facts = [
    backendWords(backend),
    ...(destinationRule === null ? [] : [`by DestinationRule ${destinationRule}`]),
    ...(sni === null || tls === 'DISABLE' ? [] : [`SNI ${sni}`]),
    ...(tls === 'DISABLE' ? [] : [sans.length === 0 ? 'demands no name' : `demands ${list(sans, 4)}`]),
    ...(certificates.length === 0 ? [] : [`presents ${certificates.join(', ')}`]),
    ...(roots === null ? [] : [`trusts ${roots}`]),
    ...(lastUpdated === null ? [] : [`received ${lastUpdated}`]),
  ]
  const rows = (endpoints ?? []).map(({ address, port, health, tls, workload }) =>
    ['endpoint', `${address}${port === null ? '' : `:${port}`}`, health, tls ?? '', workload ?? ''].map(harmless),
  )
  return [
    harmless(cluster),
    ...facts.map(fact => `  ${harmless(fact)}`),
    ...table(rows).map(line => `  ${line}`),
    ...(endpoints === null ? ['  endpoints not told: take the dump with ?include_eds'] : endpoints.length === 0 ? ['  no endpoints'] : []),
  ]
}

type Routes = GatewayReport['routes'][number]

function routeLines({ name, lastUpdated }: Routes, { domains, routes }: Routes['hosts'][number]): readonly string[] {
  const received = lastUpdated === undefined ? '' : `, ${updated(lastUpdated)}`
  return [
    harmless(`${name || '(static)'}: ${list([...domains], 4)}${received}`),
    ...(routes.length === 0
      ? ['  no route: every request is answered with 404']
      : routes.map(route => `  ${harmless(route.match)} → ${harmless(routeTarget(route))}`)),
  ]
}

/** Where a route leads: its clusters with their weights, or what the proxy does itself. */
function routeTarget({ clusters, does }: Routes['hosts'][number]['routes'][number]): string {
  return clusters.map(each => (each.weight === undefined ? each.name : `${each.name} (${each.weight})`)).join(', ') || does
}

function updated(at: string | null): string {
  return at === null ? '' : `received ${at}`
}
