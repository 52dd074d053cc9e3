import { appProtocolOf } from '../../decide/authorization/appProtocol.ts'
import type { Destination } from '../../decide/authorization/connection.ts'
import { providerFor } from '../../decide/authorization/custom.ts'
import { rulesAt } from '../../decide/authorization/inForce.ts'
import { serverPorts } from '../../decide/ports.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'
import { coveredBy, named } from './covered.ts'
import { authorizersOf } from './providers.ts'

export default {
  id: 'http-provider-on-tcp',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A CUSTOM policy asks an authorizer about HTTP requests, for workloads that speak TCP only.',
  why: 'An authorizer of the kind "envoyExtAuthzHttp" cannot be asked about connections, so they pass without being checked.',
  codes: [],
  bad: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    extensionProviders:
      - name: opa-policies
        envoyExtAuthzHttp: { service: opa.opa.svc.cluster.local, port: 8181 }
---
apiVersion: v1
kind: Service
metadata: { name: opa, namespace: opa }
spec:
  ports: [{ name: http, port: 8181 }]
---
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: bank }
spec:
  selector: { app: ledger }
  ports: [{ name: tcp-books, port: 5432 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa-policies }
  rules: [{}]
`,
  good: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    extensionProviders:
      - name: opa-policies
        envoyExtAuthzGrpc: { service: opa.opa.svc.cluster.local, port: 9191 }
---
apiVersion: v1
kind: Service
metadata: { name: opa, namespace: opa }
spec:
  ports: [{ name: http, port: 9191 }]
---
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: bank }
spec:
  selector: { app: ledger }
  ports: [{ name: tcp-books, port: 5432 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa-policies }
  rules: [{}]
`,

  *check(policy, mesh) {
    const { action, provider } = policy
    if (action !== 'CUSTOM' || !provider) return
    if (!authorizersOf(mesh)?.some(({ name, authorizer }) => name === provider.value && authorizer === 'http')) return
    const workloads = coveredBy(policy, mesh).filter(({ proxy }) => proxy !== 'none')
    if (workloads.length === 0 || !workloads.every(each => isAskedOfNothing(each, mesh))) return
    yield problem(
      provider,
      `"${provider.value}" can be asked about HTTP requests only, and every port of ${named(workloads)} speaks TCP: connections pass without being checked. Name an authorizer of the kind "envoyExtAuthzGrpc".`,
    )
  },
} satisfies Rule<'AuthorizationPolicy'>

/** Every port is declared to be TCP, and nothing worse than not being asked follows. */
function isAskedOfNothing(workload: Workload, mesh: Mesh): boolean {
  if (workload.proxy !== 'sidecar' || !mesh.complete('Service', workload.namespace)) return false
  const ports = serverPorts(workload, mesh).map(({ port }) => ({ workload, port }))
  const isSilent = (to: Destination) => {
    const custom = rulesAt(to, 'tcp', mesh).filter(each => each.action === 'CUSTOM')
    return appProtocolOf(to, mesh) === 'tcp' && providerFor(custom, 'tcp', mesh).is === 'silent'
  }
  return ports.length > 0 && ports.every(isSilent)
}
