import { expect, test } from 'vitest'
import { isImpossiblePrincipal, repairPrincipal } from '../../../../../server/src/core/istio/values/principalShape.ts'

const own = ['cluster.local', 'prod.example.com']

test.each([
  'cluster.local/ns/shop/sa/web',
  'old-td/ns/shop/sa/web',
  'partner.example/billing',
  'partner.example/ns/shop/pod/web-1',
  '*',
  '*/sa/web',
  'cluster.local/*/web',
  'spiffe://cluster.local/web',
])('%s can be an identity', text => expect(isImpossiblePrincipal(text, own)).toBe(false))

test.each([
  ['web', undefined],
  ['web.shop.svc.cluster.local', undefined],
  ['shop/web', 'td/ns/shop/sa/web'],
  ['sa/web', undefined],
  ['ns/shop', undefined],
  ['ns/shop/sa/web', 'td/ns/shop/sa/web'],
  ['/ns/shop/sa/web', 'td/ns/shop/sa/web'],
  ['cluster.local/ns/shop/serviceaccount/web', 'cluster.local/ns/shop/sa/web'],
  ['cluster.local/NS/shop/SA/web', 'cluster.local/ns/shop/sa/web'],
  ['cluster.local/ns/shop/sa/web/', 'cluster.local/ns/shop/sa/web'],
  ['prod.example.com/shop/web', undefined],
  ['cluster.local/ns/shop/sa/web/extra', undefined],
  ['partner.example/ns/shop/sa/', undefined],
  ['partner.example//web', undefined],
  ['partner.example', undefined],
])('%s is none, and means %s', (text, meant) => {
  expect(isImpossiblePrincipal(text, own)).toBe(true)
  expect(repairPrincipal(text, 'td')).toBe(meant)
})
