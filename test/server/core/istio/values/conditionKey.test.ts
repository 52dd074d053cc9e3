import { describe, expect, test } from 'vitest'
import { faultOfKey, isIdentityKey, repairKey } from '../../../../../server/src/core/istio/values/conditionKey.ts'

describe('faultOfKey', () => {
  test.each([
    'source.ip',
    'source.serviceAccount',
    'source.trustDomain',
    'request.headers[:method]',
    'request.headersX[a]',
    'request.headers[a]b]',
    'request.auth.claims[a][b]',
    'experimental.envoy.filters.network.mysql[db]',
  ])('%s is right', key => expect(faultOfKey(key)).toBeUndefined())

  test.each(['request.headers', 'request.headers[]', 'request.headers[x', 'request.auth.claims.groups', 'experimental.envoy.filters.x'])(
    '%s is malformed',
    key => expect(faultOfKey(key)).toBe('malformed'),
  )

  test.each(['source.serviceaccount', 'source.ip ', 'source.ip[a]', 'destination.labels[app]', 'request.header[x]', ''])(
    '%j is unknown',
    key => expect(faultOfKey(key)).toBe('unknown'),
  )
})

test.each([
  ['source.serviceaccount', 'source.serviceAccount'],
  ['source.service_account', 'source.serviceAccount'],
  ['source.namespaces', 'source.namespace'],
  ['Source.IP', 'source.ip'],
  [' source.ip', 'source.ip'],
  ['request.header[x-a]', 'request.headers[x-a]'],
  ['request.auth.claim[a][b]', 'request.auth.claims[a][b]'],
  ['request.auth.claims.groups', 'request.auth.claims[groups]'],
  ['request.header.x-a', 'request.headers[x-a]'],
  ['request.headers:x-a', 'request.headers[x-a]'],
  ['request.headers[x-a', 'request.headers[x-a]'],
  // A claim inside a claim, or one with a dot in its name.
  ['request.auth.claims.realm_access.roles', undefined],
  ['request.headers[]', undefined],
  ['request.headers', undefined],
  ['destination.host', undefined],
  ['source.port', undefined],
  ['source.id', undefined],
  ['source.ip', undefined],
])('%j was meant as %s', (key, repaired) => expect(repairKey(key)).toBe(repaired))

test('a CUSTOM policy cannot ask who calls', () => {
  expect(['source.principal', 'request.auth.claims[a]', 'request.auth.x'].every(isIdentityKey)).toBe(true)
  expect(['source.ip', 'request.headers[a]', 'source.principalX'].some(isIdentityKey)).toBe(false)
})
