import { fullName, hostOf, knowsHosts, serviceEntriesAt, servicesAt } from '../../decide/hosts.ts'
import { nearest } from '../../istio/nearest.ts'
import type { DestinationRule } from '../../istio/resources.ts'
import { hostsOverlap } from '../../istio/values/hostMatch.ts'
import { checkWildcardDomain } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { Located } from '../../yaml/tree.ts'
import { type Problem, problem, type Rule, replacement } from '../rule.ts'

export default {
  id: 'unknown-destination-host',
  on: 'DestinationRule',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A DestinationRule is for a host that no Service or ServiceEntry has.',
  why: 'The rule is never used, and neither are its TLS settings.',
  codes: ['IST0174', 'KIA0202'],
  bad: `
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  ports: [{ port: 80 }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout.shop
  trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }
`,
  good: `
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  ports: [{ port: 80 }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout.shop.svc.cluster.local
  trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }
`,

  *check(rule, mesh) {
    const { host } = rule
    if (!host || checkWildcardDomain(host.value) !== undefined || isPlaceholder(host.value)) return
    const wanted = fullName(host.value, rule.namespace)
    if (servicesAt(wanted, mesh).length > 0 || serviceEntriesAt(wanted, mesh).length > 0) return
    // A short name without a namespace means the one where the rule is applied.
    if (!host.value.includes('.') && !rule.at.namespace && mesh.all('Service').some(({ name }) => name === host.value)) return
    if (!knowsHosts(mesh) || mayServe(wanted, mesh)) return
    yield unknown(rule, host, mesh)
  },
} satisfies Rule<'DestinationRule'>

/** Every cluster has the Service of its API server, and a rule for a whole namespace may be there before its Services. */
function mayServe(host: string, mesh: Mesh): boolean {
  if (!host.startsWith('*')) return false
  const namespace = /^\*\.([^.]+)\.svc\./.exec(host)?.[1]
  return (
    hostsOverlap(host, 'kubernetes.default.svc.cluster.local') ||
    (namespace !== undefined && mesh.presence('Namespace', '', namespace) !== 'absent')
  )
}

function unknown(rule: DestinationRule, host: Located<string>, mesh: Mesh): Problem {
  const { value } = host
  const unused = 'so this rule is never used.'
  if (value.startsWith('*'))
    return problem(host, `No Service or ServiceEntry has a host that matches "${value}", ${unused} Write the host of one.`)
  const [name = '', namespace, ...rest] = value.split('.')
  const services = mesh.all('Service')
  if (namespace === undefined) {
    const elsewhere = services.filter(each => each.name === name)
    const [first] = elsewhere
    if (first) {
      const means = `A short name means the namespace of the rule, and "${rule.namespace}" has no Service "${name}", ${unused}`
      const whole = hostOf(first)
      return elsewhere.length === 1
        ? problem(host, `${means} The one in namespace "${first.namespace}" is "${whole}".`, replacement(host, whole))
        : problem(host, `${means} Write the full name of the one you mean.`)
    }
  }
  const found = services.find(each => each.name === name && each.namespace === namespace)
  if (found && rest.every(each => each === 'svc')) {
    const whole = hostOf(found)
    return problem(
      host,
      `Istio completes only names without a dot: "${value}" is no Service to it, ${unused} Write "${whole}".`,
      replacement(host, whole),
    )
  }
  const hosts = [
    ...services.filter(each => each.namespace === rule.namespace).map(each => each.name),
    ...services.map(hostOf),
    ...mesh.all('ServiceEntry').flatMap(entry => entry.hosts.map(each => each.value)),
  ]
  const meant = nearest(
    value,
    hosts.filter(each => each.includes('.') === value.includes('.')),
  )
  const what = `No Service or ServiceEntry has the host "${value}", ${unused}`
  return meant
    ? problem(host, `${what} Did you mean "${meant}"?`, replacement(host, meant))
    : problem(host, `${what} Write the host of one.`)
}
