import { selectedBy } from '../../decide/mtls/server.ts'
import { serverPorts } from '../../decide/ports.ts'
import { fix, problem, type Rule } from '../rule.ts'

export default {
  id: 'port-level-service-port',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'portLevelMtls names the port of the Service instead of the port of the container.',
  why: 'The proxy sees the port of the container, so the entry has no effect on the port you meant.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  selector: { app: checkout }
  ports: [{ port: 80, targetPort: 8080 }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  mtls: { mode: STRICT }
  portLevelMtls:
    80: { mode: PERMISSIVE }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  selector: { app: checkout }
  ports: [{ port: 80, targetPort: 8080 }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  mtls: { mode: STRICT }
  portLevelMtls:
    8080: { mode: PERMISSIVE }
`,

  *check(policy, mesh) {
    if (!mesh.complete('Pod', policy.namespace) || !mesh.complete('Service', policy.namespace)) return
    const servers = selectedBy(policy, mesh).map(workload => ({ workload, ports: serverPorts(workload, mesh) }))
    for (const { port } of policy.portLevelMtls) {
      if (servers.some(({ ports }) => ports.some(each => each.port === port.value))) continue
      const hit = servers.flatMap(({ workload, ports }) =>
        ports.filter(each => each.servicePorts.includes(port.value)).map(each => ({ workload, ...each })),
      )[0]
      if (!hit) continue
      yield problem(
        port,
        `${port.value} is the port of the Service, but portLevelMtls means that of the workload, so this entry has no effect. "${hit.workload.name}" listens on ${hit.port}: write that.`,
        fix(`Use ${hit.port}`, { span: port.span, text: String(hit.port) }),
      )
    }
  },
} satisfies Rule<'PeerAuthentication'>
