import { hasNoItems } from '../../istio/schema/decoded.ts'
import { isNull } from '../../istio/schema/fields.ts'
import { server } from '../../istio/schema/gateway.ts'
import { checkNamespacedHost } from '../../istio/values/namespacedHost.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { stringAt } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'server-host',
  on: 'schema',
  of: [server],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A host of a Gateway server is missing or is no host name.',
  why: 'Istio takes full names, `*.example.com`, `*` and IP addresses, each with an optional namespace before a slash.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop]
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
    const key = fields.key('hosts')
    if (!key) return
    if (hasNoItems(fields, 'hosts')) {
      yield problem(key, 'This server has no host, so Istio refuses the object. List hosts, or "*" for all.')
    }
    for (const item of fields.items('hosts')) {
      const host = isNull(item) ? { value: '', span: item?.span ?? key.span } : stringAt(item)
      if (!host || isPlaceholder(host.value)) continue
      const reason = checkNamespacedHost(host.value, 'Gateway')
      if (reason)
        yield problem(host, `"${host.value}" is no valid Gateway host, so Istio refuses the object: ${reason}. Write a full name.`)
    }
  },
} satisfies SchemaRule
