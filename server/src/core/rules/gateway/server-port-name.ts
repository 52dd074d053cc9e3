import { gatewaySpec } from '../../istio/schema/gateway.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'server-port-name',
  on: 'schema',
  of: [gatewaySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The name of a server port is empty or used twice.',
  why: 'Istio tells the servers of a Gateway apart by the names of their ports.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: web, protocol: HTTP }
      hosts: [shop.example.com]
    - port: { number: 443, name: web, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
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
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,

  *check({ fields }) {
    const seen = new Set<string>()
    for (const name of fields.objects('servers').flatMap(each => each.object('port')?.text('name') ?? [])) {
      if (isPlaceholder(name.value)) continue
      if (name.value === '') yield problem(name, 'A port of a Gateway needs a name, so Istio refuses the object. Write one.')
      else if (seen.has(name.value)) {
        yield problem(
          name,
          `Another server has the port name "${name.value}" too, so Istio refuses the object. Give each port a name of its own.`,
        )
      }
      seen.add(name.value)
    }
  },
} satisfies SchemaRule
