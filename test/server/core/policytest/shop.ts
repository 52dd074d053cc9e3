// A small mesh as a cluster knows it, for policy tests.
export const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: frontend-5c68-a, namespace: shop, labels: { app: frontend, pod-template-hash: 5c68 }, ownerReferences: [{ kind: ReplicaSet, name: frontend-5c68, controller: true }] }
spec: { serviceAccountName: frontend, containers: [{ name: app }, { name: istio-proxy }] }
status: { phase: Running, podIP: 10.0.0.1 }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-7d9f-a, namespace: shop, labels: { app: checkout, pod-template-hash: 7d9f }, ownerReferences: [{ kind: ReplicaSet, name: checkout-7d9f, controller: true }] }
spec: { serviceAccountName: checkout, containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }] }
status: { phase: Running, podIP: 10.0.0.2 }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-7d9f-b, namespace: shop, labels: { app: checkout, pod-template-hash: 7d9f }, ownerReferences: [{ kind: ReplicaSet, name: checkout-7d9f, controller: true }] }
spec: { serviceAccountName: checkout, containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }] }
status: { phase: Running, podIP: 10.0.0.3 }
---
apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop, labels: { app: db }, ownerReferences: [{ kind: StatefulSet, name: database, controller: true }] }
spec: { serviceAccountName: db, containers: [{ name: app, ports: [{ containerPort: 5432 }, { containerPort: 9187 }] }, { name: istio-proxy }] }
status: { phase: Running, podIP: 10.0.0.4 }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: db, namespace: shop }
spec: { template: { metadata: { labels: { app: other } }, spec: { serviceAccountName: other, containers: [{ name: app }] } } }
---
apiVersion: v1
kind: Pod
metadata: { name: report-1, namespace: shop, labels: { app: report }, ownerReferences: [{ kind: Job, name: report, controller: true }] }
spec: { serviceAccountName: report, containers: [{ name: app }, { name: istio-proxy }] }
status: { phase: Succeeded, podIP: 10.0.0.5 }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: vm, namespace: shop }
spec: { address: 10.9.9.9, serviceAccount: vm, ports: { http: 8090 } }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: nobody, namespace: shop }
spec: { address: 10.9.9.8 }
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: callers, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/frontend] } }]
      to: [{ operation: { methods: [GET] } }]
    - from: [{ source: { ipBlocks: [192.0.2.0/24] } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-admin, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  action: DENY
  rules:
    - to: [{ operation: { paths: [/admin*] } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: watched, namespace: shop }
spec: { action: AUDIT, rules: [{}] }
`
