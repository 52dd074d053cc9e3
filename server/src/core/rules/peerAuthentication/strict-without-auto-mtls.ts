import { refusedPlaintext } from '../../decide/mtls/autoConflicts.ts'
import { nameOf } from '../../decide/mtls/instances.ts'
import { problem, type Rule } from '../rule.ts'
import { strictPlace } from './places.ts'

const world = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    enableAutoMtls: false
---
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
  mtls: { mode: STRICT }
`

export default {
  id: 'strict-without-auto-mtls',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'STRICT in a mesh with enableAutoMtls switched off, and no DestinationRule makes clients send mTLS.',
  why: 'Clients send plaintext unless a DestinationRule says otherwise, and these servers refuse it.',
  codes: ['KIA0401', 'KIA0501'],
  bad: world,
  good: `${world}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: default, namespace: istio-system }
spec:
  host: "*.local"
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
`,

  *check(policy, mesh) {
    const place = strictPlace(policy)
    if (!place || mesh.settings.enableAutoMtls) return
    const refused = refusedPlaintext(policy, mesh, 'switched-off')
    if (!refused) return
    const { client, cluster } = refused
    yield problem(
      place,
      `The mesh has "enableAutoMtls: false" and no DestinationRule makes "${nameOf(client)}" send mTLS to "${cluster.host.host}:${cluster.port.port}", so it sends plaintext and is refused. Switch auto mTLS on, or set ISTIO_MUTUAL in a DestinationRule.`,
    )
  },
} satisfies Rule<'PeerAuthentication'>
