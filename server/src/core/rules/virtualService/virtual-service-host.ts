import { hasNoItems } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { virtualServiceSpec } from '../../istio/schema/virtualService.ts'
import { Hosts } from '../../istio/values/hostMatch.ts'
import { checkWildcardDomain } from '../../istio/values/hostName.ts'
import { isIpAddress } from '../../istio/values/ipAddress.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Located } from '../../yaml/tree.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'virtual-service-host',
  on: 'schema',
  of: [virtualServiceSpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'Hosts that a VirtualService cannot have.',
  why: 'Istio refuses the object, so none of its routes takes effect.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: ["*"]
  http:
    - route: [{ destination: { host: checkout.shop.svc.cluster.local } }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout.shop.svc.cluster.local]
  http:
    - route: [{ destination: { host: checkout.shop.svc.cluster.local } }]
`,

  *check({ fields }) {
    const bad = [...badHosts(fields)]
    yield* bad.length > 0 ? bad : repeated(fields.texts('hosts'))
    const gateways = fields.key('gateways')
    if (gateways && hasNoItems(fields, 'hosts') && fields.isSet('gateways')) {
      yield problem(
        gateways,
        'A VirtualService without hosts is a delegate and gets its gateways from others, so Istio refuses the object. Write "hosts", or remove "gateways".',
      )
    }
  },
} satisfies SchemaRule

function* badHosts(spec: Fields): Generator<Problem> {
  const forSidecars = hasNoItems(spec, 'gateways') || spec.texts('gateways').some(({ value }) => value === 'mesh')
  for (const host of spec.texts('hosts')) {
    if (isPlaceholder(host.value) || isServerNameOfProxy(host.value, spec)) continue
    const reason = isIpAddress(host.value) ? undefined : checkWildcardDomain(host.value)
    if (reason) yield problem(host, `"${host.value}" is no host name, so Istio refuses the object: ${reason}. Write a DNS name.`)
    else if (host.value === '*' && forSidecars) {
      yield problem(
        host,
        '"*" is for gateways only, and these routes are for sidecars, so Istio refuses the object. Name hosts, or gateways without "mesh".',
      )
    }
  }
}

/** `outbound_.80_._.reviews…`: what proxies call each other by has rules of its own where server names are matched. */
function isServerNameOfProxy(host: string, spec: Fields): boolean {
  return host.startsWith('outbound_') && spec.has('tls')
}

function* repeated(hosts: readonly Located<string>[]): Generator<Problem> {
  const above = new Hosts()
  const known = hosts.filter(({ value }) => !isPlaceholder(value))
  for (const host of known) {
    const first = known[above.overlapping(host.value) ?? -1]
    above.add(host.value)
    if (!first) continue
    const what = first.value === host.value ? `"${host.value}" is listed twice` : `"${first.value}" and "${host.value}" overlap`
    yield problem(host, `${what}, so Istio refuses the object. Keep one of them.`)
  }
}
