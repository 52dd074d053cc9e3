import type { Fields } from '../../istio/schema/fields.ts'
import { numberOf } from '../../istio/schema/values.ts'
import { destination } from '../../istio/schema/virtualService.ts'
import { checkWildcardDomain, isDns1123Label } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'route-destination',
  on: 'schema',
  of: [destination],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A route destination that Istio does not accept.',
  why: 'Istio refuses the object. A destination is one host, a subset by its name, and a port.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [shop.example.com]
  http:
    - route: [{ destination: { host: "http://checkout.shop.svc.cluster.local" } }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [shop.example.com]
  http:
    - route: [{ destination: { host: checkout.shop.svc.cluster.local } }]
`,

  *check({ fields }) {
    const host = fields.text('host')
    const reason = host?.value === '*' ? 'a route leads to one service' : host && checkWildcardDomain(host.value)
    if (host && reason && !isPlaceholder(host.value)) {
      yield problem(host, `"${host.value}" is no destination, so Istio refuses the object: ${reason}. Write a host name.`)
    }
    const subset = fields.text('subset')
    if (subset?.value && !isDns1123Label(subset.value) && !isPlaceholder(subset.value)) {
      yield problem(
        subset,
        `"${subset.value}" is no valid subset name, so Istio refuses the object. Use letters, digits and dashes between them.`,
      )
    }
    yield* badPort(fields)
  },
} satisfies SchemaRule

function* badPort(fields: Fields): Generator<Problem> {
  const port = fields.object('port')
  const key = fields.key('port')
  if (!port?.node || !key || port.node.entries.some(entry => isPlaceholder(entry.key.text))) return
  const node = port.get('number')
  const number = node ? numberOf(node) : 0
  if (number === undefined || (1 <= number && number <= 65_535)) return
  const what = node ? `${number} is no port` : 'Without a number this is port 0'
  yield problem(node ?? key, `${what}, so Istio refuses the object. Write a number from 1 to 65535, or remove "port".`)
}
