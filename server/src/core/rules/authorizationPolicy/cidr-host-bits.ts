import { condition, ipBlock } from '../../istio/schema/authorizationPolicy.ts'
import { networkOf } from '../../istio/values/ipNetwork.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'cidr-host-bits',
  on: 'schema',
  of: [ipBlock, condition],
  severity: 'info',
  istio: 'accepts',
  summary: 'A CIDR block is written with the address of a host.',
  why: 'The bits after the prefix do not count: the whole block matches.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            ipBlocks: [10.1.2.3/16]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            ipBlocks: [10.1.0.0/16, 10.1.2.3, 10.1.2.3/32]
`,

  *check(visit) {
    for (const written of comparedValues(visit, 'source.ip', 'remote.ip', 'destination.ip')) {
      const network = networkOf(written.value)
      if (!network) continue
      const message = `"${written.value}" matches all of ${network}. Write that block, or the address without a prefix length.`
      yield problem(written, message, replacement(written, network))
    }
  },
} satisfies SchemaRule
