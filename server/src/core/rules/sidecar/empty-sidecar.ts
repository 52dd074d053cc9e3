import { lacks, placeIn } from '../../istio/schema/decoded.ts'
import { isEmptySidecar, sidecar } from '../../istio/schema/sidecar.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'empty-sidecar',
  on: 'schema',
  of: [sidecar],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A Sidecar that configures nothing.',
  why: 'Istio refuses the object: it needs inbound or outbound listeners, a policy for unknown traffic, or a connection pool.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: { labels: { app: checkout } }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  egress:
    - hosts: ["./*"]
`,

  *check({ fields, object }) {
    const spec = fields.object('spec')
    if (spec ? !isEmptySidecar(spec) : !lacks(fields, 'spec')) return
    const kind = object.fields.get('kind')
    const where = spec && kind ? placeIn(spec, kind.span) : kind
    const names = '"egress", "ingress", "outboundTrafficPolicy" or "inboundConnectionPool"'
    if (where) yield problem(where, `This Sidecar configures nothing, so Istio refuses the object. Write ${names}.`)
  },
} satisfies SchemaRule
