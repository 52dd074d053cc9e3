// Bookinfo behind an ingress gateway that shows certificates of its own to browsers; one of them never arrived.
import type { KubeObject } from '../api/object.ts'
import {
  authorizationPolicy,
  destinationRule,
  istioGateway,
  namespace,
  principal,
  service,
  serviceEntry,
  virtualService,
} from './objects.ts'
import { workload } from './workload.ts'

const ns = 'bookinfo'
const http = [{ name: 'http', containerPort: 9080 }]
const http9080 = [{ name: 'http', port: 9080, targetPort: 9080 }]

function application(name: string, ...versions: readonly string[]): readonly KubeObject[] {
  const deployments = versions.flatMap(version =>
    workload({
      namespace: ns,
      name: `${name}-${version}`,
      app: name,
      version,
      account: `bookinfo-${name}`,
      image: `docker.io/istio/examples-bookinfo-${name}-${version}:1.20.3`,
      ports: http,
      proxy: 'sidecar',
    }),
  )
  return [...deployments, service(ns, name, { app: name }, http9080)]
}

const terminated = (name: string, host: string, mutual: boolean) => ({
  port: { number: 443, name: `https-${name}`, protocol: 'HTTPS' },
  tls: { mode: mutual ? 'MUTUAL' : 'SIMPLE', credentialName: name },
  hosts: [host],
})

/** The gateway's certificates by `credentialName`; a host without one waits for a Secret that does not exist. */
export const gatewayCredentials: readonly {
  readonly name: string
  readonly host: string
  readonly arrived: boolean
  readonly mutual?: boolean
}[] = [
  { name: 'bookinfo-tls', host: 'bookinfo.example.com', arrived: true },
  { name: 'admin-tls', host: 'admin.example.com', arrived: true, mutual: true },
  { name: 'late-tls', host: 'late.example.com', arrived: false },
]

export const bookinfo: readonly KubeObject[] = [
  namespace('istio-ingress', { 'istio-injection': 'enabled' }),
  ...workload({
    namespace: 'istio-ingress',
    name: 'ingressgateway',
    ports: [
      { name: 'http', containerPort: 8080 },
      { name: 'https', containerPort: 8443 },
    ],
    proxy: 'gateway',
    labels: { istio: 'ingressgateway' },
    annotations: { 'inject.istio.io/templates': 'gateway' },
  }),
  service('istio-ingress', 'ingressgateway', { istio: 'ingressgateway' }, [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'https', port: 443, targetPort: 8443 },
  ]),
  istioGateway('istio-ingress', 'web', {
    selector: { istio: 'ingressgateway' },
    servers: gatewayCredentials.map(({ name, host, mutual = false }) => terminated(name, host, mutual)),
  }),

  namespace(ns, { 'istio-injection': 'enabled' }),
  ...application('productpage', 'v1'),
  ...application('details', 'v1'),
  ...application('reviews', 'v1', 'v2', 'v3'),
  ...application('ratings', 'v1'),
  virtualService(ns, 'bookinfo', {
    hosts: ['bookinfo.example.com'],
    gateways: ['istio-ingress/web'],
    http: [{ route: [{ destination: { host: 'productpage', port: { number: 9080 } } }] }],
  }),
  // Orders of the administrators are kept by a partner outside the mesh.
  serviceEntry(ns, 'partner', {
    hosts: ['partner.example.net'],
    location: 'MESH_EXTERNAL',
    resolution: 'DNS',
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
  }),
  destinationRule(ns, 'partner', {
    host: 'partner.example.net',
    trafficPolicy: {
      tls: { mode: 'SIMPLE', caCertificates: 'system', sni: 'partner.example.net', subjectAltNames: ['partner.example.net'] },
    },
  }),
  virtualService(ns, 'admin', {
    hosts: ['admin.example.com'],
    gateways: ['istio-ingress/web'],
    http: [{ route: [{ destination: { host: 'partner.example.net', port: { number: 443 } } }] }],
  }),
  destinationRule(ns, 'reviews', {
    host: 'reviews',
    subsets: ['v1', 'v2', 'v3'].map(version => ({ name: version, labels: { version } })),
  }),
  authorizationPolicy(ns, 'productpage-callers', {
    selector: { matchLabels: { app: 'productpage' } },
    action: 'ALLOW',
    rules: [
      { from: [{ source: { principals: [principal('istio-ingress', 'ingressgateway')] } }], to: [{ operation: { methods: ['GET'] } }] },
    ],
  }),
]
