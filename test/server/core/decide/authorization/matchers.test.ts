// Matchers at their edges: what a value of a policy matches, and what it just misses.
import { describe, expect, test } from 'vitest'
import { declaredProtocol } from '../../../../../server/src/core/decide/authorization/appProtocol.ts'
import { readRequestPrincipal } from '../../../../../server/src/core/decide/authorization/claimMatch.ts'
import { normalizePath, withoutQuery } from '../../../../../server/src/core/decide/authorization/httpPath.ts'
import { pathMatch } from '../../../../../server/src/core/decide/authorization/pathMatch.ts'
import {
  glob,
  headerMatch,
  hostMatch,
  type StringMatch,
  stringMatch,
} from '../../../../../server/src/core/decide/authorization/stringMatch.ts'
import { withAliases, withAllDomains } from '../../../../../server/src/core/decide/authorization/trustDomain.ts'
import type { PathNormalization } from '../../../../../server/src/core/istio/resources.ts'

type Row = readonly [value: string, matches: readonly string[], misses: readonly string[]]

function table(match: (value: string) => StringMatch, rows: readonly Row[]) {
  test.each(rows)('%s', (value, matches, misses) => {
    const of = match(value)
    expect({ matches: matches.filter(of), misses: misses.filter(each => !of(each)) }).toEqual({ matches, misses })
  })
}

describe('texts', () => {
  table(stringMatch, [
    ['*', ['a', '*'], ['']],
    ['a', ['a'], ['A', 'ab', '']],
    ['a*', ['a', 'ab', 'a*'], ['ba', '']],
    ['*a', ['a', 'ba'], ['ab', '']],
    ['*a*', ['a*', 'ba*'], ['a', 'ab']],
    ['**', ['*', 'a*'], ['a', '']],
    ['a*b', ['a*b'], ['ab', 'axb']],
  ])
})

describe('headers', () => {
  table(headerMatch, [
    ['*', ['', 'a'], []],
    ['*b', ['b', 'ab'], ['', 'bc']],
  ])
})

describe('hosts', () => {
  table(hostMatch, [
    ['Shop.Example.com', ['shop.example.com', 'SHOP.EXAMPLE.COM'], ['shop.example.com:80']],
    ['*.example.COM', ['a.Example.com'], ['example.com']],
  ])
})

describe('namespaces', () => {
  table(glob, [
    ['*/ns/shop/*', ['td/ns/shop/sa/web', 'td/ns/evil/sa/ns/shop/sa/web'], ['td/ns/shop-2/sa/web', 'td/ns/shop', 'ns/shop/sa/web']],
    ['*/ns/s*p/*', ['td/ns/shop/sa/a', 'td/ns/s/x/p/sa/a'], ['td/ns/s/sa/a']],
    ['*/ns/*/*', ['td/ns/a/sa/b', 'td/ns//x'], ['td/ns/a']],
    ['a*a', ['aa', 'aba'], ['a']],
    [`*/ns/${'*a'.repeat(40)}/*`, [`td/ns/${'a'.repeat(40)}/sa/b`], [`td/ns/${'a'.repeat(39)}/sb`]],
  ])
})

describe('paths', () => {
  table(pathMatch, [
    ['/admin', ['/admin'], ['/admin/', '/Admin']],
    ['/files/{*}', ['/files/a', '/files/%2F'], ['/files/', '/files/a/b', '/files/[x]']],
    ['/files/{**}', ['/files/', '/files/a/b', '/files/a//b/'], ['/files', '/files/[x]', '/files/a[']],
    ['/{*}/x/{**}', ['/a/x/', '/a/x/b/c'], ['/a/x', '/a/b/x/']],
    ['/{**}/end', ['/a/b/end', '//end'], ['/end', '/a/end/x']],
    ['/a.b/{*}', ['/a.b/c'], ['/aXb/c']],
    ['/{*}/', ['/a/'], ['/a', '/']],
    ['*{*}', [], ['/a', 'a']],
  ])
})

describe('request principals', () => {
  const rows: readonly (readonly [
    value: string,
    matches: readonly (readonly [string, string])[],
    misses: readonly (readonly [string, string])[],
  ])[] = [
    [
      '*',
      [['i', 's']],
      [
        ['i', ''],
        ['', 's'],
      ],
    ],
    ['https://i.example/s', [['https://i.example', 's']], [['https:', '/i.example/s']]],
    [
      '*/s',
      [
        ['i', 's'],
        ['a/b', 's'],
      ],
      [
        ['', 's'],
        ['i', 'xs'],
      ],
    ],
    ['*i/s', [['xi', 's']], [['ix', 's']]],
    [
      '*s',
      [
        ['any', 'as'],
        ['any', 's'],
      ],
      [
        ['', 'as'],
        ['s', 'a'],
      ],
    ],
    [
      'i/*',
      [['i', 's']],
      [
        ['i', ''],
        ['ii', 's'],
      ],
    ],
    ['i/s*', [['i', 'sub']], [['i', 'bus']]],
    ['i*', [['issuer', 's']], [['issuer', '']]],
    ['i', [['i', '']], [['i', 's']]],
    ['*/s*', [['i', 's*']], [['i', 'sub']]],
  ]
  test.each(rows)('%s', (value, matches, misses) => {
    const { issuer, subject } = readRequestPrincipal(value)
    const hits = ([iss, sub]: readonly [string, string]) => issuer(iss) && subject(sub)
    expect({ matches: matches.filter(hits), misses: misses.filter(each => !hits(each)) }).toEqual({ matches, misses })
  })
})

describe('normalized paths', () => {
  const rows: readonly (readonly [how: PathNormalization, path: string, becomes: string])[] = [
    ['NONE', '/a/../%61//b\\c', '/a/../%61//b\\c'],
    ['BASE', '', ''],
    ['BASE', '/..', '/'],
    ['BASE', '/../../a', '/a'],
    ['BASE', '/a/b/..', '/a/'],
    ['BASE', '/a/./b', '/a/b'],
    ['BASE', '/a/...', '/a/...'],
    ['BASE', '/a/.b', '/a/.b'],
    ['BASE', '/a/..b/c', '/a/..b/c'],
    ['BASE', '/a..', '/a..'],
    ['BASE', '/a\\..\\b', '/b'],
    ['BASE', '/a/%2E%2e/b', '/b'],
    ['BASE', '/a/.%2e', '/'],
    ['BASE', '//a//..//b', '//a//b'],
    ['BASE', '/%41%2D%5f%7e', '/A-_~'],
    ['BASE', '/%2f%5C%00%3a', '/%2f%5C%00%3a'],
    ['BASE', '/%', '/%'],
    ['BASE', '/%zz%4', '/%zz%4'],
    ['BASE', '/%%34%31', '/%2541'],
    ['BASE', '/ä', '/%C3%A4'],
    ['BASE', '/a b<>"`^{|}', '/a%20b%3C%3E%22%60%5E%7B%7C%7D'],
    ['BASE', "/[]@!$&'()*+,;=:", "/[]@!$&'()*+,;=:"],
    ['BASE', '/a/../b?x=/../%61', '/b?x=/../%61'],
    ['MERGE_SLASHES', '//a///b//', '/a/b/'],
    ['MERGE_SLASHES', '/a%2F%2Fb', '/a%2F%2Fb'],
    ['MERGE_SLASHES', '/a?x=//b', '/a?x=//b'],
    ['DECODE_AND_MERGE_SLASHES', '/a%2F..%5cb', '/b'],
    ['DECODE_AND_MERGE_SLASHES', '/a%2f%2Fb', '/a/b'],
  ]
  test.each(rows)('%s %s', (how, path, becomes) => {
    expect(normalizePath(path, how)).toBe(becomes)
  })

  test('policies do not see the query', () => {
    expect(['/a?b', '/a#b', '/a?', '/a'].map(withoutQuery)).toEqual(['/a', '/a', '/a', '/a'])
  })
})

describe('trust domain aliases', () => {
  const domains = ['new-td', 'old-td']
  const rows: readonly (readonly [principal: string, spelled: readonly string[]])[] = [
    ['new-td/ns/a/sa/b', ['new-td/ns/a/sa/b', 'old-td/ns/a/sa/b']],
    ['cluster.local/ns/a/sa/b', ['new-td/ns/a/sa/b', 'old-td/ns/a/sa/b']],
    ['*-td/ns/a/sa/b', ['*-td/ns/a/sa/b']],
    ['*w-td/ns/a/sa/b', ['*w-td/ns/a/sa/b', 'old-td/ns/a/sa/b']],
    ['new*/ns/a/sa/b', ['new-td/ns/a/sa/b', 'old-td/ns/a/sa/b']],
    ['*/ns/a/sa/b', ['*/ns/a/sa/b']],
    ['other/ns/a/sa/b', ['other/ns/a/sa/b']],
    ['new-td/ns/a/*', ['new-td/ns/a/*']],
    ['*', ['*']],
  ]
  test.each(rows)('%s', (principal, spelled) => {
    expect(withAliases([principal], domains)).toEqual(spelled)
  })

  test('trustDomains name one and mean all', () => {
    expect(withAllDomains(['old-td', 'other', '*'], domains)).toEqual(['new-td', 'old-td', 'other', '*'])
  })
})

describe('protocols that ports declare', () => {
  const rows: readonly (readonly [port: number, name: string | undefined, appProtocol: string | undefined, protocol: string])[] = [
    [80, 'http', undefined, 'HTTP'],
    [80, 'HTTP2-web', undefined, 'HTTP2'],
    [80, 'grpc-web-ui', undefined, 'GRPC-WEB'],
    [80, 'grpc-ui', undefined, 'GRPC'],
    [80, 'tcp-db', undefined, 'TCP'],
    [80, 'web', undefined, 'unsupported'],
    [80, undefined, undefined, 'unsupported'],
    [3306, 'db', undefined, 'TCP'],
    [3306, 'http-db', undefined, 'HTTP'],
    [80, 'http', 'tcp', 'TCP'],
    [80, 'tcp', 'kubernetes.io/h2c', 'HTTP2'],
    [80, 'tcp', 'kubernetes.io/wss', 'HTTPS'],
    [80, 'tcp', 'example.com/own', 'unsupported'],
    [80, 'https-web', undefined, 'HTTPS'],
  ]
  test.each(rows)('%i %s %s', (port, name, appProtocol, protocol) => {
    expect(declaredProtocol({ port, targetPort: port, ...(name ? { name } : {}), ...(appProtocol ? { appProtocol } : {}) })).toBe(protocol)
  })
})
