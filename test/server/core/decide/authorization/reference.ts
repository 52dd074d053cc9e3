// What the documentation says policies mean, written down once more in the plainest way: no index, no compilation, no unknowns.
import { BlockList } from 'node:net'
import { normalizePath, withoutQuery } from '../../../../../server/src/core/decide/authorization/httpPath.ts'
import { type Asked, issuer, type Lists, nameOf, type Policy, type Rule, trustDomains, type World } from './worlds.ts'

export interface Expected {
  readonly decision: 'allow' | 'deny'
  readonly by?: string
}

export function decide({ policies, asked }: World): Expected {
  const isHttp = asked.request !== undefined && asked.port !== 9000
  const rules = policies
    .flatMap((policy, index) =>
      policy.rules.map((rule, at) => ({ policy, rule, at, name: `ns[${policy.namespace}]-policy[${nameOf(index)}]-rule[${at}]` })),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const hits = (action: Policy['action']) =>
    rules.find(({ policy, rule }) => policy.action === action && matches(rule, action, asked, isHttp, policy))
  const denied = hits('DENY')
  if (denied) return { decision: 'deny', by: denied.name }
  if (!policies.some(({ action }) => action === 'ALLOW')) return { decision: 'allow' }
  const allowed = hits('ALLOW')
  return allowed ? { decision: 'allow', by: allowed.name } : { decision: 'deny' }
}

const httpOnly = /^(?:not)?(?:hosts|methods|paths|requestPrincipals)$|^request\./i

interface Test {
  readonly field: string
  readonly values: readonly string[]
  readonly negative: boolean
}

function matches(
  { from = [], to = [], when = [] }: Rule,
  action: Policy['action'],
  asked: Asked,
  isHttp: boolean,
  { namespace }: Policy,
): boolean {
  const sources = from.map(({ source }) => testsOf(source))
  const operations = to.map(({ operation }) => testsOf(operation))
  const conditions: Test[] = when.flatMap(({ key, values, notValues }) => [
    ...(values ? [{ field: key, values, negative: false }] : []),
    ...(notValues ? [{ field: key, values: notValues, negative: true }] : []),
  ])
  const all = [...sources, ...operations, conditions].flat()
  if (!isHttp && action === 'ALLOW' && all.some(({ field }) => httpOnly.test(field))) return false
  const holds = (test: Test) =>
    (!isHttp && httpOnly.test(test.field)) || test.values.some(value => is(test.field, value, asked, namespace)) !== test.negative
  const any = (entries: readonly (readonly Test[])[]) => entries.length === 0 || entries.some(entry => entry.every(holds))
  return any(sources) && any(operations) && conditions.every(holds)
}

function testsOf(lists: Lists): readonly Test[] {
  return Object.entries(lists).map(([name, values]) => {
    const negative = name.startsWith('not')
    return { field: negative ? `${name[3]?.toLowerCase()}${name.slice(4)}` : name, values, negative }
  })
}

export function is(field: string, value: string, { identity, ip, port, sni, request }: Asked, namespace: string): boolean {
  const forwarded =
    request && port !== 9000
      ? Object.entries(request.headers)
          .find(([name]) => name === 'x-forwarded-for')?.[1]
          .at(-1)
          ?.split(', ')
          .at(-1)
      : undefined
  const values = (name: string) => Object.entries(request?.headers ?? {}).flatMap(([key, each]) => (key.toLowerCase() === name ? each : []))
  const claim = (...names: readonly string[]) =>
    names.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), request?.token)
  const inClaim = (...names: readonly string[]) => [claim(...names)].flat().some(each => typeof each === 'string' && text(value, each))
  switch (field) {
    case 'principals':
    case 'source.principal':
      return identity !== undefined && spelled(value).some(each => text(each, identity))
    case 'namespaces':
    case 'source.namespace':
      return identity !== undefined && new RegExp(`/ns/${value.replaceAll('*', '.*')}/`).test(identity)
    case 'serviceAccounts':
      return identity?.endsWith(`/ns/${value.includes('/') ? value.replace('/', '/sa/') : `${namespace}/sa/${value}`}`) ?? false
    case 'trustDomains':
      return identity !== undefined && (trustDomains.includes(value) || text(value, identity.split('/')[0] ?? ''))
    case 'ipBlocks':
    case 'source.ip':
      return inBlock(value, ip)
    case 'remoteIpBlocks':
    case 'remote.ip':
      return inBlock(value, forwarded ?? ip)
    case 'ports':
    case 'destination.port':
      return value === String(port)
    case 'connection.sni':
      return identity !== undefined && text(value, sni.toLowerCase())
    case 'requestPrincipals': {
      const { iss, sub } = { iss: issuer, sub: claim('sub') }
      if (typeof sub !== 'string') return false
      if (value === '*') return sub !== ''
      const odd: Readonly<Record<string, readonly [issuer: string, subject: string]>> = {
        '*/bob': ['*', 'bob'],
        '*ice': ['*', '*ice'],
        nobody: ['nobody', ''],
      }
      const [wantedIssuer, wantedSubject] = odd[value] ?? [issuer, value.slice(issuer.length + 1)]
      return text(wantedIssuer, iss) && (text(wantedSubject, sub) || wantedSubject === sub)
    }
    case 'hosts':
      return value === '*' || text(value.toLowerCase(), request?.host.toLowerCase() ?? '')
    case 'methods':
      return text(value, request?.method ?? '')
    case 'paths': {
      const path = withoutQuery(normalizePath(request?.path ?? '', 'BASE'))
      const template = { '/files/{*}/b.txt': /^\/files\/[^/[\]]+\/b\.txt$/, '/{**}': /^\/[^[\]]*$/, '/{*}': /^\/[^/[\]]+$/ }[value]
      return template ? template.test(path) : text(value, path)
    }
    case 'request.headers[X-A]':
      return value === '*' ? values('x-a').length > 0 : values('x-a').some(each => text(value, each))
    case 'request.auth.claims[groups]':
      return inClaim('groups')
    case 'request.auth.claims[org][team]':
      return inClaim('org', 'team')
    case 'request.auth.audiences':
      return inClaim('aud')
    default:
      throw new Error(field)
  }
}

function text(pattern: string, of: string): boolean {
  const body = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
  if (pattern === '*') return of.length > 0
  if (pattern.startsWith('*')) return new RegExp(`${body.slice(1).replaceAll('*', '\\*')}$`).test(of)
  return new RegExp(`^${body.replace(/\*$/, '.*')}$`).test(of)
}

function spelled(principal: string): readonly string[] {
  const [domain = '', ...rest] = principal.split('/')
  return rest.length === 4 && trustDomains.includes(domain) ? trustDomains.map(each => [each, ...rest].join('/')) : [principal]
}

function inBlock(block: string, ip: string): boolean {
  const [address = '', length] = block.split('/')
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  if (ip.includes(':') !== (family === 'ipv6')) return false
  const list = new BlockList()
  list.addSubnet(address, Number(length ?? (family === 'ipv6' ? 128 : 32)), family)
  return list.check(ip, family)
}
