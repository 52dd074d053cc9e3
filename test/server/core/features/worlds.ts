// The small worlds that feature tests ask about.

/** frontend and checkout with proxies, legacy without one; an account that nobody runs as. */
export const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: unused, namespace: shop }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: frontend, namespace: shop }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: checkout, namespace: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: shop, labels: { app: frontend }, ownerReferences: [{ kind: StatefulSet, name: frontend, controller: true }] }
spec: { serviceAccountName: frontend, containers: [{ name: app }, { name: istio-proxy }] }
status: { phase: Running }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout }, ownerReferences: [{ kind: StatefulSet, name: checkout, controller: true }] }
spec: { serviceAccountName: checkout, containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }] }
status: { phase: Running }
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ port: 80, targetPort: 8080 }] }
`

export const legacy = `
---
apiVersion: v1
kind: Pod
metadata: { name: legacy-1, namespace: shop, labels: { app: legacy }, ownerReferences: [{ kind: StatefulSet, name: legacy, controller: true }] }
spec: { containers: [{ name: app }] }
status: { phase: Running }
`
