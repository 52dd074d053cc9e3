import { expect, test } from 'vitest'
import { isClaimRoute } from '../../../../../server/src/core/istio/values/claimRoute.ts'

test.each([
  ['@request.auth.claims.group', true],
  ['@REQUEST.auth.Claims.group', true],
  ['@request.auth.claims[group]', true],
  ['@request.auth.claims[realm][roles]', true],
  ['@request.auth.claims', false],
  ['@request.auth.claims.', false],
  ['@request.auth.claims[]', false],
  ['@request.auth.claims[group', false],
  ['@request.auth.claims-group', false],
  ['request.auth.claims.group', false],
  ['x-tenant', false],
])('%s: %s', (header, claim) => {
  expect(isClaimRoute(header)).toBe(claim)
})
