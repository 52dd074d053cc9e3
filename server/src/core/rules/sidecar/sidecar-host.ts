import { hasNoItems } from '../../istio/schema/decoded.ts'
import { isNull } from '../../istio/schema/fields.ts'
import { egressListener } from '../../istio/schema/sidecar.ts'
import { checkNamespacedHost } from '../../istio/values/namespacedHost.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { stringAt } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'sidecar-host',
  on: 'schema',
  of: [egressListener],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A host of a Sidecar is missing or not written as namespace/host.',
  why: 'Istio refuses the object; the namespace says where the service comes from.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  egress:
    - hosts: [payments.shop.svc.cluster.local]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  egress:
    - hosts: [./payments.shop.svc.cluster.local]
`,

  *check({ fields }) {
    const key = fields.key('hosts')
    if (!key) return
    if (hasNoItems(fields, 'hosts'))
      yield problem(key, 'This listener has no host, so Istio refuses the object. List hosts, or "~/*" for none.')
    for (const item of fields.items('hosts')) {
      const host = isNull(item) ? { value: '', span: item?.span ?? key.span } : stringAt(item)
      if (!host || isPlaceholder(host.value)) continue
      const reason = checkNamespacedHost(host.value, 'Sidecar')
      if (reason)
        yield problem(host, `"${host.value}" is no valid Sidecar host, so Istio refuses the object: ${reason}. Write "namespace/host".`)
    }
  },
} satisfies SchemaRule
