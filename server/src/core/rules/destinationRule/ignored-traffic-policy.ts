import { standsBeside } from '../../decide/beside.ts'
import { resolvedHost } from '../../decide/mtls/destinationRules.ts'
import { isSameRule } from '../../decide/mtls/followers.ts'
import { perMesh } from '../../decide/perMesh.ts'
import type { DestinationRule, Subset } from '../../istio/resources.ts'
import { labelsOf } from '../../istio/selector.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { groupBy } from '../../mesh/groupBy.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import { live } from '../../yaml/tree.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'ignored-traffic-policy',
  on: 'DestinationRule',
  severity: 'warning',
  istio: 'accepts',
  summary: 'Two DestinationRules of a namespace set the traffic policy of one host.',
  why: 'Istio takes both for one rule: only the traffic policy of the older counts, its TLS settings with it, and nothing says so.',
  codes: ['KIA0201'],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout-tls, namespace: shop }
spec:
  host: checkout
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout-pool, namespace: shop }
spec:
  host: checkout
  trafficPolicy:
    connectionPool: { tcp: { maxConnections: 100 } }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
    connectionPool: { tcp: { maxConnections: 100 } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout-versions, namespace: shop }
spec:
  host: checkout
  subsets: [{ name: v1, labels: { version: v1 } }]
`,

  *check(written, mesh) {
    // The mesh knows how old the object is that the file stands for.
    const rule = mesh.in('DestinationRule', written.namespace).find(each => isSameRule(each, written)) ?? written
    const [rival] = rivalsOf(rule, mesh).toSorted(byAge)
    if (!rival || rule.name === '') return
    const what = twice(rule, rival)
    if (what === undefined) return
    const name = `"${rival.namespace}/${rival.name}"`
    const { source, at } = rival
    const where = at.name ?? at.kind
    yield {
      ...problem(
        rule.at.name ?? rule.at.kind,
        `${name} is for the same host, and Istio takes both for one rule: ${what}. ${outcome(rule, rival, name)} Write them into one rule.`,
      ),
      related: source.from === 'file' && where !== live ? [{ message: 'The other rule', uri: source.uri, span: where }] : [],
    }
  },
} satisfies Rule<'DestinationRule'>

/** Source: istio/istio:pilot/pkg/model/destination_rule.go (mergeDestinationRule). */
function rivalsOf(rule: DestinationRule, mesh: Mesh): readonly DestinationRule[] {
  const host = resolvedHost(rule)
  if (host === '' || isPlaceholder(host)) return []
  const ofHost = byHost(mesh).get(`${rule.namespace} ${host}`) ?? []
  return ofHost.filter(other => other.name !== rule.name && standsBeside(rule, other) && haveSameScope(rule, other))
}

const byHost = perMesh(mesh => groupBy(mesh.all('DestinationRule'), rule => `${rule.namespace} ${resolvedHost(rule)}`))

function haveSameScope(one: DestinationRule, other: DestinationRule): boolean {
  const scope = ({ workloadSelector, exportTo }: DestinationRule) =>
    workloadSelector ? JSON.stringify(Object.entries(labelsOf(workloadSelector)).toSorted()) : exportTo.map(({ value }) => value).toSorted()
  return JSON.stringify(scope(one)) === JSON.stringify(scope(other))
}

/** What only one of the two can decide. */
function twice(one: DestinationRule, other: DestinationRule): string | undefined {
  if (one.trafficPolicy && other.trafficPolicy) return 'only one "trafficPolicy" counts, as a whole'
  const both = one.subsets.find(each => other.subsets.some(rival => rival.name.value === each.name.value && differ(rival, each)))
  return both && `only one subset "${both.name.value}" counts`
}

function differ(one: Subset, other: Subset): boolean {
  const selects = ({ labels }: Subset) => JSON.stringify(Object.entries(labelsOf({ labels })).toSorted())
  return one.trafficPolicy !== undefined || other.trafficPolicy !== undefined || selects(one) !== selects(other)
}

function outcome(rule: DestinationRule, rival: DestinationRule, name: string): string {
  if (rule.created === undefined && rival.created === undefined) return 'That of the older rule does.'
  return byAge(rule, rival) < 0
    ? `This rule is older, so what ${name} says is ignored.`
    : `${name} is older, so what this one says is ignored.`
}

/** Oldest first; what has no age yet (a file) comes last. */
function byAge(a: DestinationRule, b: DestinationRule): number {
  return compare(a.created ?? '9', b.created ?? '9') || compare(a.name, b.name)
}
