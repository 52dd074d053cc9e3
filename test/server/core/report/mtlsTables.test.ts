// The tables of `istio-security mtls`, as people read them.
import { expect, test } from 'vitest'
import { instances } from '../../../../server/src/core/decide/mtls/instances.ts'
import { connections } from '../../../../server/src/core/decide/mtls/paths.ts'
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'
import { groupPaths, leftOutLines, pathLines } from '../../../../server/src/core/report/mtlsPaths.ts'
import { type ServerWords, serverGroups, serverTable } from '../../../../server/src/core/report/mtlsServers.ts'
import { clusterMesh, fileMesh } from '../../../support/mesh.ts'

const pod = (
  owner: string,
  number: number,
  labels = ', security.istio.io/tlsMode: istio',
  containers = '{ name: app }, { name: istio-proxy }',
) =>
  `apiVersion: v1
kind: Pod
metadata: { name: ${owner}-${number}, namespace: shop, labels: { app: ${owner}${labels} }, ownerReferences: [{ kind: StatefulSet, name: ${owner}, controller: true }] }
spec: { containers: [${containers}] }
status: { phase: Running, podIP: 10.0.${owner.length}.${number} }
`
const bare = (owner: string, number: number) => pod(owner, number, '', '{ name: app }')
const service = (name: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: 8080 }] }\n`
const peer = (name: string, spec: string) =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: ${name}, namespace: shop }\nspec: { ${spec} }\n`
const strict = peer('default', 'mtls: { mode: STRICT }')
const ten = Array.from({ length: 10 }, (_, number) => pod('checkout', number))

function servers(mesh: Mesh, words: Partial<ServerWords> = {}, ports?: readonly number[]): readonly string[] {
  return serverTable(serverGroups(mesh, instances(mesh), ports), { placeOf: () => undefined, ...words })
}

function paths(mesh: Mesh, width?: number): string {
  const words = { color: false, ...(width === undefined ? {} : { width }) }
  return pathLines(groupPaths(mesh, connections(mesh)), words).join('\n')
}

test('ten equal pods are one line, and ports with one outcome stand together', () => {
  const mesh = clusterMesh([...ten, service('checkout'), strict].join('---\n'))
  expect(servers(mesh)).toEqual([
    'SERVER                   PORTS             MODE    PLAINTEXT  DECIDED BY',
    'shop/checkout (10 pods)  80, 8080, others  STRICT  refused    shop/default',
  ])
})

test('proxies to which no mode applies say what they take instead', () => {
  const proxy = '{ name: istio-proxy }'
  const gateway =
    'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: wp, namespace: shop }\nspec: { gatewayClassName: istio-waypoint, listeners: [] }\n'
  const yaml = [
    pod('edge', 1, '', proxy),
    pod('wp', 1, ', gateway.networking.k8s.io/gateway-name: wp', proxy),
    gateway,
    service('edge'),
    strict,
  ]
  expect(servers(clusterMesh(yaml.join('---\n')))).toEqual([
    'SERVER     PORTS             MODE  PLAINTEXT       DECIDED BY',
    'shop/edge  80, 8080, others  -     by its servers  a gateway: the "tls" of its servers decides',
    'shop/wp    all               -     not taken       a waypoint: calls come over HBONE (port 15008), which is mTLS',
  ])
})

test('clients that nobody asks about are one line', () => {
  const mesh = clusterMesh([bare('istiod', 1), bare('ztunnel', 1), bare('ztunnel', 2)].join('---\n'))
  const lines = (of = instances(mesh)) => leftOutLines(of, {})
  expect(lines()).toEqual(['', 'Left out: shop/istiod and shop/ztunnel are parts of Istio, which call no workload as applications do.'])
  expect(lines(instances(mesh).slice(0, 1))[1]).toBe(
    'Left out: shop/istiod is a part of Istio, which calls no workload as applications do.',
  )
  expect(lines([])).toEqual([])
})

test('a pod that differs from the others of its owner has a line of its own', () => {
  const mesh = clusterMesh([...ten.slice(0, 9), bare('checkout', 9), service('checkout'), strict].join('---\n'))
  expect(servers(mesh, {}, [8080])).toEqual([
    'SERVER                        PORTS  MODE    PLAINTEXT  DECIDED BY',
    'shop/checkout (9 of 10 pods)  8080   STRICT  refused    shop/default',
    'shop/checkout-9               8080   STRICT  accepted   shop/default; no proxy: nothing is enforced',
  ])
})

test('the place is that of the mode, and of a port its own', () => {
  const yaml = [
    pod('checkout', 1),
    peer('checkout', 'selector: { matchLabels: { app: checkout } }, mtls: { mode: STRICT }, portLevelMtls: { 9090: { mode: DISABLE } }'),
  ]
  const text = yaml.join('---\n')
  const placeOf: ServerWords['placeOf'] = ({ name }, part) => `${name}.yaml ${text.slice(part?.start, part?.end)}`
  expect(servers(fileMesh(text, { closedWorld: true }), { placeOf })).toEqual([
    'SERVER         PORTS   MODE     PLAINTEXT  DECIDED BY',
    'shop/checkout  9090    DISABLE  accepted   shop/checkout · checkout.yaml DISABLE',
    '               others  STRICT   refused    shop/checkout · checkout.yaml STRICT',
  ])
})

test('a narrow terminal breaks the last column', () => {
  const mesh = clusterMesh([bare('legacy', 1), service('legacy'), strict].join('---\n'))
  const lines = servers(mesh, { width: 90 })
  expect(lines).toEqual([
    'SERVER       PORTS             MODE    PLAINTEXT  DECIDED BY',
    'shop/legacy  80, 8080, others  STRICT  accepted   shop/default; no proxy: nothing is',
    '                                                  enforced',
  ])
})

test('what fails comes first, and pods of one owner are told as one', () => {
  const mesh = clusterMesh([...ten, bare('legacy', 1), bare('legacy', 2), service('checkout'), strict].join('---\n'))
  const told = paths(mesh)
  expect(told).toBe(
    [
      'PATHS: 1 conflict, 1 ok',
      'conflict  refused    shop/legacy (2 pods) → checkout.shop.svc.cluster.local:80 → shop/checkout:8080 (10 pods)',
      '                     "shop/legacy" has no proxy and sends plaintext, but PeerAuthentication "shop/default" takes only mTLS on port 8080 of "shop/checkout"; give "shop/legacy" a proxy, or set PERMISSIVE in PeerAuthentication "shop/default".',
      'ok        mTLS       shop/checkout (10 pods) → checkout.shop.svc.cluster.local:80 → shop/checkout:8080 (10 pods)',
      '                     Auto mTLS sends mTLS, and PeerAuthentication "shop/default" takes only mTLS on port 8080 of "shop/checkout".',
    ].join('\n'),
  )
  expect(
    Math.max(
      ...paths(mesh, 80)
        .split('\n')
        .map(line => line.length),
    ),
  ).toBeLessThanOrEqual(80)
})

test('what the files do not tell is unknown, with the missing fact', () => {
  const mesh = fileMesh([pod('checkout', 1), service('checkout')].join('---\n'))
  expect(paths(mesh)).toContain('PATHS: 1 unknown\nunknown   mTLS       shop/checkout → ')
  expect(paths(mesh)).toContain('it is not known whether these are all Services of namespace "shop"')
})

test('colour repeats the word', () => {
  const mesh = clusterMesh([pod('checkout', 1), service('checkout')].join('---\n'))
  const [, line = ''] = pathLines(groupPaths(mesh, connections(mesh)), { color: true })
  expect(line.startsWith('\u001b[32mok\u001b[0m        mTLS')).toBe(true)
})

test('a policy that is named like a pod stays what it is', () => {
  const rule =
    'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: checkout-1, namespace: shop }\nspec: { host: checkout, trafficPolicy: { tls: { mode: DISABLE } } }\n'
  const mesh = clusterMesh([pod('checkout', 1), pod('checkout', 2), service('checkout'), rule].join('---\n'))
  expect(paths(mesh)).toContain(
    'DestinationRule "shop/checkout-1" sends plaintext (DISABLE), and Istio\'s default takes mTLS and plaintext on port 8080 of "shop/checkout".',
  )
})
