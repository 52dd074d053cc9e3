// What becomes of a connection: the table of both sides, in meshes of sidecars, of ambient and of both.
import { describe, expect, test } from 'vitest'
import { instancesNamed } from '../../../../../server/src/core/decide/mtls/instances.ts'
import { type PathFilter, type PathRow, paths } from '../../../../../server/src/core/decide/mtls/paths.ts'
import type { Kind } from '../../../../../server/src/core/istio/resources.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { cluster, clusterMesh, fileMesh } from '../../../../support/mesh.ts'

type Proxy = 'sidecar' | 'ztunnel' | 'gateway' | 'none'

const carriers: Readonly<Record<Proxy, { readonly labels: string; readonly annotations: string; readonly containers: string }>> = {
  sidecar: { labels: ', security.istio.io/tlsMode: istio', annotations: '', containers: '{ name: app }, { name: istio-proxy }' },
  ztunnel: { labels: '', annotations: 'ambient.istio.io/redirection: enabled', containers: '{ name: app }' },
  gateway: { labels: '', annotations: '', containers: '{ name: istio-proxy }' },
  none: { labels: '', annotations: '', containers: '{ name: app }' },
}

function pod(
  name: string,
  proxy: Proxy,
  more: { readonly labels?: string; readonly annotations?: string; readonly bare?: boolean } = {},
): string {
  const { labels, annotations, containers } = carriers[proxy]
  const written = [annotations, more.annotations].filter(Boolean).join(', ')
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}-1, namespace: shop, labels: { app: ${name}${more.bare ? '' : labels}${more.labels ?? ''} }, annotations: { ${written} } }
spec: { serviceAccountName: ${name}, containers: [${containers}] }
status: { phase: Running, podIP: 10.0.0.${name.length} }
`
}

const service = (spec = '') =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: checkout, namespace: shop }\nspec: { ${spec}selector: { app: checkout }, ports: [{ name: http, port: 80, targetPort: 8080 }, { name: tcp, port: 90 }] }\n`
const peer = (mode: string, selector = '') =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: ${selector ? 'workload' : 'default'}, namespace: shop }\nspec: { ${selector}mtls: { mode: ${mode} } }\n`
const ofCheckout = 'selector: { matchLabels: { app: checkout } }, '
const rule = (policy: string, more = '') =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: checkout, namespace: shop }\nspec: { host: checkout, trafficPolicy: { ${policy} }${more} }\n`

const host = 'checkout.shop.svc.cluster.local'

function rows(mesh: Mesh, from: string, servicePort = 80, filter: Partial<PathFilter> = {}): readonly PathRow[] {
  return [...paths(mesh, { from: instancesNamed(mesh, `shop/${from}-1`), to: { host, servicePort }, ...filter })]
}

function between(client: Proxy, server: Proxy, ...objects: readonly string[]): Mesh {
  return clusterMesh([pod('frontend', client), pod('checkout', server), service(), ...objects].join('---\n'))
}

function outcome(mesh: Mesh, port = 80): string {
  return rows(mesh, 'frontend', port)
    .map(({ tls, wire, status }) => `${tls} ${wire} ${status}`)
    .join('; ')
}

describe('sidecar to sidecar', () => {
  test.each<readonly [sent: string, tls: string | undefined, mode: string, port: number, expected: string]>([
    ['auto', undefined, 'STRICT', 80, 'ISTIO_MUTUAL mtls ok'],
    ['auto', undefined, 'PERMISSIVE', 80, 'ISTIO_MUTUAL mtls ok'],
    ['auto', undefined, 'DISABLE', 80, 'DISABLE plaintext ok'],
    ['ISTIO_MUTUAL', 'tls: { mode: ISTIO_MUTUAL }', 'STRICT', 80, 'ISTIO_MUTUAL mtls ok'],
    ['ISTIO_MUTUAL', 'tls: { mode: ISTIO_MUTUAL }', 'DISABLE', 80, 'ISTIO_MUTUAL refused conflict'],
    ['DISABLE', 'tls: { mode: DISABLE }', 'STRICT', 80, 'DISABLE refused conflict'],
    ['no mode', 'tls: {}', 'STRICT', 80, 'DISABLE refused conflict'],
    ['DISABLE', 'tls: { mode: DISABLE }', 'PERMISSIVE', 80, 'DISABLE plaintext ok'],
    ['SIMPLE', 'tls: { mode: SIMPLE }', 'STRICT', 80, 'SIMPLE refused conflict'],
    ['SIMPLE to a port for HTTP', 'tls: { mode: SIMPLE }', 'PERMISSIVE', 80, 'SIMPLE refused conflict'],
    ['SIMPLE to a port for TCP', 'tls: { mode: SIMPLE }', 'PERMISSIVE', 90, 'SIMPLE tls unknown'],
    ['MUTUAL', 'tls: { mode: MUTUAL, clientCertificate: /c, privateKey: /k }', 'STRICT', 80, 'MUTUAL tls unknown'],
    [
      'port settings without tls',
      'portLevelSettings: [{ port: { number: 80 } }], tls: { mode: DISABLE }',
      'STRICT',
      80,
      'DISABLE refused conflict',
    ],
    [
      'another name',
      'tls: { mode: ISTIO_MUTUAL, subjectAltNames: [spiffe://cluster.local/ns/shop/sa/other] }',
      'STRICT',
      80,
      'ISTIO_MUTUAL refused conflict',
    ],
  ])('%s (%s) × %s on %i', (_, tls, mode, port, expected) => {
    expect(outcome(between('sidecar', 'sidecar', peer(mode), ...(tls ? [rule(tls)] : [])), port)).toBe(expected)
  })
})

describe('whoever carries the traffic', () => {
  test.each<readonly [client: Proxy, server: Proxy, mode: string, expected: string]>([
    ['none', 'sidecar', 'STRICT', 'DISABLE refused conflict'],
    ['none', 'sidecar', 'PERMISSIVE', 'DISABLE plaintext ok'],
    ['none', 'ztunnel', 'STRICT', 'DISABLE refused conflict'],
    ['none', 'ztunnel', 'PERMISSIVE', 'DISABLE plaintext ok'],
    ['none', 'none', 'STRICT', 'DISABLE plaintext ok'],
    ['sidecar', 'none', 'STRICT', 'DISABLE plaintext ok'],
    ['ztunnel', 'ztunnel', 'DISABLE', 'ISTIO_MUTUAL mtls ok'],
    ['ztunnel', 'ztunnel', 'STRICT', 'ISTIO_MUTUAL mtls ok'],
    ['sidecar', 'ztunnel', 'STRICT', 'ISTIO_MUTUAL mtls ok'],
    ['gateway', 'ztunnel', 'STRICT', 'ISTIO_MUTUAL mtls ok'],
    ['gateway', 'sidecar', 'STRICT', 'ISTIO_MUTUAL mtls ok'],
    ['ztunnel', 'sidecar', 'STRICT', 'DISABLE refused conflict'],
    ['ztunnel', 'none', 'STRICT', 'DISABLE plaintext ok'],
    ['sidecar', 'gateway', 'STRICT', 'DISABLE plaintext ok'],
  ])('%s to %s under %s', (client, server, mode, expected) => {
    expect(outcome(between(client, server, peer(mode)))).toBe(expected)
  })

  test('a sidecar that takes HBONE gets it from ztunnel', () => {
    const mesh = clusterMesh(
      [
        pod('frontend', 'ztunnel'),
        pod('checkout', 'sidecar', { labels: ', networking.istio.io/tunnel: http' }),
        service(),
        peer('STRICT'),
      ].join('---\n'),
    )
    expect(outcome(mesh)).toBe('ISTIO_MUTUAL mtls ok')
  })

  test('a rule that says DISABLE does not reach into ambient', () => {
    const [row] = rows(between('sidecar', 'ztunnel', peer('STRICT'), rule('tls: { mode: DISABLE }')), 'frontend')
    expect(row).toMatchObject({ tls: 'ISTIO_MUTUAL', wire: 'mtls', status: 'ok', destinationRule: 'shop/checkout' })
    expect(row?.reason).toContain('whatever DestinationRule "shop/checkout" says')
  })

  test('ztunnel reads no DestinationRule', () => {
    const mesh = between('ztunnel', 'ztunnel', rule('tls: { mode: DISABLE }', ', subsets: [{ name: v1, labels: { app: checkout } }]'))
    expect(rows(mesh, 'frontend')).toMatchObject([{ subset: null, destinationRule: null, auto: true, wire: 'mtls' }])
  })
})

describe('where auto mTLS and the server disagree', () => {
  test.each<readonly [title: string, objects: readonly string[], expected: string, reason: string]>([
    [
      'DISABLE for the namespace hides STRICT of the workload',
      [pod('checkout', 'sidecar'), service(), peer('DISABLE'), peer('STRICT', ofCheckout)],
      'DISABLE refused conflict',
      'set PERMISSIVE in PeerAuthentication "shop/default"',
    ],
    [
      'a sidecar without the label',
      [pod('checkout', 'sidecar', { bare: true }), service(), peer('STRICT')],
      'DISABLE refused conflict',
      'without the label "security.istio.io/tlsMode: istio"',
    ],
    [
      'the label without a sidecar',
      [pod('checkout', 'none', { labels: ', security.istio.io/tlsMode: istio' }), service()],
      'ISTIO_MUTUAL refused conflict',
      'give the server a proxy',
    ],
    [
      'a headless Service and DISABLE of the workload',
      [pod('checkout', 'sidecar'), service('clusterIP: None, '), peer('DISABLE', ofCheckout)],
      'ISTIO_MUTUAL refused conflict',
      'PeerAuthentication "shop/workload" takes no mTLS',
    ],
    [
      'an annotation keeps the port from the sidecar',
      [pod('checkout', 'sidecar', { annotations: 'traffic.sidecar.istio.io/excludeInboundPorts: "8080"' }), service(), peer('STRICT')],
      'ISTIO_MUTUAL refused conflict',
      'an annotation keeps port 8080',
    ],
    [
      'enableAutoMtls is false',
      [
        pod('checkout', 'sidecar'),
        service(),
        peer('STRICT'),
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata: { mesh: "enableAutoMtls: false" }\n',
      ],
      'DISABLE refused conflict',
      'enableAutoMtls is false',
    ],
  ])('%s', (_, objects, expected, reason) => {
    const mesh = clusterMesh([pod('frontend', 'sidecar'), ...objects].join('---\n'))
    expect(outcome(mesh)).toBe(expected)
    expect(rows(mesh, 'frontend')[0]?.reason).toContain(reason)
  })
})

test('a row tells all of both sides', () => {
  const mesh = between('sidecar', 'sidecar', peer('STRICT'), rule('tls: { mode: ISTIO_MUTUAL }'))
  expect(rows(mesh, 'frontend')).toEqual([
    {
      from: 'shop/frontend-1',
      host,
      port: 80,
      subset: null,
      server: { workload: 'shop/checkout-1', port: 8080, mode: 'STRICT', policy: 'shop/default' },
      tls: 'ISTIO_MUTUAL',
      auto: false,
      destinationRule: 'shop/checkout',
      sni: `outbound_.80_._.${host}`,
      sans: ['spiffe://cluster.local/ns/shop/sa/checkout'],
      wire: 'mtls',
      status: 'ok',
      reason:
        'DestinationRule "shop/checkout" sends mTLS (ISTIO_MUTUAL), and PeerAuthentication "shop/default" takes only mTLS on port 8080 of "shop/checkout-1".',
    },
  ])
})

test('a host without endpoints has a row without server', () => {
  const mesh = clusterMesh([pod('frontend', 'sidecar'), service()].join('---\n'))
  expect(rows(mesh, 'frontend')).toMatchObject([{ server: null, tls: 'ISTIO_MUTUAL', status: 'ok' }])
})

describe('filters', () => {
  const mesh = between('sidecar', 'sidecar', rule('tls: { mode: DISABLE }', ', subsets: [{ name: v1, labels: { app: checkout } }]'))
  const count = (filter: PathFilter) => [...paths(mesh, filter)].length

  test.each<readonly [title: string, filter: PathFilter, rows: number]>([
    // Two pods, two ports, and each subset once more.
    ['everything', {}, 8],
    ['from one workload', { from: instancesNamed(mesh, 'shop/frontend-1') }, 4],
    ['to a host and port', { to: { host, servicePort: 90 } }, 4],
    ['to a workload', { to: { workloads: instancesNamed(mesh, 'shop/checkout-1') } }, 8],
    ['to its port', { to: { workloads: instancesNamed(mesh, 'shop/checkout-1'), port: 8080 } }, 4],
    ['to a workload behind no host', { to: { workloads: instancesNamed(mesh, 'shop/frontend-1') } }, 0],
  ])('%s', (_, filter, expected) => {
    expect(count(filter)).toBe(expected)
  })
})

describe('what is not known is said', () => {
  const seen: readonly Kind[] = ['Pod', 'Service', 'Sidecar', 'DestinationRule', 'PeerAuthentication', 'Namespace']
  const without = (kind: Kind, ...objects: readonly string[]) => {
    const yaml = [pod('frontend', 'sidecar'), pod('checkout', 'sidecar'), service(), ...objects].join('---\n')
    return clusterMesh('', {
      cluster: cluster(
        yaml,
        seen.filter(each => each !== kind),
      ),
    })
  }

  test.each<readonly [title: string, mesh: Mesh, missing: string | undefined]>([
    ['nothing', without('Gateway'), undefined],
    ['PeerAuthentications', without('PeerAuthentication'), 'whether these are all PeerAuthentications of namespace "shop"'],
    ['DestinationRules', without('DestinationRule'), 'DestinationRules of namespace "istio-system"'],
    ['Sidecars', without('Sidecar'), 'whether these are all Sidecars of namespace "shop"'],
    ['Services', without('Service'), 'whether these are all Services of namespace "shop"'],
    ['Pods do not matter to a pod that is there', without('Pod'), undefined],
  ])('%s', (_, mesh, missing) => {
    const [row] = rows(mesh, 'frontend')
    expect(row?.status).toBe(missing ? 'unknown' : 'ok')
    if (missing) expect(row?.reason).toContain(missing)
    expect(row?.reason.toLowerCase()).toContain('auto mtls sends mtls')
  })

  test('a rule of the client decides, so those of other namespaces do not matter', () => {
    const mesh = clusterMesh('', {
      cluster: cluster([pod('frontend', 'sidecar'), pod('checkout', 'sidecar'), service(), rule('tls: { mode: DISABLE }')].join('---\n')),
    })
    const partly: Mesh = { ...mesh, complete: (kind, namespace) => kind !== 'DestinationRule' || namespace === 'shop' }
    expect(rows(partly, 'frontend')[0]?.status).toBe('ok')
  })

  test('both in ambient need no policy', () => {
    const yaml = [pod('frontend', 'ztunnel'), pod('checkout', 'ztunnel'), service()].join('---\n')
    expect(rows(clusterMesh('', { cluster: cluster(yaml, []) }), 'frontend')[0]?.status).toBe('ok')
  })

  test('whether injection gives the server a proxy', () => {
    const deployment = (name: string) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name}-1, namespace: shop }\nspec: { template: { metadata: { labels: { app: ${name} } }, spec: { containers: [{ name: app }] } } }\n`
    const objects = [deployment('frontend'), deployment('checkout'), service()]
    const [open] = rows(fileMesh(objects.join('---\n'), { closedWorld: true }), 'frontend')
    expect(open?.reason).toContain('whether "shop/checkout-1" gets a proxy')
    const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }\n'
    const [told] = rows(fileMesh([...objects, namespace].join('---\n'), { closedWorld: true }), 'frontend')
    expect(told).toMatchObject({ tls: 'ISTIO_MUTUAL', wire: 'mtls', status: 'ok' })
  })

  test('which of two rules in files is older', () => {
    const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }\n'
    const other = rule('tls: { mode: ISTIO_MUTUAL }').replace('name: checkout,', 'name: another,')
    const objects = [pod('frontend', 'sidecar'), pod('checkout', 'sidecar'), service(), namespace, rule('tls: { mode: DISABLE }'), other]
    const [row] = rows(fileMesh(objects.join('---\n'), { closedWorld: true }), 'frontend')
    expect(row?.status).toBe('unknown')
    expect(row?.reason).toContain('which of the DestinationRules "shop/another" and "shop/checkout" is older')
  })
})
