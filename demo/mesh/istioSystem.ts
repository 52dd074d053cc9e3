// The control plane: istiod, its mesh configuration, and ztunnel on both nodes.
import type { KubeObject } from '../api/object.ts'
import { configMap, gatewayClass, injectionWebhook, istioTag, namespace, service } from './objects.ts'
import { workload } from './workload.ts'

const meshConfig = `accessLogFile: /dev/stdout
defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
enablePrometheusMerge: true
rootNamespace: istio-system
trustDomain: cluster.local
`

export const istioSystem: readonly KubeObject[] = [
  namespace('istio-system'),
  configMap('istio-system', 'istio', { mesh: meshConfig, meshNetworks: 'networks: {}' }, { 'istio.io/rev': 'default' }),
  injectionWebhook('istio-sidecar-injector', { 'istio.io/rev': 'default' }),
  injectionWebhook('istio-revision-tag-default', { 'istio.io/rev': 'default', 'istio.io/tag': 'default' }),
  gatewayClass('istio', 'istio.io/gateway-controller'),
  gatewayClass('istio-remote', 'istio.io/unmanaged-gateway'),
  gatewayClass('istio-waypoint', 'istio.io/mesh-controller'),
  ...workload({
    namespace: 'istio-system',
    name: 'istiod',
    container: 'discovery',
    environment: { REVISION: 'default', PILOT_ENABLE_AMBIENT: 'true', CLUSTER_ID: 'Kubernetes' },
    image: `docker.io/istio/pilot:${istioTag}`,
    ports: [
      { name: 'http-debug', containerPort: 8080 },
      { name: 'grpc-xds', containerPort: 15010 },
      { name: 'tls-xds', containerPort: 15012 },
      { name: 'https-webhooks', containerPort: 15017 },
    ],
    proxy: 'none',
    labels: { istio: 'pilot', 'istio.io/rev': 'default', 'sidecar.istio.io/inject': 'false', 'app.kubernetes.io/version': istioTag },
  }),
  service('istio-system', 'istiod', { app: 'istiod' }, [
    { name: 'grpc-xds', port: 15010, targetPort: 15010 },
    { name: 'https-dns', port: 15012, targetPort: 15012 },
    { name: 'https-webhook', port: 443, targetPort: 15017 },
    { name: 'http-monitoring', port: 15014, targetPort: 15014 },
  ]),
  ...workload({
    namespace: 'istio-system',
    name: 'ztunnel',
    kind: 'DaemonSet',
    container: 'istio-proxy',
    replicas: 2,
    image: `docker.io/istio/ztunnel:${istioTag}`,
    ports: [{ name: 'ztunnel-stats', containerPort: 15020 }],
    proxy: 'none',
    labels: { 'istio.io/dataplane-mode': 'none', 'sidecar.istio.io/inject': 'false', 'app.kubernetes.io/version': istioTag },
  }),
]
