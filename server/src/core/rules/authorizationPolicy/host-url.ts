import { hostIn, isMoreThanHost } from '../../istio/values/hostValue.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'host-url',
  on: 'schema',
  of: ['host'],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A host that is a URL, or has a path.',
  why: 'It is compared with the Host header, which has neither a scheme nor a path.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            hosts: [https://shop.example.com]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            hosts: [shop.example.com, "shop.example.com:*", "*.example.com"]
`,

  *check(visit) {
    for (const written of comparedValues(visit)) {
      if (!isMoreThanHost(written.value)) continue
      const host = hostIn(written.value)
      const message = `No request has the host "${written.value}": a Host header has neither a scheme nor a path. Write the host alone.`
      yield problem(written, message, ...(host ? [replacement(written, host)] : []))
    }
  },
} satisfies SchemaRule
