// A row for every port that somebody names, and one for all others.
import { describe, expect, test } from 'vitest'
import { serverRows } from '../../../../../server/src/core/decide/mtls/serverRows.ts'
import { clusterMesh } from '../../../../support/mesh.ts'

const pod = (containers: string, annotations = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: web-1, namespace: shop, labels: { app: web }, annotations: { ${annotations} } }\nspec: { containers: [${containers}] }\nstatus: { phase: Running, podIP: 10.0.0.1 }\n`
const service =
  'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop }\nspec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }\n'
const policy = (spec: string) =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: web, namespace: shop }\nspec: { selector: { matchLabels: { app: web } }, ${spec} }\n`
const sidecar =
  '{ name: app, ports: [{ containerPort: 9090 }, { containerPort: 5353, protocol: UDP }] }, { name: istio-proxy, ports: [{ containerPort: 15090 }] }'

function rows(...objects: readonly string[]): readonly string[] {
  return serverRows(clusterMesh(objects.join('---\n'))).map(
    ({ port, mode, policy, plaintext, enforcer }) => `${port} ${mode} ${policy} ${plaintext} ${enforcer}`,
  )
}

describe('the rows of a workload', () => {
  test('name its ports, those of its Services on both sides, and those of its policies', () => {
    expect(rows(pod(sidecar), service, policy('mtls: { mode: STRICT }, portLevelMtls: { 7070: { mode: DISABLE } }'))).toEqual([
      '80 STRICT shop/web refused sidecar',
      '7070 DISABLE shop/web accepted sidecar',
      '8080 STRICT shop/web refused sidecar',
      '9090 STRICT shop/web refused sidecar',
      '0 STRICT shop/web refused sidecar',
    ])
  })

  test.each<readonly [title: string, pod: string, expected: readonly string[]]>([
    ['nobody keeps the mode without a proxy', pod('{ name: app }'), ['0 STRICT shop/web accepted none']],
    ['a gateway keeps its own', pod('{ name: istio-proxy }'), ['0 STRICT shop/web accepted none']],
    ['ztunnel refuses', pod('{ name: app }', 'ambient.istio.io/redirection: enabled'), ['0 STRICT shop/web refused ztunnel']],
    [
      'an annotation keeps a port from the sidecar',
      pod('{ name: app, ports: [{ containerPort: 9090 }] }, { name: istio-proxy }', 'traffic.sidecar.istio.io/excludeInboundPorts: "9090"'),
      ['9090 STRICT shop/web accepted none', '0 STRICT shop/web refused sidecar'],
    ],
  ])('%s', (_, yaml, expected) => {
    expect(rows(yaml, policy('mtls: { mode: STRICT }'))).toEqual(expected)
  })

  test('a Sidecar may name ports too', () => {
    const ingress =
      'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: { name: web, namespace: shop }\nspec: { ingress: [{ port: { number: 9443, protocol: HTTP, name: in }, defaultEndpoint: "127.0.0.1:8080" }] }\n'
    expect(rows(pod('{ name: app }, { name: istio-proxy }'), ingress)).toEqual([
      '9443 PERMISSIVE null accepted sidecar',
      '0 PERMISSIVE null accepted sidecar',
    ])
  })

  test('a WorkloadEntry has its mode, and a proxy where an account says so', () => {
    const entry = (more: string) =>
      `apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: vm, namespace: shop }\nspec: { address: 10.1.0.1, labels: { app: web }${more} }\n`
    expect(rows(entry(', serviceAccount: vm'), policy('mtls: { mode: STRICT }'))).toEqual(['0 STRICT shop/web refused sidecar'])
    expect(rows(entry(''), policy('mtls: { mode: STRICT }'))).toEqual(['0 STRICT shop/web accepted none'])
  })
})
