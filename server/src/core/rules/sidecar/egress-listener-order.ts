import { lacks, placeIn } from '../../istio/schema/decoded.ts'
import { sidecarSpec } from '../../istio/schema/sidecar.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'egress-listener-order',
  on: 'schema',
  of: [sidecarSpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'An outbound listener without a port is not the last one.',
  why: 'It takes all ports that no other listener names, so it must be the last one, and the only one without a port. Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  egress:
    - hosts: ["istio-system/*"]
    - hosts: ["./*"]
      port: { number: 9080, protocol: HTTP, name: http }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  egress:
    - hosts: ["./*"]
      port: { number: 9080, protocol: HTTP, name: http }
    - hosts: ["istio-system/*"]
`,

  *check({ fields }) {
    const key = fields.key('egress')
    for (const listener of fields.objects('egress').slice(0, -1)) {
      if (!key || !lacks(listener, 'port')) continue
      const where = placeIn(listener, key.span)
      yield problem(
        where,
        'A listener without "port" covers all other ports, so Istio refuses the object unless it is the last. Move it to the end, or add a port.',
      )
    }
  },
} satisfies SchemaRule
