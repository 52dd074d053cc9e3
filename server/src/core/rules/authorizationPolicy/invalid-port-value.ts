import { condition, port } from '../../istio/schema/authorizationPolicy.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'invalid-port-value',
  on: 'schema',
  of: [port, condition],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A port that is no number from 0 to 65535.',
  why: 'Istio refuses the object. Names of ports, ranges and wildcards are not understood.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            ports: [http]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            ports: ["8080"]
`,

  *check(visit) {
    for (const written of comparedValues(visit, 'destination.port')) {
      if (isPort(written.value)) continue
      const message = `"${written.value}" is no port, so Istio refuses the object. Write a number from 0 to 65535; names, ranges and signs are not understood.`
      const trimmed = written.value.trim()
      yield problem(written, message, ...(isPort(trimmed) ? [replacement(written, trimmed)] : []))
    }
  },
} satisfies SchemaRule

/** Source: istio/istio:pkg/config/security/security.go (ValidatePorts). */
function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= 65_535
}
