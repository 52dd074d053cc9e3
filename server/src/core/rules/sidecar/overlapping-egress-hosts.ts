import { egressListener } from '../../istio/schema/sidecar.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'overlapping-egress-hosts',
  on: 'schema',
  of: [egressListener],
  severity: 'warning',
  istio: 'warns',
  summary: 'A host of a Sidecar is covered by another one.',
  why: 'It adds nothing; often a narrower list was meant.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  egress:
    - hosts: ["shop/*", shop/cart.shop.svc.cluster.local]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  egress:
    - hosts: ["shop/*", "istio-system/*"]
`,

  *check({ fields, object }) {
    const services = new Map<string, Set<string>>()
    for (const host of fields.texts('hosts')) {
      const slash = host.value.indexOf('/')
      if (slash < 0 || host.value.startsWith('~') || isPlaceholder(host.value)) continue
      const written = host.value.slice(0, slash)
      const namespace = written === '.' ? object.namespace : written
      const service = host.value.slice(slash + 1)
      const known = services.get(namespace) ?? new Set()
      if (service === '*' ? known.size > 0 : known.has(service) || known.has('*')) {
        yield problem(host, `"${host.value}" overlaps with another host of this listener. Keep one of them.`)
      }
      services.set(namespace, known.add(service))
    }
    const all = fields.texts('hosts').find(({ value }) => value === '*/*')
    if (all && services.size > 1) yield problem(all, '"*/*" means every service, so the other hosts add nothing. Remove it, or the others.')
  },
} satisfies SchemaRule
