import { isSame } from '../../decide/beside.ts'
import { shareProxy } from '../../decide/gatewayWorkloads.ts'
import type { GatewayServer, IstioGateway } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { isPlainHttp, parseProtocol } from '../../istio/values/protocol.ts'
import { type Problem, problem, type Rule } from '../rule.ts'

export default {
  id: 'conflicting-gateways',
  on: 'IstioGateway',
  severity: 'warning',
  istio: 'accepts',
  summary: 'Two Gateways of one proxy use one port in ways that cannot share it.',
  why: 'Istio keeps the server of the older Gateway and drops the other as a whole, with all its hosts and its certificate.',
  codes: ['IST0145', 'KIA0301'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-ingress, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: shop, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: bank, namespace: bank }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com, bank.example.com]
      tls: { mode: SIMPLE, credentialName: bank }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-ingress, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: shop, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: bank, namespace: bank }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [bank.example.com]
      tls: { mode: SIMPLE, credentialName: bank }
`,

  *check(written, mesh) {
    // Files may describe several environments, of which each has its Gateway.
    if (!mesh.complete('IstioGateway')) return
    const gateway = mesh.in('IstioGateway', written.namespace).find(each => isSame(written, each)) ?? written
    const others = mesh.all('IstioGateway').filter(other => other !== gateway && shareProxy(gateway, other, mesh))
    for (const server of gateway.servers) {
      const rivals = others.flatMap(other =>
        other.servers.flatMap(theirs => (isSamePlace(server, theirs) ? [{ other, server: theirs }] : [])),
      )
      yield* server.tls ? sharedHosts(gateway, server, rivals) : sharedPort(gateway, server, rivals)
    }
  },
} satisfies Rule<'IstioGateway'>

interface Rival {
  readonly other: IstioGateway
  readonly server: GatewayServer
}

/** Source: pilot/pkg/model/gateway.go (mergeGateways). */
function isSamePlace(server: GatewayServer, other: GatewayServer): boolean {
  return server.port !== undefined && other.port?.value === server.port.value && other.bind === server.bind
}

/** The SNI decides between TLS servers, so each host can be there once (CheckDuplicates). */
function* sharedHosts(gateway: IstioGateway, { hosts, port }: GatewayServer, rivals: readonly Rival[]): Generator<Problem> {
  for (const written of hosts) {
    const host = hostOf(written.value, gateway)
    const rival = rivals.find(({ other, server }) => server.tls && server.hosts.some(each => hostOf(each.value, other) === host))
    if (!rival || isPlaceholder(host)) continue
    const there = `Gateway "${rival.other.namespace}/${rival.other.name}" has a TLS server for "${written.value}" on port ${port?.value} too.`
    yield problem(written, `${there} ${outcome(gateway, rival.other)}, with all its hosts. Keep one.`)
  }
}

/** Of servers without TLS only those of HTTP are merged (canMergeProtocols). */
function* sharedPort(gateway: IstioGateway, { port, protocol }: GatewayServer, rivals: readonly Rival[]): Generator<Problem> {
  const own = parseProtocol(protocol)
  const rival = rivals.find(({ server }) => {
    const other = parseProtocol(server.protocol)
    return !server.tls && other !== 'unsupported' && !(isPlainHttp(own) && isPlainHttp(other))
  })
  if (!port || !rival || own === 'unsupported') return
  const there = `Gateway "${rival.other.namespace}/${rival.other.name}" has a server for ${rival.server.protocol} on port ${port.value}, which ${protocol} cannot share.`
  yield problem(port, `${there} ${outcome(gateway, rival.other)}. Keep one, or take another port.`)
}

/** `./host` means the Gateway's own namespace. */
function hostOf(host: string, { namespace }: IstioGateway): string {
  return host.startsWith('./') ? `${namespace}/${host.slice(2)}` : host
}

function outcome(gateway: IstioGateway, other: IstioGateway): string {
  if (gateway.created === undefined && other.created === undefined) return 'Istio keeps the server of the older Gateway and drops the other'
  return (gateway.created ?? '9') <= (other.created ?? '9')
    ? 'This Gateway is older, so the other server is dropped'
    : 'That Gateway is older, so this server is dropped'
}
