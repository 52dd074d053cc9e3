import { resolvedHost } from '../../decide/mtls/destinationRules.ts'
import { type Followers, followersOf, isSameRule } from '../../decide/mtls/followers.ts'
import type { Host } from '../../decide/mtls/services.ts'
import { isWithin } from '../../decide/mtls/visibleHosts.ts'
import type { DestinationRule } from '../../istio/resources.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'
import { namesItsHosts } from './certain.ts'

export default {
  id: 'hidden-destination-rule',
  on: 'DestinationRule',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A DestinationRule is exported to clients that do not get it, because another one of its namespace stands in the way.',
  why: 'These clients follow another rule or none, so TLS settings that are written for them never reach them.',
  codes: ['KIA0201'],
  bad: `
apiVersion: v1
kind: Namespace
metadata: { name: bank }
---
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: web }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  ports: [{ name: http, port: 80 }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: all, namespace: shop }
spec:
  host: "*.shop.svc.cluster.local"
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout
  exportTo: [bank]
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: web }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  ports: [{ name: http, port: 80 }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: all, namespace: shop }
spec:
  host: "*.shop.svc.cluster.local"
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
`,

  *check(rule, mesh) {
    if (!namesItsHosts(rule)) return
    for (const followers of followersOf(rule, mesh)) {
      const inTheWay = culprit(rule, followers, mesh)
      if (!inTheWay || !mesh.complete('DestinationRule', rule.namespace)) continue
      const { first: client, host, chosen } = followers
      const instead = chosen ? `follow "${chosen.rules[0].namespace}/${chosen.rules[0].name}"` : 'follow no rule'
      yield problem(
        rule.at.name ?? rule.at.kind,
        `Clients of "${host.host}" in namespace "${client.namespace}", such as "${client.namespace}/${client.name}", do not get this rule: ${inTheWay} They ${instead}.`,
      )
      return
    }
  },
} satisfies Rule<'DestinationRule'>

/** Why a client does not follow a rule that it should see, where that is no matter of whose namespace comes first. */
function culprit(rule: DestinationRule, followers: Followers, mesh: Mesh): string | undefined {
  const { fate, first: client, chosen } = followers
  const winner = chosen?.rules[0].namespace
  if (fate.is !== 'hidden' || (winner === client.namespace && winner !== rule.namespace)) return undefined
  const neighbours = mesh.in('DestinationRule', rule.namespace).filter(each => !isSameRule(each, rule))
  const unused = neighbours.filter(each => !chosen?.rules.some(other => isSameRule(other, each)))
  const better = unused.find(each => fitsBetter(each, rule, followers.host))
  if (better) return winner === rule.namespace ? undefined : narrower(better)
  const ofHost = neighbours.filter(each => resolvedHost(each) === resolvedHost(rule))
  const selective = ofHost.find(({ workloadSelector }) => workloadSelector)
  if (selective) return unused.includes(selective) && !rule.workloadSelector ? selecting(selective) : undefined
  return ofHost[0] && !followers.ageless ? differing(ofHost[0]) : undefined
}

function narrower(other: DestinationRule): string {
  if (other.workloadSelector) {
    return `"${nameOf(other)}" is for a host that fits better, and Istio looks which clients it is for only then. Add a rule for that host without "workloadSelector".`
  }
  return `"${nameOf(other)}" is for a host that fits better, and Istio looks whom it is exported to only then. Export it to them too.`
}

function selecting(other: DestinationRule): string {
  return `Istio merges it into "${nameOf(other)}", which is for the clients of its "workloadSelector" only. Export this one to "*", or give both a selector.`
}

function differing(other: DestinationRule): string {
  return `"${nameOf(other)}" is for the same host, and Istio keeps one of them for these clients by age and "exportTo". Give both the same "exportTo", or write them into one rule.`
}

function fitsBetter(other: DestinationRule, rule: DestinationRule, { host }: Host): boolean {
  const [theirs, own] = [resolvedHost(other), resolvedHost(rule)]
  return theirs !== own && theirs.length > 0 && isWithin(host, theirs) && isWithin(theirs, own)
}

function nameOf({ namespace, name }: DestinationRule): string {
  return `${namespace}/${name}`
}
