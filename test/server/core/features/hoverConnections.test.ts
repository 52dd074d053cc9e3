// What is said of connections under the pointer: of modes, DestinationRules and Services.
import { expect, test } from 'vitest'
import type { MarkupContent } from 'vscode-languageserver-types'
import { hover } from '../../../../server/src/core/features/hover.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { cursor } from '../../../support/cursor.ts'
import { cluster } from '../../../support/mesh.ts'
import { legacy, shop } from './worlds.ts'

const world = `${shop}${legacy}---
apiVersion: v1
kind: Pod
metadata: { name: coredns-1, namespace: kube-system }
spec: { containers: [{ name: app }] }
status: { phase: Running }
`.replaceAll(/labels: \{ app: (frontend|checkout) \}/g, 'labels: { app: $1, security.istio.io/tlsMode: istio }')

const peer = (mode: string, more = '') =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec:\n${more}  mtls: { mode: ${mode} }\n`
const rule = (tls: string, more = '') =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: checkout, namespace: shop }\nspec:\n  host: checkout\n  trafficPolicy:\n    tls: { mode: ${tls} }\n${more}`

test.each([
  ['STR<|>ICT', 'checkout refuses the plaintext of legacy (no proxy) and 1 workload of other namespaces'],
  ['PERM<|>ISSIVE', 'checkout takes plaintext from legacy (no proxy) and 1 workload of other namespaces; STRICT would refuse it'],
])('%s says who sends plaintext', (mode, words) => {
  expect(hoverText(peer(mode))).toContain(words)
})

test('a client whose rule sends plaintext is one of them, with the rule', () => {
  expect(hoverText(`${peer('PERM<|>ISSIVE')}---\n${rule('DISABLE')}`)).toContain('frontend (DestinationRule shop/checkout)')
})

test('a mode of a port speaks of that port', () => {
  const ports =
    '  selector: { matchLabels: { app: checkout } }\n  portLevelMtls: { 8080: { mode: PERM<|>ISSIVE }, 9090: { mode: STRICT } }\n'
  const text = hoverText(peer('STRICT', ports))
  expect(text).toContain('On this port of the container only.')
  expect(text).toContain('checkout takes plaintext from legacy (no proxy)')
  expect(text).not.toContain('refuses')
})

test.each([
  ['its mode', rule('DIS<|>ABLE')],
  ['its host', rule('DISABLE').replace('host: ', 'host: <|>')],
  ['its name', rule('DISABLE').replace('name: ', 'name: <|>')],
])('a DestinationRule says at %s who follows it, what is sent and what becomes of it', (_, marked) => {
  const text = hoverText(`${marked}---\n${peer('STRICT')}`)
  expect(text).toContain('**shop/checkout → checkout.shop.svc.cluster.local**')
  expect(text).toContain('- 2 clients follow it: shop/checkout and shop/frontend')
  expect(text).toContain(
    '- conflict: checkout.shop.svc.cluster.local:80 → shop/checkout:8080: DestinationRule "shop/checkout" sends plaintext (DISABLE), but',
  )
  expect(text).toContain(String.raw`set the tls mode of the rule to ISTIO\_MUTUAL`)
})

test('a mode says what the word means too', () => {
  expect(hoverText(rule('DIS<|>ABLE'))).toMatch(/^\*\*DISABLE\*\*\n\nNo TLS from the proxy/)
})

test('the mode of a port of a subset speaks of these only', () => {
  const subset =
    '  subsets:\n    - name: all\n      trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls: { mode: SIM<|>PLE } }] }\n'
  const text = hoverText(rule('ISTIO_MUTUAL', subset))
  expect(text).toContain('checkout.shop.svc.cluster.local:80 subset all → shop/checkout:8080')
  expect(text).not.toContain(':80 → ')
})

test('who hides a rule is named', () => {
  const own = rule('DISABLE').replace('namespace: shop', 'namespace: istio-system').replace('host: checkout', 'host: <|>"*.local"')
  expect(hoverText(`${own}---\n${rule('ISTIO_MUTUAL')}`)).toContain(
    '2 clients follow shop/checkout in its place: shop/checkout and shop/frontend',
  )
})

test('with nothing known about the cluster, nothing is concluded from that', () => {
  expect(hoverText(rule('DIS<|>ABLE'), '')).toContain('Which clients follow it is not known here.')
})

test('a Service says which mode its ports meet', () => {
  const service =
    'apiVersion: v1\nkind: Ser<|>vice\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { app: checkout }, ports: [{ port: 80, targetPort: 8080 }, { name: tcp, port: 90 }] }\n'
  const text = hoverText(`${service}---\n${peer('STRICT')}`)
  expect(text).toContain('- 80 → 8080 of shop/checkout: STRICT (shop/default), plaintext refused')
  expect(text).toContain('- 90 → 90 of shop/checkout: STRICT')
  expect(hoverText(service, '')).toContain('Which workloads are behind it is not known here.')
  expect(hoverText(service.replace('<|>', '').replace('port: 80', 'po<|>rt: 80'))).toBeUndefined()
})

/** With a cluster that holds `around`, or with none where it is empty. */
function hoverText(marked: string, around = world): string | undefined {
  const { text, offset } = cursor(marked)
  const file = readFile('file:///mesh.yaml', text)
  const mesh = buildMesh({ files: file.resources, closedWorld: false, ...(around ? { cluster: cluster(around) } : {}) })
  const found = hover(file, mesh, offset, { fields: true })
  return (found?.contents as MarkupContent | undefined)?.value
}
