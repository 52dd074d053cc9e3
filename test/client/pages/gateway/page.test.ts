// The page of a recorded gateway: what it says, what it may run, and that no name gets out of its place.
import { describe, expect, test } from 'vitest'
import { gatewayCommands, gatewayLoadingPage, gatewayPage, gatewayProblemPage } from '../../../../client/src/pages/gateway/page.ts'
import { table } from '../../../../client/src/pages/gateway/table.ts'
import manifest from '../../../../package.json' with { type: 'json' }
import { gatewayReport } from '../../../../server/src/core/live/gateway/gateway.ts'
import { readGatewayTexts } from '../../../../server/src/core/live/gateway/said.ts'
import { gatewayText, gatewayVerdict } from '../../../../server/src/core/report/gateway.ts'
import { gatewayCommands as commandsToCopy } from '../../../../server/src/core/report/gatewayCommands.ts'
import type { GatewayInspection } from '../../../../server/src/protocol.ts'
import { changed, dump } from '../../../server/core/proxy/dumps.ts'
import { textOf } from '../textOf.ts'

const nonce = '0123456789abcdef'
const readAt = '2026-11-21T09:00:00Z'
const problem = { message: '"shop/legacy" has no proxy.', remedy: 'Inject one.' }
const whole = dump('intermediate-ca/ingress-gateway')

function inspect(document = whole, log = ''): GatewayInspection {
  const said = readGatewayTexts({ dump: JSON.stringify(document), log }, readAt)
  if (!said) throw new Error('no dump')
  const report = gatewayReport(said)
  const commands = commandsToCopy(report)
  const pod = { namespace: 'istio-system', name: 'ingress-1', context: 'prod' }
  return { pod, readAt, report, verdict: gatewayVerdict(report), commands, text: gatewayText(report, { now: readAt, color: false }) }
}

const inspection = inspect()

describe.each([
  ['an answer', gatewayPage(inspection, nonce)],
  ['a problem', gatewayProblemPage(inspection.pod, problem, nonce)],
  ['the wait', gatewayLoadingPage(inspection.pod, nonce)],
])('the page of %s', (_name, page) => {
  test('runs nothing and loads nothing', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'"`)
    expect(page).not.toMatch(/<script|<img|<iframe|<link|\son\w+=|\sstyle=|url\(|@import/i)
    expect(page.match(/<style/g)).toHaveLength(1)
  })

  test('links only to commands that it may run; one takes a number', () => {
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href)
    const isAllowed = (href: string) => gatewayCommands.some(command => href === `command:${command}`)
    expect(links.filter(href => !isAllowed(href) && !/^command:istioSecurity\.copyGatewayCommand\?%5B\d+%5D$/.test(href))).toEqual([])
  })

  test('takes every colour from the theme', () => {
    expect(page).not.toMatch(/#[0-9a-f]{3,8}\b|rgb\(|hsl\(/i)
  })
})

test('what the page may run is declared', () => {
  const declared = manifest.contributes.commands.map(({ command }) => command)
  expect(gatewayCommands.filter(command => !declared.includes(command))).toEqual([])
})

describe('a gateway in words', () => {
  const text = textOf(gatewayPage(inspection, nonce))

  test.each([
    '✗ 1 error',
    'Needs attention ✗ 127.1.0.12:9444 (late.example.com) The proxy still waits for the secret "kubernetes://late-tls"',
    'sent warming secret kubernetes://late-tls',
    '127.1.0.12:9443 MUTUAL admin.example.com kubernetes://admin-tls kubernetes://admin-tls-cacert',
    'kubernetes://shop-tls shop.example.com',
    'ISTIO_MUTUAL outbound_.9080_._.checkout.shop.svc.cluster.local spiffe://cluster.local/ns/shop/sa/checkout',
    'shop/checkout 1 of 1 healthy',
    'istioctl proxy-config listener ingress-1.istio-system',
  ])('%s', words => {
    expect(text).toContain(words)
  })

  test('what needs attention stands before the parts', () => {
    expect(text.indexOf('Needs attention')).toBeLessThan(text.indexOf('Servers'))
  })
})

test('every table has a header for each column, and none for an empty one', () => {
  const page = gatewayPage(inspection, nonce)
  for (const [, head = '', body = ''] of page.matchAll(/<thead>(.*?)<\/thead><tbody>([\s\S]*?)<\/tbody>/g)) {
    const columns = head.match(/<th scope="col">/g)?.length
    for (const [row] of body.matchAll(/<tr>.*?<\/tr>/g)) expect(row.match(/<td>/g)?.length).toBe(columns)
  }
  expect(table('x', ['a', 'b'], [['1', []]])).not.toContain('>b<')
  expect(
    table(
      'x',
      ['a'],
      Array.from({ length: 1_000 }, (_, at) => [`${at}`]),
    ),
  ).toContain('700 more: see them as text.')
})

test('a hostile name stays text', () => {
  const hostile = `"><script>alert(1)</script><a href="command:x">\u202e`
  const page = gatewayPage(
    inspect(
      changed(whole, object => {
        for (const key of ['name', 'cluster_name', 'route_config_name', 'sni', 'exact', 'last_updated'])
          if (typeof object[key] === 'string') object[key] = `${object[key]}${hostile}`
        if (Array.isArray(object.server_names)) object.server_names = [hostile]
      }),
      `secret ${hostile}`,
    ),
    nonce,
  )
  expect(page).not.toMatch(/<script|href="command:x|\u202e/)
})
