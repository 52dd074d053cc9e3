// What a gateway has, part by part, as tables and folded details. Every name is treated as hostile. Pure.
import type { GatewayReport } from '../../../../server/src/protocol.ts'
import { html } from '../../text.ts'
import { duration } from '../../time.ts'
import { timeElement } from '../certificate/validityBar.ts'
import { keyOf, nameOf, subjectOf, usesOf } from '../certificate/words.ts'
import { type Cell, table } from './table.ts'

type Secret = GatewayReport['secrets'][number]
type Backend = GatewayReport['backends'][number]

export function pendingSection({ pending }: GatewayReport): string {
  if (pending.length === 0) return ''
  const rows = pending.map(({ stage, what, name, state, detail, at }) => [stage, state, `${what} ${name}`, detail, time(at)])
  return section(
    'Not in force',
    `<p class="quiet">Configuration is meant (written), sent (received by the proxy) and enforced. This came only so far.</p>
${table('Not in force', ['Came to', 'State', 'What', 'Detail', 'Received'], rows)}`,
  )
}

export function serversSection({ servers, meant }: GatewayReport): string {
  const rows = servers.map(({ at, tls, hosts, credentials, roots, minimumVersion, leadsTo }) => [
    at,
    tls === 'none' ? 'plaintext' : tls,
    hosts.length === 0 ? 'any host' : hosts,
    credentials,
    roots ?? '',
    minimumVersion ?? '',
    leadsTo ?? '',
  ])
  const headers = ['Address', 'TLS', 'Hosts', 'Presents', 'Verifies clients with', 'Least version', 'Leads to']
  return section('Servers', `${table('Servers', headers, rows) || '<p>The proxy has no server.</p>'}${meant ? meantServers(meant) : ''}`)
}

const standings = { there: '✓ there', missing: '✗ missing', different: '! different', unknown: '? not certain' } as const

function meantServers({ servers }: NonNullable<GatewayReport['meant']>): string {
  if (servers.length === 0) return ''
  const rows = servers.map(({ object, port, protocol, hosts, tls, credentials, state, detail }) => [
    standings[state],
    object,
    `${port} ${protocol}`,
    hosts.length === 0 ? 'any host' : hosts,
    tls === 'none' ? 'plaintext' : tls,
    credentials,
    detail ?? '',
  ])
  const odd = servers.some(({ state }) => state === 'missing' || state === 'different')
  const caption = 'Servers that Gateways mean for it'
  return folded(caption, table(caption, ['At the proxy', 'Object', 'Port', 'Hosts', 'TLS', 'Secret', 'Detail'], rows), odd)
}

export function secretsSection({ secrets }: GatewayReport, now: string): string {
  const rows = secrets.map((secret): readonly Cell[] => {
    const leaf = leafOf(secret)
    return [
      secret.name,
      namesOf(secret),
      leaf ? leaf.issuer || '(not told)' : '',
      leaf ? lifetime(leaf, now) : '',
      secret.state,
      time(secret.lastUpdated),
      secret.usedBy.length > 3 ? [...secret.usedBy.slice(0, 2), `and ${secret.usedBy.length - 2} more`] : secret.usedBy,
    ]
  })
  const headers = ['Secret', 'For', 'Issuer', 'Lifetime', 'State', 'Received', 'Used by']
  const details = secrets.filter(({ chain }) => chain.length > 0).map(secretDetails)
  return section('Certificates', `${table('Certificates', headers, rows)}${folded('All fields', details.join('\n'))}`)
}

function leafOf({ chain }: Secret): Secret['chain'][number] | undefined {
  return chain[0]
}

function namesOf({ chain, role, file }: Secret): Cell {
  const [leaf] = chain
  if (!leaf) return file === null ? '' : `read from ${file}`
  if (role === 'root' || chain.every(({ ca }) => ca)) return chain.map(subjectOf)
  return leaf.san.length === 0 ? nameOf(leaf) : leaf.san.map(({ value }) => value)
}

function lifetime({ notBefore, notAfter }: Secret['chain'][number], now: string): Cell {
  const [from, until, at] = [notBefore, notAfter, now].map(Date.parse) as [number, number, number]
  const all = `of ${duration(until - from)}`
  if (at > until) return { markup: `<span class="error-word">✗ expired ${html(duration(at - until))} ago</span>` }
  if (at < from) return { markup: `<span class="error-word">✗ valid only in ${html(duration(from - at))}</span>` }
  return [`${duration(until - at)} left`, all]
}

function secretDetails({ name, chain }: Secret): string {
  const each = chain.map(certificate => {
    const fields: readonly (readonly [string, string])[] = [
      ['Subject', subjectOf(certificate)],
      ['Names', certificate.san.map(({ type, value }) => `${type} ${value}`).join(', ') || '(none)'],
      ['Issuer', certificate.issuer || '(not told)'],
      ['Validity', `${certificate.notBefore} to ${certificate.notAfter}`],
      ['Key', keyOf(certificate)],
      ['Use', usesOf(certificate)],
      ['Serial', certificate.serial],
      ['SHA-256', certificate.sha256],
    ]
    return `<dl>${fields.map(([label, value]) => `<dt>${label}</dt><dd>${html(value)}</dd>`).join('')}</dl>`
  })
  return `<h3>${html(name)}</h3>${each.join('\n')}`
}

export function backendsSection({ backends, meant }: GatewayReport): string {
  const used = backends.filter(each => each.used)
  const rest = backends.length - used.length
  const odd = new Map(meant?.backends.flatMap(each => (each.state === 'different' ? [[each.cluster, each.meant]] : [])))
  const rows = used.map((backend): readonly Cell[] => {
    const { cluster, tls, sni, sans, roots, certificates, destinationRule } = backend
    const otherwise = odd.get(cluster)
    const sends = tls === 'DISABLE' ? 'plaintext' : tls === 'auto' ? 'auto mTLS' : tls
    return [
      cluster,
      otherwise === undefined ? sends : [sends, `! ${otherwise} is meant`],
      tls === 'DISABLE' ? '' : (sni ?? 'of the request'),
      tls === 'DISABLE' ? '' : sans.length === 0 ? 'any name' : sans,
      [...certificates.map(name => `presents ${name}`), ...(roots === null ? [] : [`trusts ${roots}`])],
      destinationRule ?? '',
      health(backend),
    ]
  })
  const headers = ['Cluster', 'Sends', 'SNI', 'Demands one of', 'Secrets', 'DestinationRule', 'Endpoints']
  const note =
    rest > 0
      ? `<p class="quiet">${rest} ${rest === 1 ? 'cluster' : 'clusters'} that no route leads to ${rest === 1 ? 'is' : 'are'} not shown.</p>`
      : ''
  return section('Backends', `${table('Backends', headers, rows) || '<p>No route leads anywhere.</p>'}${note}${endpoints(used)}`)
}

function health({ endpoints }: Backend): string {
  if (endpoints === null) return 'not told'
  const healthy = endpoints.filter(each => each.health === 'HEALTHY').length
  if (endpoints.length === 0) return '✗ none'
  const open = endpoints.every(each => each.health === 'UNKNOWN')
  return open
    ? `${endpoints.length}`
    : `${healthy === 0 ? '✗ ' : healthy < endpoints.length ? '! ' : ''}${healthy} of ${endpoints.length} healthy`
}

function endpoints(backends: readonly Backend[]): string {
  const rows = backends.flatMap(({ cluster, endpoints }) =>
    (endpoints ?? []).map(({ address, port, health, tls, workload }) => [
      cluster,
      port === null ? address : `${address}:${port}`,
      health,
      tls ?? '',
      workload ?? '',
    ]),
  )
  const caption = 'Endpoints and their health'
  return rows.length === 0 ? '' : folded(caption, table(caption, ['Cluster', 'Address', 'Health', 'Sends', 'Workload'], rows))
}

export function routesSection({ routes }: GatewayReport): string {
  const rows = routes.flatMap(({ name, hosts, lastUpdated }) =>
    hosts.flatMap(({ domains, routes }): readonly (readonly Cell[])[] =>
      routes.length === 0
        ? [[name || '(static)', [...domains], '', 'nothing: answered with 404', time(lastUpdated ?? null)]]
        : routes.map(({ match, clusters, does }) => {
            const to = clusters.map(each => (each.weight === undefined ? each.name : `${each.name} (${each.weight})`))
            return [name || '(static)', [...domains], match, to.length === 0 ? does : to, time(lastUpdated ?? null)]
          }),
    ),
  )
  return rows.length === 0
    ? ''
    : folded(heading('Routes', rows.length), table('Routes', ['Configuration', 'Hosts', 'Match', 'Leads to', 'Received'], rows))
}

export function listenersSection({ listeners }: GatewayReport): string {
  const rows = listeners.map(({ at, name, state, warming, refused, lastUpdated }) => [
    at,
    name || '(unnamed)',
    [state, ...(warming ? ['a newer one is warming'] : []), ...(refused === null ? [] : [`refused: ${refused}`])],
    time(lastUpdated),
  ])
  return rows.length === 0
    ? ''
    : folded(heading('Listeners', rows.length), table('Listeners', ['Address', 'Name', 'State', 'Received'], rows))
}

export function logSection({ log }: GatewayReport): string {
  if (log === null) return ''
  const lines = log.map(line => `<li>${html(line)}</li>`)
  return folded(
    heading('Log of the proxy: lines about certificates', log.length),
    lines.length === 0 ? '<p>There is none.</p>' : `<ul class="lines">${lines.join('\n')}</ul>`,
  )
}

function heading(title: string, number: number): string {
  return `${title} (${number})`
}

function section(title: string, content: string): string {
  return `<section><h2>${title}</h2>
${content}</section>`
}

function folded(title: string, content: string, open = false): string {
  return content === '' ? '' : `<details${open ? ' open' : ''}><summary>${title}</summary>${content}</details>`
}

function time(at: string | null): Cell {
  return at === null ? '' : { markup: timeElement(at) }
}
