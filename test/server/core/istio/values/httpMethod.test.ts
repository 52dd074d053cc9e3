import { describe, expect, test } from 'vitest'
import { faultOfMethod } from '../../../../../server/src/core/istio/values/httpMethod.ts'

describe('faultOfMethod', () => {
  test.each(['GET', 'P*', '*T', '*', 'PROPFIND', 'M-SEARCH', 'LIST', 'WATCH', 'TRACK', 'SET', 'PURGE', 'list', 'UPDATE', 'HOST', 'QUERY'])(
    'takes %s',
    method => expect(faultOfMethod(method)).toBeUndefined(),
  )

  test.each([
    ['get', 'GET'],
    ['Delete', 'DELETE'],
    ['p*', 'P*'],
    ['*et', '*ET'],
    ['GTE', 'GET'],
    ['psot', 'POST'],
    ['OPTION', 'OPTIONS'],
    ['DELEETE', 'DELETE'],
    ['GET,POST', undefined],
    ['GET POST', undefined],
    ['/shop.Orders/List', undefined],
    ['shop.Orders/List', undefined],
    ['shop.Orders/*', undefined],
  ])('refuses %s', (method, meant) => {
    const fault = faultOfMethod(method)
    expect(fault).toBeDefined()
    expect(fault?.meant).toBe(meant)
  })
})
