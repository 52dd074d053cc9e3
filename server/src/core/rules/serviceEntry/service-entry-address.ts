import { wordAt } from '../../istio/schema/decoded.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { checkIpBlock, repairIpBlock } from '../../istio/values/ipBlock.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Located } from '../../yaml/tree.ts'
import { judged, type Problem, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'service-entry-address',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'An address that a ServiceEntry cannot have.',
  why: 'Istio refuses the object. Addresses are IP addresses; blocks of them go with resolution NONE or STATIC only.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  addresses: [10.20.0.0/16]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: DNS
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  addresses: [10.20.0.0/16]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: NONE
`,

  *check({ fields }) {
    const resolution = wordAt(fields, 'resolution')
    for (const address of fields.texts('addresses')) {
      const found = address.value === '' || isPlaceholder(address.value) ? undefined : judge(address, resolution)
      if (found) yield found
    }
  },
} satisfies SchemaRule

const withBlocks: ReadonlySet<string> = new Set(['NONE', 'STATIC'])

function judge(address: Located<string>, resolution: string | undefined): Problem | undefined {
  const { value } = address
  if (value.includes('/') && resolution !== undefined && !withBlocks.has(resolution)) {
    const message = `"${value}" is a block of addresses, and resolution "${resolution}" takes none, so Istio refuses the object. Use "NONE" or "STATIC".`
    return judged(['webhook', 'crd'], problem(address, message))
  }
  const reason = checkIpBlock(value)
  if (reason) {
    const repaired = repairIpBlock(value)
    const message = `"${value}" is no IP address or CIDR block, so Istio refuses the object. ${reason}`
    return problem(address, message, ...(repaired ? [replacement(address, repaired)] : []))
  }
  if (resolution !== 'DYNAMIC_DNS') return undefined
  return problem(
    address,
    'Resolution "DYNAMIC_DNS" looks up the host of each request and takes no addresses, so Istio refuses the object. Remove them.',
  )
}
