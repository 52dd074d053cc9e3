import { destinationHost } from '../../istio/schema/destinationRule.ts'
import { checkWildcardDomain } from '../../istio/values/hostName.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'invalid-host',
  on: 'schema',
  of: [destinationHost],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A host that is no host name.',
  why: 'Istio refuses the object. A host is a DNS name such as reviews.shop.svc.cluster.local or *.example.com; not an address or a URL.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: https://bank.example.com
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
`,

  *check({ node, name }) {
    if (node.kind !== 'scalar') return
    const reason = checkWildcardDomain(node.text)
    if (!reason) return
    yield problem(node, `"${node.text}" is no host name for "${name}", so Istio refuses the object: ${reason}. Write a DNS name.`)
  },
} satisfies SchemaRule
