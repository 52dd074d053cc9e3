import { workloadsOfGateway } from '../../decide/gatewayWorkloads.ts'
import { servicesOf } from '../../decide/ports.ts'
import type { ServicePort } from '../../istio/resources.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'gateway-port-without-service',
  on: 'IstioGateway',
  severity: 'warning',
  istio: 'accepts',
  summary: 'No Service leads to the port of a Gateway server.',
  why: 'The proxy listens there, but nothing that is sent to its Services reaches this port.',
  codes: ['IST0162'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-ingress, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-ingress }
spec:
  selector: { istio: ingress }
  ports: [{ name: http, port: 80 }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 8080, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-ingress, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-ingress }
spec:
  selector: { istio: ingress }
  ports: [{ name: http, port: 80 }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,

  *check(gateway, mesh) {
    const workloads = workloadsOfGateway(gateway, mesh)
    const [workload] = workloads
    if (!workload || workloads.some(each => isReachedOtherwise(each, mesh))) return
    const open = workloads.flatMap(each => servicesOf(each, mesh).flatMap(({ ports }) => ports.map(port => ({ port, workload: each }))))
    for (const { port } of gateway.servers) {
      if (!port || open.some(each => leadsTo(port.value, each.port, each.workload))) continue
      if (!workloads.every(({ namespace }) => mesh.complete('Service', namespace))) return
      const services = [...new Set(workloads.flatMap(each => servicesOf(each, mesh)))]
      const has = [...new Set(services.flatMap(({ ports }) => ports.map(each => each.port)))].toSorted((a, b) => a - b).join(', ')
      const which =
        services.length === 0
          ? 'No Service selects it'
          : `Its Service${services.length > 1 ? 's have' : ' has'} ${has}: use one of these, or add this one`
      yield problem(port, `No Service leads to port ${port.value} of "${workload.name}", so nobody outside reaches this server. ${which}.`)
    }
  },
} satisfies Rule<'IstioGateway'>

/** On the network of the node no Service is needed. */
function isReachedOtherwise({ namespace, name, pods }: Workload, mesh: Mesh): boolean {
  if (pods.length > 0) return pods.some(({ hostNetwork }) => hostNetwork)
  return mesh.in('WorkloadOwner', namespace).some(owner => owner.name === name && owner.template.hostNetwork)
}

/** A server may name the port of the Service or that of the pod. A port whose name no container has may be any. */
function leadsTo(number: number, { port, targetPort, protocol }: ServicePort, { ports }: Workload): boolean {
  if (protocol !== undefined && protocol !== 'TCP') return false
  if (port === number || targetPort === number) return true
  if (typeof targetPort === 'number') return false
  const named = ports.find(({ name }) => name === targetPort)
  return named === undefined || named.port === number
}
