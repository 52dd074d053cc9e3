import { workloadsOfGateway } from '../../decide/gatewayWorkloads.ts'
import { nearest } from '../../istio/nearest.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type Rule, replacement } from '../rule.ts'

/** Modes in which the gateway ends TLS and so shows a certificate. */
const terminating: ReadonlySet<string> = new Set(['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'])

export default {
  id: 'gateway-credential-missing',
  on: 'IstioGateway',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A Gateway takes its certificate from a Secret that does not exist.',
  why: 'The gateway has no certificate to present, so it refuses every connection to these hosts.',
  codes: ['IST0101'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-ingress, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: v1
kind: Secret
metadata: { name: shop-cert, namespace: shop }
type: kubernetes.io/tls
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-cert }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-ingress, labels: { istio: ingress } }
spec:
  containers: [{ name: istio-proxy }]
---
apiVersion: v1
kind: Secret
metadata: { name: shop-cert, namespace: istio-ingress }
type: kubernetes.io/tls
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-cert }
`,

  *check(gateway, mesh) {
    const namespaces = [...new Set(workloadsOfGateway(gateway, mesh).map(({ namespace }) => namespace))]
    const [namespace] = namespaces
    if (namespace === undefined) return
    for (const { tls } of gateway.servers) {
      if (!tls || !terminating.has(tls.mode?.value ?? '')) continue
      for (const written of [...(tls.credentialName ? [tls.credentialName] : []), ...tls.credentialNames]) {
        const name = written.value.replace(/^kubernetes:\/\//, '')
        if (name === '' || name.includes('/') || isPlaceholder(name)) continue
        if (namespaces.some(each => mesh.presence('Secret', each, name) !== 'absent')) continue
        if (mesh.all('Secret').some(secret => isPlaceholder(secret.name))) continue
        const what = `No Secret "${name}" in namespace "${namespace}", where the gateway runs, so it refuses connections to these hosts.`
        const elsewhere = mesh.all('Secret').find(secret => secret.name === name)
        const meant = nearest(
          name,
          mesh.in('Secret', namespace).map(secret => secret.name),
        )
        if (elsewhere) yield problem(written, `${what} The one in namespace "${elsewhere.namespace}" is not read: move it.`)
        else
          yield meant
            ? problem(written, `${what} Did you mean "${meant}"?`, replacement(written, meant))
            : problem(written, `${what} Create it there.`)
      }
    }
  },
} satisfies Rule<'IstioGateway'>
