// The bank runs in ambient mode: no sidecars, ztunnel on each node, and a waypoint where rules look at HTTP.
import type { KubeObject } from '../api/object.ts'
import { authorizationPolicy, gateway, namespace, peerAuthentication, principal, requestAuthentication, service } from './objects.ts'
import { workload } from './workload.ts'

const ns = 'bank'
const http = [{ name: 'http', containerPort: 8080 }]

export const bank: readonly KubeObject[] = [
  namespace(ns, { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'bank-wp' }),

  ...workload({ namespace: ns, name: 'teller', version: 'v1', ports: http, proxy: 'ambient' }),
  service(ns, 'teller', { app: 'teller' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
  ...workload({ namespace: ns, name: 'accounts', version: 'v1', ports: http, replicas: 2, proxy: 'ambient' }),
  service(ns, 'accounts', { app: 'accounts' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
  ...workload({ namespace: ns, name: 'vault', version: 'v1', ports: [{ name: 'tcp', containerPort: 9000 }], proxy: 'ambient' }),
  service(ns, 'vault', { app: 'vault' }, [{ name: 'tcp', port: 9000, targetPort: 9000 }]),

  gateway(
    ns,
    'bank-wp',
    { 'istio.io/waypoint-for': 'service' },
    {
      gatewayClassName: 'istio-waypoint',
      listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
    },
  ),
  ...workload({
    namespace: ns,
    name: 'bank-wp',
    ports: [{ name: 'mesh', containerPort: 15008 }],
    proxy: 'waypoint',
    labels: {
      'gateway.networking.k8s.io/gateway-name': 'bank-wp',
      'gateway.networking.k8s.io/gateway-class-name': 'istio-waypoint',
      'gateway.istio.io/managed': 'istio.io-mesh-controller',
      'istio.io/dataplane-mode': 'none',
      'sidecar.istio.io/inject': 'false',
    },
  }),
  service(ns, 'bank-wp', { 'gateway.networking.k8s.io/gateway-name': 'bank-wp' }, [{ name: 'mesh', port: 15008, targetPort: 15008 }]),

  peerAuthentication(ns, 'default', { mtls: { mode: 'STRICT' } }),
  authorizationPolicy(ns, 'vault-callers', {
    selector: { matchLabels: { app: 'vault' } },
    action: 'ALLOW',
    rules: [{ from: [{ source: { principals: [principal(ns, 'accounts')] } }], to: [{ operation: { ports: ['9000'] } }] }],
  }),
  requestAuthentication(ns, 'customers', {
    targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'bank-wp' }],
    jwtRules: [{ issuer: 'https://id.example.com', jwksUri: 'https://id.example.com/keys' }],
  }),
  authorizationPolicy(ns, 'accounts-callers', {
    targetRefs: [{ group: '', kind: 'Service', name: 'accounts' }],
    action: 'ALLOW',
    rules: [
      {
        from: [{ source: { principals: [principal(ns, 'teller')] } }],
        to: [{ operation: { methods: ['GET', 'POST'], paths: ['/accounts/*'] } }],
        when: [{ key: 'request.auth.claims[role]', values: ['clerk'] }],
      },
    ],
  }),
]
