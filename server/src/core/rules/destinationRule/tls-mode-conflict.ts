import { ownerOf } from '../../decide/mtls/alike.ts'
import { type Connection, reasonOf } from '../../decide/mtls/paths.ts'
import { conflictsOf, type RuleConflict } from '../../decide/mtls/ruleConflicts.ts'
import { modeAt } from '../../decide/mtls/server.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { type Fix, problem, type Rule, replacement } from '../rule.ts'
import { namesItsHosts } from './certain.ts'

export default {
  id: 'tls-mode-conflict',
  on: 'DestinationRule',
  severity: 'warning',
  istio: 'accepts',
  summary: 'The TLS that clients are told to send is not what the server takes.',
  why: 'Every connection to that server fails: the server resets it, or does not understand it.',
  codes: ['KIA0207', 'KIA0208', 'KIA0505', 'KIA0506'],
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
  mtls: { mode: STRICT }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout
  trafficPolicy:
    tls: { mode: DISABLE }
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
  mtls: { mode: STRICT }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
`,

  *check(rule, mesh) {
    if (!namesItsHosts(rule)) return
    for (const conflict of conflictsOf(rule, mesh)) {
      const { tls, because, connection } = conflict
      const place = because === 'wrong-name' ? tls.subjectAltNames[0] : tls.mode
      if (!place) continue
      yield problem(place, `${reasonOf(mesh, connection)} ${whoFails(conflict)}`, ...repairs(conflict, mesh))
    }
  },
} satisfies Rule<'DestinationRule'>

function whoFails({ clients, connection: { cluster } }: RuleConflict): string {
  const [first, ...more] = [...new Set(clients.map(ownerOf))]
  const where = `"${cluster.host.host}:${cluster.port.port}"${cluster.subset === undefined ? '' : ` subset "${cluster.subset}"`}`
  if (first === undefined) return `Every client that follows this rule fails to reach ${where}.`
  const others = more.length === 0 ? '' : more.length === 1 ? ` and "${more[0]}"` : ` and ${more.length} more clients`
  return `So "${first}"${others} cannot reach ${where}.`
}

/** The one mode that fits a server which takes only mTLS, where all servers of the host take it. */
function repairs({ because, tls: { mode }, connection }: RuleConflict, mesh: Mesh): readonly Fix[] {
  if (!mode || (because !== 'plaintext-to-strict' && because !== 'tls-to-strict')) return []
  return takeMtls(connection, mesh) ? [replacement(mode, 'ISTIO_MUTUAL')] : []
}

function takeMtls({ cluster }: Connection, mesh: Mesh): boolean {
  return cluster.endpoints.every(({ endpoint: { backend, port, instance } }) => {
    return instance?.proxy === 'sidecar' && backend.tlsMode === 'istio' && modeAt(mesh, backend, port).mode !== 'DISABLE'
  })
}
