import { wordAt } from '../../istio/schema/decoded.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'partial-wildcard',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'warning',
  istio: 'warns',
  summary: 'A wildcard that is only part of a label.',
  why: 'Proxies match whole labels, so such a host matches less than it seems, or nothing.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: ["*-api.example.com"]
  ports: [{ number: 443, name: https, protocol: TLS }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: ["*.example.com"]
  ports: [{ number: 443, name: https, protocol: TLS }]
`,

  *check({ fields }) {
    const resolution = wordAt(fields, 'resolution')
    if (resolution === undefined || resolution === 'DYNAMIC_DNS') return
    for (const host of fields.texts('hosts')) {
      const { value } = host
      if (!value.includes('*') || value === '*' || value.startsWith('*.') || isPlaceholder(value)) continue
      yield problem(
        host,
        `The wildcard of "${value}" is not a label of its own, so Istio warns and the host may match nothing. Start it with "*.".`,
      )
    }
  },
} satisfies SchemaRule
