import { numberAt } from '../../istio/schema/decoded.ts'
import { serverPort } from '../../istio/schema/gateway.ts'
import { sidecarPort } from '../../istio/schema/sidecar.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'ignored-target-port',
  on: 'schema',
  of: [serverPort, sidecarPort],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A port of a Gateway or Sidecar has a target port.',
  why: 'It would have no effect there, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP, targetPort: 8080 }
      hosts: [shop.example.com]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,

  *check({ fields }) {
    const key = fields.key('targetPort')
    if (!key || (numberAt(fields, 'targetPort') ?? 0) <= 0) return
    yield problem(key, '"targetPort" has no effect here, so Istio refuses the object. Remove it.')
  },
} satisfies SchemaRule
