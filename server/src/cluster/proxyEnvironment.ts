// HTTP_PROXY, HTTPS_PROXY and NO_PROXY as kubectl reads them. golang.org/x/net/http/httpproxy, proxy.go.
import { BlockList, isIP } from 'node:net'

type Environment = Readonly<Record<string, string | undefined>>

/** The proxy for requests to this address, `http://proxy:3128`; undefined: none. */
export function proxyOf(server: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server)
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = read(env, name)
  if (proxy === '') return undefined
  const target = { host: hostname.replace(/^\[|\]$/g, '').toLowerCase(), port: port || (protocol === 'https:' ? '443' : '80') }
  if (isLoopback(target.host) || isExcepted(target, read(env, 'NO_PROXY'))) return undefined
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`
}

interface Target {
  readonly host: string
  readonly port: string
}

/** The name in capitals wins. */
function read(env: Environment, name: string): string {
  return env[name] || env[name.toLowerCase()] || ''
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

function isLoopback(host: string): boolean {
  return host === 'localhost' || isIn(loopback, host)
}

function isExcepted(target: Target, list: string): boolean {
  return list
    .split(',')
    .map(each => each.trim().toLowerCase())
    .some(each => each !== '' && matches(each, target))
}

/** `*`, a network, or a name or address with an optional port. `example.com` stands for its subdomains too, `.example.com` for them alone. */
function matches(exception: string, { host, port }: Target): boolean {
  if (exception === '*') return true
  const network = /^(.+)\/(\d+)$/.exec(exception)
  if (network && isIP(network[1] ?? '')) return isWithin(host, network[1] ?? '', Number(network[2]))
  const {
    address,
    name,
    port: wantedPort = port,
  } = /^(?:\[(?<address>[^\]]+)\]|(?<name>[^:]*)):(?<port>\d+)$/.exec(exception)?.groups ?? {}
  if (wantedPort !== port) return false
  const wanted = address ?? name ?? exception
  if (isIP(wanted)) return isSameAddress(host, wanted)
  if (isIP(host) || wanted === '') return false
  const domain = wanted.replace(/^\*\./, '.')
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

function isWithin(host: string, address: string, prefix: number): boolean {
  const family = isIP(address)
  if (family !== isIP(host) || prefix > (family === 4 ? 32 : 128)) return false
  const list = new BlockList()
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return isIn(list, host)
}

function isSameAddress(host: string, address: string): boolean {
  return isWithin(host, address, isIP(address) === 4 ? 32 : 128)
}

function isIn(list: BlockList, host: string): boolean {
  const family = isIP(host)
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}
