// Two meshes that the lines are about: one of sidecars with a gateway, one in ambient with a waypoint.
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'
import { clusterMesh } from '../../../support/mesh.ts'

const pod = (
  namespace: string,
  name: string,
  ip: string,
  more: { containers?: string; labels?: string; annotations?: string; account?: string } = {},
) => `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}-1
  namespace: ${namespace}
  labels: { app: ${name}${more.labels ?? ''} }
  annotations: { ${more.annotations ?? ''} }
  ownerReferences: [{ kind: StatefulSet, name: ${name}, controller: true }]
spec:
  serviceAccountName: ${more.account ?? name}
  containers: [${more.containers ?? '{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }'}]
status: { phase: Running, podIP: ${ip} }
---`

const alone = '{ name: app, ports: [{ containerPort: 8080 }] }'

const service = (namespace: string, name: string, port: string, labels = '') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace}, labels: { ${labels} } }
spec: { selector: { app: ${name} }, ports: [${port}] }
---`

export const sidecars: Mesh = clusterMesh(`
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
${service('shop', 'checkout', '{ name: http, port: 80, targetPort: 8080 }')}
${service('shop', 'ledger', '{ name: tcp, port: 5432, targetPort: 5432 }')}
${pod('shop', 'checkout', '10.0.0.20')}
${pod('shop', 'ledger', '10.0.0.30')}
${pod('shop', 'frontend', '10.0.0.7', { labels: ', security.istio.io/tlsMode: istio' })}
${pod('billing', 'invoicer', '10.0.0.8', { labels: ', security.istio.io/tlsMode: istio' })}
${pod('old', 'legacy', '10.0.0.9', { containers: alone })}
${pod('edge', 'ingress', '10.0.0.40', { containers: '{ name: istio-proxy }' })}
apiVersion: v1
kind: Pod
metadata: { name: agent-1, namespace: old }
spec: { hostNetwork: true, containers: [{ name: app }] }
status: { phase: Running, podIP: 10.9.0.1 }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: edge }
spec: { selector: { app: ingress }, servers: [{ port: { number: 8443, name: https, protocol: HTTPS }, hosts: [shop.example.com], tls: { mode: SIMPLE, credentialName: shop } }] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-admin, namespace: shop }
spec: { action: DENY, selector: { matchLabels: { app: checkout } }, rules: [{ to: [{ operation: { paths: [/admin*] } }] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: callers, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/frontend] } }]
      to: [{ operation: { methods: [GET] } }]
    - from: [{ source: { namespaces: [reports] } }]
      to: [{ operation: { methods: [PUT] } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: shop }
spec: { selector: { matchLabels: { app: ledger } } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ask, namespace: shop }
spec: { action: CUSTOM, provider: { name: opa }, selector: { matchLabels: { app: checkout } }, rules: [{ to: [{ operation: { paths: [/pay*] } }] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: offices, namespace: edge }
spec: { action: DENY, selector: { matchLabels: { app: ingress } }, rules: [{ from: [{ source: { notRemoteIpBlocks: [192.0.2.0/24] } }] }] }
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec: { selector: { matchLabels: { app: checkout } }, jwtRules: [{ issuer: "https://id.example.net", audiences: [checkout], jwksUri: "https://id.example.net/keys" }] }
`)

const enrolled = { containers: alone, annotations: 'ambient.istio.io/redirection: enabled' }

export const ambient: Mesh = clusterMesh(`
apiVersion: v1
kind: Namespace
metadata: { name: bank, labels: { istio.io/dataplane-mode: ambient } }
---
${service('bank', 'vault', '{ name: http, port: 80, targetPort: 8080 }', 'istio.io/use-waypoint: bank-wp')}
${pod('bank', 'vault', '10.1.0.20', enrolled)}
${pod('bank', 'teller', '10.1.0.7', enrolled)}
${pod('bank', 'safe', '10.1.0.21', enrolled)}
${pod('old', 'legacy', '10.1.0.9', { containers: alone })}
${pod('bank', 'bank-wp', '10.1.0.50', { containers: '{ name: istio-proxy }', labels: ', gateway.networking.k8s.io/gateway-name: bank-wp' })}
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: bank-wp, namespace: bank }
spec: { gatewayClassName: istio-waypoint, listeners: [{ name: mesh, port: 15008, protocol: HBONE }] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: bank }
spec: { mtls: { mode: STRICT } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-teller, namespace: bank }
spec: { action: DENY, selector: { matchLabels: { app: vault } }, rules: [{ from: [{ source: { serviceAccounts: [teller] } }] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: auditors, namespace: bank }
spec: { selector: { matchLabels: { app: safe } }, rules: [{ from: [{ source: { serviceAccounts: [auditor] } }], to: [{ operation: { ports: ["8080"] } }] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: readers, namespace: bank }
spec: { targetRefs: [{ kind: Service, group: "", name: vault }], rules: [{ from: [{ source: { principals: ["*"] } }], to: [{ operation: { methods: [GET] } }] }] }
`)
