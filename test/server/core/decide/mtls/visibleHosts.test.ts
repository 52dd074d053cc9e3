// Which hosts a client knows. Source: istio/istio:pilot/pkg/model/sidecar.go.
import { describe, expect, test } from 'vitest'
import { instancesNamed } from '../../../../../server/src/core/decide/mtls/instances.ts'
import { isWithin, visibleHosts } from '../../../../../server/src/core/decide/mtls/visibleHosts.ts'
import { clusterMesh } from '../../../../support/mesh.ts'

const service = (name: string, namespace: string, more = '') =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: ${namespace}${more} }\nspec: { selector: { app: ${name} }, ports: [{ port: 80 }, { port: 90 }] }\n`
const entry = (host: string, namespace: string, more = '', port = 443) =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: entry-${port}, namespace: ${namespace} }\nspec: { hosts: [${host}], resolution: DNS, ports: [{ number: ${port}, name: p${port}, protocol: TCP }]${more} }\n`
const sidecar = (egress: string, namespace = 'shop', more = '') =>
  `apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: { name: ${namespace}, namespace: ${namespace} }\nspec: { egress: ${egress}${more} }\n`
const client = (containers: string, annotations = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: web-1, namespace: shop, labels: { app: web }, annotations: { ${annotations} } }\nspec: { containers: [${containers}] }\nstatus: { phase: Running }\n`

const proxied = client('{ name: app }, { name: istio-proxy }')
const services = [service('checkout', 'shop'), service('ledger', 'bank'), entry('api.example.com', 'shop')]

/** `checkout.shop:80,90`, without the domain of the cluster. */
function known(...objects: readonly string[]): readonly string[] {
  const mesh = clusterMesh(objects.join('---\n'))
  const [web] = instancesNamed(mesh, 'shop/web-1')
  const hosts = web ? [...visibleHosts(mesh, web).values()] : []
  return hosts.map(({ host, ports }) => `${host.replace('.svc.cluster.local', '')}:${ports.map(({ port }) => port).join(',')}`).toSorted()
}

describe('a sidecar knows', () => {
  test.each<readonly [title: string, objects: readonly string[], hosts: readonly string[]]>([
    ['everything', services, ['api.example.com:443', 'checkout.shop:80,90', 'ledger.bank:80,90']],
    [
      'no ExternalName Service',
      [
        'apiVersion: v1\nkind: Service\nmetadata: { name: old, namespace: shop }\nspec: { type: ExternalName, externalName: example.com, ports: [{ port: 80 }] }\n',
      ],
      [],
    ],
    ['not what is private to another namespace', [service('ledger', 'bank', ', annotations: { networking.istio.io/exportTo: "." }')], []],
    [
      'what is exported to it',
      [service('ledger', 'bank', ', annotations: { networking.istio.io/exportTo: "ops, shop" }')],
      ['ledger.bank:80,90'],
    ],
    ['not what is exported to nobody', [entry('api.example.com', 'shop', ', exportTo: ["~"]')], []],
    ['its own namespace', [...services, sidecar('[{ hosts: ["./*"] }]')], ['api.example.com:443', 'checkout.shop:80,90']],
    ['one namespace', [...services, sidecar('[{ hosts: ["bank/*"] }]')], ['ledger.bank:80,90']],
    ['an exact host', [...services, sidecar('[{ hosts: ["*/ledger.bank.svc.cluster.local"] }]')], ['ledger.bank:80,90']],
    ['all but a namespace', [...services, sidecar('[{ hosts: ["*/*", "~bank/*"] }]')], ['api.example.com:443', 'checkout.shop:80,90']],
    ['nothing', [...services, sidecar('[{ hosts: ["~/*"] }]')], []],
    [
      'one port',
      [...services, sidecar('[{ port: { number: 90, protocol: TCP, name: p }, hosts: ["*/*"] }]')],
      ['checkout.shop:90', 'ledger.bank:90'],
    ],
    ['what the root namespace says', [...services, sidecar('[{ hosts: ["bank/*"] }]', 'istio-system')], ['ledger.bank:80,90']],
    [
      'its own Sidecar first',
      [...services, sidecar('[{ hosts: ["bank/*"] }]', 'istio-system'), sidecar('[{ hosts: ["./*"] }]')],
      ['api.example.com:443', 'checkout.shop:80,90'],
    ],
    [
      'not a Sidecar for others',
      [...services, sidecar('[{ hosts: ["bank/*"] }]', 'shop', ', workloadSelector: { labels: { app: other } }')],
      ['api.example.com:443', 'checkout.shop:80,90', 'ledger.bank:80,90'],
    ],
    [
      'a Sidecar for it first',
      [
        ...services,
        sidecar('[{ hosts: ["./*"] }]'),
        sidecar('[{ hosts: ["bank/*"] }]', 'shop', ', workloadSelector: { labels: { app: web } }').replace('name: shop', 'name: sel'),
      ],
      ['ledger.bank:80,90'],
    ],
    [
      'the ports of all entries for a host',
      [entry('api.example.com', 'shop'), entry('api.example.com', 'shop', '', 80)],
      ['api.example.com:443,80'],
    ],
    [
      'the Service, not the entry that takes its name',
      [entry('ledger.bank.svc.cluster.local', 'shop'), service('ledger', 'bank')],
      ['ledger.bank:80,90'],
    ],
  ])('%s', (_, objects, hosts) => {
    expect(known(proxied, ...objects)).toEqual(hosts)
  })
})

test.each<readonly [title: string, pod: string, hosts: readonly string[]]>([
  ['a gateway is not for Sidecars', client('{ name: istio-proxy }'), ['api.example.com:443', 'checkout.shop:80,90', 'ledger.bank:80,90']],
  [
    'ztunnel knows all',
    client('{ name: app }', 'ambient.istio.io/redirection: enabled'),
    ['api.example.com:443', 'checkout.shop:80,90', 'ledger.bank:80,90'],
  ],
  ['without a proxy there is only DNS', client('{ name: app }'), ['checkout.shop:80,90', 'ledger.bank:80,90']],
])('%s', (_, pod, hosts) => {
  expect(known(pod, ...services, sidecar('[{ hosts: ["./*"] }]'))).toEqual(hosts)
})

test.each([
  ['a.example.com', 'a.example.com', true],
  ['a.example.com', '*.example.com', true],
  ['*.a.example.com', '*.example.com', true],
  ['*.example.com', '*.a.example.com', false],
  ['*.example.com', 'a.example.com', false],
  ['a.example.com', '*', true],
])('%s is within %s: %s', (host, pattern, within) => {
  expect(isWithin(host, pattern)).toBe(within)
})
