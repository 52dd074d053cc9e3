import { fullName, knowsHosts, serviceEntriesAt, servicesAt } from '../../decide/hosts.ts'
import { knowsSelectables, selectables } from '../../decide/selectable.ts'
import type { DestinationRule, Labels, Service, ServiceEntry, Subset } from '../../istio/resources.ts'
import { formatLabels, isSubset, isTemplated, selects } from '../../istio/selector.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'

/** Labels that istiod adds to endpoints from their node, cluster and network. Source: pilot/pkg/serviceregistry/util/label. */
const ofThePlace = /^(?:topology\.istio\.io\/|topology\.kubernetes\.io\/|failure-domain\.beta\.kubernetes\.io\/|kubernetes\.io\/hostname$)/

export default {
  id: 'subset-without-workload',
  on: 'DestinationRule',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A subset names labels that no endpoint of the host has.',
  why: 'Requests to the subset are answered with 503.',
  codes: ['IST0173', 'KIA0203'],
  bad: `
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  selector: { app: checkout }
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout, version: v1 } }
spec:
  containers: [{ name: app }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout
  subsets: [{ name: v2, labels: { version: v2 } }]
`,
  good: `
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec:
  selector: { app: checkout }
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout, version: v1 } }
spec:
  containers: [{ name: app }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout
  subsets: [{ name: v1, labels: { version: v1 } }]
`,

  *check(rule, mesh) {
    const endpoints = endpointsOf(rule, mesh)
    if (!endpoints) return
    for (const { name, labels } of rule.subsets) {
      if (isOpen({ labels }) || endpoints.some(each => selects({ labels, span: name.span }, each))) continue
      // Another cluster may have endpoints of the same Service.
      if (!knowsSelectables(mesh) || !knowsHosts(mesh)) return
      yield problem(
        name,
        `No endpoint of "${rule.host?.value}" has the ${formatLabels(labels)}, so requests to subset "${name.value}" are answered with 503. Write labels that its endpoints have.`,
      )
    }
  },
} satisfies Rule<'DestinationRule'>

/** Without labels it is every endpoint; some labels are not written in any object. */
function isOpen(subset: Pick<Subset, 'labels'>): boolean {
  return subset.labels.length === 0 || isTemplated(subset) || subset.labels.some(({ key }) => ofThePlace.test(key.value))
}

/** The labels of every endpoint of the host; undefined where the host, or who serves it, is not known. */
function endpointsOf(rule: DestinationRule, mesh: Mesh): readonly Labels[] | undefined {
  const { host } = rule
  if (!host || isPlaceholder(host.value) || (!host.value.includes('.') && !rule.at.namespace)) return undefined
  const wanted = fullName(host.value, rule.namespace)
  const services = servicesAt(wanted, mesh)
  const entries = serviceEntriesAt(wanted, mesh)
  // A Service without a selector gets its endpoints from somebody else.
  if (services.length + entries.length === 0 || services.some(({ selector }) => Object.keys(selector).length === 0)) return undefined
  return [...services.flatMap(each => behindService(each, mesh)), ...entries.flatMap(each => behindEntry(each, mesh))]
}

function behindService({ namespace, selector }: Service, mesh: Mesh): readonly Labels[] {
  return selectables(mesh, namespace).flatMap(({ labels }) => (isSubset(selector, labels) ? [labels] : []))
}

function behindEntry({ namespace, endpoints, workloadSelector }: ServiceEntry, mesh: Mesh): readonly Labels[] {
  const selected = workloadSelector ? selectables(mesh, namespace).filter(({ labels }) => selects(workloadSelector, labels)) : []
  return [...endpoints, ...selected].map(({ labels }) => labels)
}
