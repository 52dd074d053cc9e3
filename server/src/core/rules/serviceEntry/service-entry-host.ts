import { hasNoItems, wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { checkFQDN, checkWildcardDomain } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { judged, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'service-entry-host',
  on: 'schema',
  of: [serviceEntrySpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A host that a ServiceEntry cannot have.',
  why: 'Istio refuses the object. A host is a DNS name, or one that starts with a wildcard; the resolution decides which.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: ["*.example.com"]
  ports: [{ number: 443, name: https, protocol: TLS }]
  resolution: DNS
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: https, protocol: TLS }]
  resolution: DNS
`,

  *check({ fields }) {
    const list = fields.get('hosts')
    if (list?.kind === 'sequence' && list.items.length === 0) {
      yield judged(
        ['webhook', 'crd'],
        problem(list, 'A ServiceEntry without hosts describes nothing, so Istio refuses the object. Name a host.'),
      )
    }
    const unfit = unfitFor(fields)
    for (const host of fields.texts('hosts')) {
      if (host.value === '' || isPlaceholder(host.value)) continue
      if (host.value === '*') {
        const message = 'A ServiceEntry cannot stand for every host ("*"), so Istio refuses the object. Name hosts, or use "*.example.com".'
        yield judged(['webhook', 'crd'], problem(host, message))
        continue
      }
      const reason = checkWildcardDomain(host.value)
      if (reason) yield problem(host, `"${host.value}" is no host name, so Istio refuses the object: ${reason}. Write a DNS name.`)
      else if (unfit?.when(host.value)) yield problem(host, `"${host.value}" ${unfit.because}`)
    }
  },
} satisfies SchemaRule

interface Unfit {
  readonly when: (host: string) => boolean
  readonly because: string
}

/** What the resolution demands of a host that is right by itself. */
function unfitFor(spec: Fields): Unfit | undefined {
  const resolution = wordAt(spec, 'resolution')
  if (resolution === 'DYNAMIC_DNS') {
    return {
      when: host => !host.startsWith('*'),
      because:
        'has no wildcard, and "DYNAMIC_DNS" takes only hosts with one, so Istio refuses the object. Use resolution "DNS" for one host.',
    }
  }
  if ((resolution !== 'DNS' && resolution !== 'DNS_ROUND_ROBIN') || !hasNoItems(spec, 'endpoints')) return undefined
  return {
    when: host => checkFQDN(host) !== undefined,
    because: `cannot be looked up with resolution "${resolution}", so Istio refuses the object. Name endpoints, or use "NONE" or "DYNAMIC_DNS".`,
  }
}
