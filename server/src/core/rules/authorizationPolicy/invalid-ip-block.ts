import { condition, ipBlock } from '../../istio/schema/authorizationPolicy.ts'
import { checkIpBlock, repairIpBlock } from '../../istio/values/ipBlock.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'invalid-ip-block',
  on: 'schema',
  of: [ipBlock, condition],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A value that is neither an IP address nor a CIDR block.',
  why: 'Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            ipBlocks: [10.0.0.0/33]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            ipBlocks: [10.0.0.0/8]
      when:
        - key: remote.ip
          notValues: ["2001:db8::1"]
`,

  *check(visit) {
    for (const written of comparedValues(visit, 'source.ip', 'remote.ip', 'destination.ip')) {
      const advice = checkIpBlock(written.value)
      if (!advice) continue
      const repaired = repairIpBlock(written.value)
      const wanted = written.value.includes('/') ? 'CIDR block' : 'IP address'
      const message = `"${written.value}" is no ${wanted}, so Istio refuses the object. ${advice}`
      yield problem(written, message, ...(repaired ? [replacement(written, repaired)] : []))
    }
  },
} satisfies SchemaRule
