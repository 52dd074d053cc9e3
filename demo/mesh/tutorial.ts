// The mTLS tutorial: httpbin and a client in the mesh, a second client without a proxy, and PERMISSIVE waiting to become STRICT.
import type { KubeObject } from '../api/object.ts'
import { namespace, peerAuthentication, service } from './objects.ts'
import { workload } from './workload.ts'

const ns = 'tutorial'

export const tutorial: readonly KubeObject[] = [
  namespace(ns, { 'istio-injection': 'enabled' }),

  ...workload({
    namespace: ns,
    name: 'httpbin',
    version: 'v1',
    image: 'docker.io/mccutchen/go-httpbin:v2.15.0',
    ports: [{ name: 'http', containerPort: 8080 }],
    proxy: 'sidecar',
  }),
  service(ns, 'httpbin', { app: 'httpbin' }, [{ name: 'http', port: 8000, targetPort: 8080 }]),
  ...workload({ namespace: ns, name: 'curl-client', image: 'docker.io/curlimages/curl:8.16.0', proxy: 'sidecar' }),
  ...workload({
    namespace: ns,
    name: 'curl-outside',
    image: 'docker.io/curlimages/curl:8.16.0',
    proxy: 'none',
    labels: { 'sidecar.istio.io/inject': 'false' },
  }),

  peerAuthentication(ns, 'default', { mtls: { mode: 'PERMISSIVE' } }),
]
