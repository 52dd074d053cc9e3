// Made-up policies in the sizes that people have: always the same for the same number.

export function policy(index: number): string {
  const namespace = `team-${index % 40}`
  return `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: callers-${index}
  namespace: ${namespace}
spec:
  selector:
    matchLabels:
      app: app-${index}
  action: ALLOW
  rules:
    - from:
        - source:
            principals:
              - cluster.local/ns/${namespace}/sa/frontend-${index % 7}
              - cluster.local/ns/${namespace}/sa/batch-${index % 11}
      to:
        - operation:
            methods: [GET, POST]
            paths: [/api/${index}/*, /health]
            ports: ["8080"]
      when:
        - key: request.headers[x-tenant]
          values: [tenant-${index % 5}]
`
}
