// A hint is written where it is shown: ‹ … › within the text.
import { describe, expect, test } from 'vitest'
import { inlayHints } from '../../../../server/src/core/features/inlayHints.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import type { Range } from '../../../../server/src/core/yaml/lines.ts'
import { cluster } from '../../../support/mesh.ts'
import { legacy, shop } from './worlds.ts'

const peer = (name: string, spec: string, namespace = 'shop') =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`
const ofCheckout = (mode: string) => `---\n${peer('checkout', `{ selector: { matchLabels: { app: checkout } }, mtls: { mode: ${mode} } }`)}`
const policy = (operation: string, action = 'ALLOW') =>
  `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: callers, namespace: shop }
spec:
  action: ${action}
  selector: { matchLabels: { app: checkout } }
  rules:
    - to:
        - operation:
            ${operation}
`

describe('a mode', () => {
  test.each([
    [
      'that another policy overrides for some',
      peer('default', '{ mtls: { mode: PERMISSIVE } } ‹1 of 2 workloads STRICT elsewhere›'),
      ofCheckout('STRICT'),
    ],
    ['that is the same everywhere', peer('default', '{ mtls: { mode: PERMISSIVE } }'), ofCheckout('PERMISSIVE')],
    ['that nobody overrides', peer('default', '{ mtls: { mode: STRICT } }'), legacy],
    ['UNSET comes to the default', peer('default', "{ mtls: { mode: UNSET } } ‹PERMISSIVE from Istio's default›"), ''],
    [
      'UNSET comes to what the mesh says',
      peer('default', '{ mtls: { mode: UNSET } } ‹STRICT from istio-system/default›'),
      `---\n${peer('default', '{ mtls: { mode: STRICT } }', 'istio-system')}`,
    ],
    [
      'UNSET that comes to several',
      peer('default', '{ mtls: { mode: UNSET } } ‹DISABLE for 1 workload and PERMISSIVE for 1 workload›'),
      ofCheckout('DISABLE'),
    ],
    [
      'UNSET of a port is that of the workload',
      peer(
        'checkout',
        '{ selector: { matchLabels: { app: checkout } }, mtls: { mode: STRICT }, portLevelMtls: { 8080: { mode: UNSET } } } ‹STRICT from shop/checkout›',
      ),
      '',
    ],
    ['of a policy that covers nobody', peer('default', '{ selector: { matchLabels: { app: nobody } }, mtls: { mode: UNSET } }'), ''],
  ])('%s', (_, marked, world) => {
    expect(withHints(marked, `${shop}${world}`)).toBe(marked)
  })

  test('UNSET says nothing where a policy that nobody sees could set it', () => {
    const text = peer('default', '{ mtls: { mode: UNSET } }')
    expect(withHints(text, shop, false)).toBe(text)
  })
})

describe('a port', () => {
  test.each([
    ['of the Service', policy('ports: ["80"] ‹checkout listens on 8080›')],
    ['of the Service that is excepted', policy('notPorts: ["80"] ‹checkout listens on 8080›', 'DENY')],
    ['of the Service among others', policy('ports: ["80" ‹checkout listens on 8080›, "9090"]')],
    ['of the container', policy('ports: ["8080"]')],
    ['that nobody declares', policy('ports: ["9090"]')],
    ['that is no number', policy('ports: ["http"]')],
    ['of other workloads', policy('ports: ["80"]').replace('app: checkout', 'app: frontend')],
    [
      'of a condition',
      policy('methods: [GET]\n      when:\n        - { key: destination.port, values: ["80"] } ‹checkout listens on 8080›').replace(
        /\n {6}when/,
        '\n      when',
      ),
    ],
  ])('%s', (_, marked) => {
    expect(withHints(marked, shop)).toBe(marked)
  })
})

test('only what is looked at is worked out', () => {
  const text = policy('ports: ["80"]')
  const file = readFile('file:///policy.yaml', text)
  const mesh = buildMesh({ files: file.resources, closedWorld: false, cluster: cluster(shop) })
  const lines = (start: number, end: number): Range => ({ start: { line: start, character: 0 }, end: { line: end, character: 0 } })
  expect(inlayHints(file, mesh, lines(0, 5))).toEqual([])
  expect(inlayHints(file, mesh, lines(0, 50))).toHaveLength(1)
})

function withHints(marked: string, world: string, complete = true): string {
  const text = marked.replaceAll(/ ‹[^›]*›/g, '')
  const file = readFile('file:///policy.yaml', text)
  const seen = complete ? cluster(world) : cluster(world, ['Pod', 'Namespace'])
  const mesh = buildMesh({ files: file.resources, closedWorld: false, cluster: seen })
  const end = file.lines.position(text.length)
  const hints = inlayHints(file, mesh, { start: { line: 0, character: 0 }, end })
  return hints
    .map(({ position, label }) => ({ offset: file.lines.offset(position), label }))
    .toSorted((a, b) => b.offset - a.offset)
    .reduce((shown, { offset, label }) => `${shown.slice(0, offset)} ${String(label).replace('‹ ', '‹')}›${shown.slice(offset)}`, text)
}
