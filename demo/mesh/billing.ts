// Everything that goes wrong: each workload here has a mistake that the extension should show before somebody is paged for it.
import type { KubeObject } from '../api/object.ts'
import { authorizationPolicy, namespace, peerAuthentication, principal, service } from './objects.ts'
import { workload } from './workload.ts'

const ns = 'billing'
const http = [{ name: 'http', containerPort: 8080 }]

export const billing: readonly KubeObject[] = [
  namespace(ns, { 'istio-injection': 'enabled' }),

  // Its certificate expired: see certificates.ts.
  ...workload({ namespace: ns, name: 'invoicer', version: 'v1', ports: http, proxy: 'sidecar' }),
  service(ns, 'invoicer', { app: 'invoicer' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
  // Its certificate never came.
  ...workload({ namespace: ns, name: 'ledger', version: 'v1', ports: http, proxy: 'sidecar' }),
  service(ns, 'ledger', { app: 'ledger' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
  // Its proxy does not answer.
  ...workload({ namespace: ns, name: 'archive', version: 'v1', ports: http, proxy: 'sidecar' }),
  service(ns, 'archive', { app: 'archive' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
  // Started before injection was switched on, so STRICT is not enforced here.
  ...workload({ namespace: ns, name: 'legacy', ports: http, proxy: 'none' }),
  service(ns, 'legacy', { app: 'legacy' }, [{ name: 'http', port: 80, targetPort: 8080 }]),

  peerAuthentication(ns, 'default', { mtls: { mode: 'STRICT' } }),
  // 80 is the Service's port; the exception would have to name the container's port 8080, so it excepts nothing.
  peerAuthentication(ns, 'invoicer-metrics', {
    selector: { matchLabels: { app: 'invoicer' } },
    mtls: { mode: 'STRICT' },
    portLevelMtls: { '80': { mode: 'PERMISSIVE' } },
  }),
  // There is no account "accountant".
  authorizationPolicy(ns, 'ledger-callers', {
    selector: { matchLabels: { app: 'ledger' } },
    action: 'ALLOW',
    rules: [{ from: [{ source: { principals: [principal(ns, 'invoicer'), principal(ns, 'accountant')] } }] }],
  }),
]
