import { hasNoItems, lacks, placeIn } from '../../istio/schema/decoded.ts'
import { gateway } from '../../istio/schema/gateway.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'gateway-server',
  on: 'schema',
  of: [gateway],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A Gateway without servers.',
  why: 'Istio refuses the object: there is nothing to listen on.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers: []
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,

  *check({ fields, object }) {
    const spec = fields.object('spec')
    if (spec ? !hasNoItems(spec, 'servers') : !lacks(fields, 'spec')) return
    const kind = object.fields.get('kind')
    const where = spec && kind ? (spec.key('servers') ?? placeIn(spec, kind.span)) : kind
    if (where) yield problem(where, 'This Gateway has no server, so Istio refuses the object. List at least one under "servers".')
  },
} satisfies SchemaRule
