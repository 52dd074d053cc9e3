import { isSame } from '../../decide/beside.ts'
import { labelsOf } from '../../decide/gatewayWorkloads.ts'
import type { ServerTls } from '../../istio/resources.ts'
import { isSubset } from '../../istio/selector.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Located } from '../../yaml/tree.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'duplicate-gateway-certificate',
  on: 'IstioGateway',
  severity: 'info',
  istio: 'accepts',
  summary: 'Two Gateways of one proxy use the same certificate.',
  why: 'A browser reuses its HTTP/2 connection for every host of the certificate, so it asks one Gateway for hosts of the other and gets 404.',
  codes: ['IST0138'],
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
      tls: { mode: SIMPLE, credentialName: wildcard }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: bank, namespace: bank }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [bank.example.com]
      tls: { mode: SIMPLE, credentialName: wildcard }
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
metadata: { name: public, namespace: istio-ingress }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com, bank.example.com]
      tls: { mode: SIMPLE, credentialName: wildcard }
`,

  *check(gateway, mesh) {
    // Files may describe several environments, of which each has its Gateway.
    if (!mesh.complete('IstioGateway')) return
    const others = mesh.all('IstioGateway').filter(other => !isSame(gateway, other) && isSubset(labelsOf(gateway), labelsOf(other)))
    for (const { tls } of gateway.servers) {
      const certificate = tls && certificateOf(tls)
      if (!certificate || isPlaceholder(certificate.key)) continue
      const other = others.find(({ servers }) => servers.some(server => server.tls && certificateOf(server.tls)?.key === certificate.key))
      if (!other) continue
      yield problem(
        certificate.written,
        `Gateway "${other.namespace}/${other.name}" uses the same certificate on the same proxies, so a browser that reuses its connection can get 404. Put the hosts in one Gateway, or give each its own certificate.`,
      )
    }
  },
} satisfies Rule<'IstioGateway'>

function certificateOf(tls: ServerTls): { readonly written: Located<string>; readonly key: string } | undefined {
  const { credentialName, serverCertificate, privateKey } = tls
  if (credentialName?.value) return { written: credentialName, key: credentialName.value }
  if (serverCertificate?.value && privateKey?.value) {
    return { written: serverCertificate, key: `${serverCertificate.value} ${privateKey.value}` }
  }
  return undefined
}
