// Where a token is looked for, what makes it valid, and what becomes of it.
import { expect, test } from 'vitest'
import type { HttpRequest, Token } from '../../../../../server/src/core/decide/authorization/connection.ts'
import { checkToken, type TokenOutcome } from '../../../../../server/src/core/decide/authorization/token.ts'
import { clusterMesh } from '../../../../support/mesh.ts'

function rules(yaml: string) {
  const text = `{ apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: { name: jwt, namespace: shop }, spec: { jwtRules: ${yaml} } }`
  return clusterMesh(text)
    .all('RequestAuthentication')
    .flatMap(each => each.jwtRules)
}

const own: Token = { payload: { iss: 'a', sub: 'alice', aud: 'web' } }
const ask = (token: HttpRequest['token'], more: HttpRequest = {}): HttpRequest => ({
  method: 'GET',
  headers: {},
  ...more,
  ...(token ? { token } : {}),
})
const from = (place: NonNullable<Token['in']>, more: Partial<Token> = {}): HttpRequest => ask({ ...own, ...more, in: place })

const rows: readonly (readonly [what: string, rules: string, request: HttpRequest, outcome: string])[] = [
  ['no rules', '[]', ask(own), 'none'],
  ['no token', '[{ issuer: a }]', ask('none'), 'none'],
  ['a token that may be there', '[{ issuer: a }]', ask(undefined), 'unknown'],
  ['a good token', '[{ issuer: a }]', ask(own), 'accepted'],
  ['another issuer', '[{ issuer: b }]', ask(own), 'refused 401'],
  ['any issuer', '[{ jwksUri: "https://a.example" }]', ask(own), 'accepted'],
  ['an issuer with a slash', '[{ issuer: a/ }]', ask(own), 'refused 401'],
  ['one of two issuers', '[{ issuer: b }, { issuer: a }]', ask(own), 'accepted'],
  ['the audience', '[{ issuer: a, audiences: [web] }]', ask(own), 'accepted'],
  ['an audience as URL', '[{ issuer: a, audiences: ["https://web/"] }]', ask(own), 'accepted'],
  ['another audience', '[{ issuer: a, audiences: [app] }]', ask(own), 'refused 403'],
  ['another audience, and another issuer', '[{ issuer: a, audiences: [app] }, { issuer: b }]', ask(own), 'refused 403'],
  [
    'the audience is looked at before the signature',
    '[{ issuer: a, audiences: [app] }]',
    ask({ ...own, invalid: 'bad-signature' }),
    'refused 403',
  ],
  ['time before the audience', '[{ issuer: a, audiences: [app] }]', ask({ ...own, invalid: 'expired' }), 'refused 401'],
  ['no claim of the wrong type', '[{ issuer: a }]', ask({ payload: { iss: 'a', sub: 7 } }), 'refused 401'],
  ['the parameter access_token', '[{ issuer: a }]', from({ param: 'access_token' }), 'accepted'],
  ['another parameter', '[{ issuer: a }]', from({ param: 'token' }), 'none'],
  ['a place of its own only', '[{ issuer: a, fromParams: [token] }]', ask(own), 'none'],
  ['a cookie', '[{ issuer: a, fromCookies: [sess] }]', from({ cookie: 'sess' }), 'accepted'],
  ['a header in any case', '[{ issuer: a, fromHeaders: [{ name: X-Jwt }] }]', from({ header: 'x-jwt' }), 'accepted'],
  ['a prefix that is not sent', '[{ issuer: a, fromHeaders: [{ name: x-jwt, prefix: "Token " }] }]', from({ header: 'x-jwt' }), 'none'],
  [
    'a prefix that nobody takes off',
    '[{ issuer: a, fromHeaders: [{ name: x-jwt }] }]',
    from({ header: 'x-jwt', prefix: 'Token ' }),
    'refused 401',
  ],
  [
    'a prefix without its blank',
    '[{ issuer: a, fromHeaders: [{ name: x-jwt, prefix: Token }] }]',
    from({ header: 'x-jwt', prefix: 'Token ' }),
    'accepted',
  ],
  ['Basic instead of Bearer', '[{ issuer: a }]', from({ header: 'authorization', prefix: 'Basic ' }), 'none'],
  [
    'a preflight request',
    '[{ issuer: b }]',
    ask(own, { method: 'OPTIONS', headers: { Origin: ['https://a.example'], 'access-control-request-method': ['GET'] } }),
    'none',
  ],
  ['OPTIONS alone', '[{ issuer: b }]', ask(own, { method: 'OPTIONS' }), 'refused 401'],
]

test.each(rows)('%s', (_, written, request, outcome) => {
  expect(shown(checkToken(request, rules(written)))).toBe(outcome)
})

function shown(outcome: TokenOutcome): string {
  return outcome.is === 'refused' ? `refused ${outcome.status}` : outcome.is
}

test('claims with several values become lists', () => {
  const token = { payload: { iss: 'a', scope: 'read write', groups: 'x y', roles: 'x y' } }
  const outcome = checkToken(ask(token), rules('[{ issuer: a, spaceDelimitedClaims: [groups] }]'))
  expect(outcome).toMatchObject({ payload: { scope: ['read', 'write'], groups: ['x', 'y'], roles: 'x y' } })
})

test('the token is taken off, and headers that rules write are never the client’s', () => {
  const written = rules(
    '[{ issuer: a, outputPayloadToHeader: X-Payload, outputClaimToHeaders: [{ header: X-Sub, claim: sub }, { header: X-None, claim: none }] }]',
  )
  const headersOf = (token: HttpRequest['token']) => {
    const outcome = checkToken(ask(token), written)
    return outcome.is === 'refused' ? {} : Object.fromEntries(outcome.headers)
  }
  expect(headersOf('none')).toEqual({ 'x-payload': { values: [] }, 'x-sub': { values: [] }, 'x-none': { values: [] } })
  expect(headersOf(own)).toEqual({
    'x-payload': { missing: 'the encoded payload of the token', present: true },
    'x-sub': { values: ['alice'] },
    'x-none': { values: [] },
    authorization: { values: [] },
  })
})
