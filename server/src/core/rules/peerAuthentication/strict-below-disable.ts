import { refusedPlaintext } from '../../decide/mtls/autoConflicts.ts'
import { nameOf } from '../../decide/mtls/instances.ts'
import { levelOf, namespaceMtls } from '../../decide/mtls/server.ts'
import { problem, type Rule } from '../rule.ts'
import { strictPlace } from './places.ts'

export default {
  id: 'strict-below-disable',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'Workloads are STRICT in a namespace that is DISABLE.',
  why: 'Clients look at the mode of the namespace only. They send plaintext, and the workloads refuse it.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: shop, labels: { app: frontend, security.istio.io/tlsMode: istio } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout, security.istio.io/tlsMode: istio } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  selector: { app: checkout }
  ports: [{ name: http, port: 80 }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: DISABLE }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  mtls: { mode: STRICT }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: shop, labels: { app: frontend, security.istio.io/tlsMode: istio } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout, security.istio.io/tlsMode: istio } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  selector: { app: checkout }
  ports: [{ name: http, port: 80 }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: PERMISSIVE }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  mtls: { mode: STRICT }
`,

  *check(policy, mesh) {
    const place = strictPlace(policy)
    const around = namespaceMtls(mesh, policy.namespace)
    if (!place || around.mode !== 'DISABLE' || !around.policy || levelOf(policy, mesh.settings.rootNamespace) !== 'workload') return
    const refused = refusedPlaintext(policy, mesh, 'namespace-disable')
    if (!refused) return
    const { client, cluster } = refused
    const where = `"${cluster.host.host}:${cluster.port.port}"`
    yield problem(
      place,
      `Clients go by "${nameOf(around.policy)}", which is DISABLE, and send plaintext, so "${nameOf(client)}" cannot reach ${where}. Set PERMISSIVE in "${nameOf(around.policy)}", or ISTIO_MUTUAL in a DestinationRule for this host.`,
    )
  },
} satisfies Rule<'PeerAuthentication'>
