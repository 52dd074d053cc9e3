import { knowsSelectables, selectables, selectedBy } from '../../decide/selectable.ts'
import { nearest } from '../../istio/nearest.ts'
import { own } from '../../istio/own.ts'
import { formatLabels, isTemplated, labelsSpan } from '../../istio/selector.ts'
import { problem, type Rule, replacement } from '../rule.ts'

export default {
  id: 'gateway-without-workload',
  on: 'IstioGateway',
  severity: 'warning',
  istio: 'accepts',
  summary: 'The selector of a Gateway names labels that no workload has.',
  why: 'No proxy opens its servers.',
  codes: ['IST0101', 'KIA0302'],
  bad: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: istio-ingress }
spec:
  selector: { matchLabels: { istio: ingress } }
  template:
    metadata: { labels: { istio: ingress } }
    spec:
      containers: [{ name: istio-proxy, image: auto }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,
  good: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: istio-ingress }
spec:
  selector: { matchLabels: { istio: ingress } }
  template:
    metadata: { labels: { istio: ingress } }
    spec:
      containers: [{ name: istio-proxy, image: auto }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,

  *check({ selector }, mesh) {
    const [first, ...more] = selector?.labels ?? []
    if (!selector || !first || isTemplated(selector)) return
    if (selectedBy(selector, mesh).length > 0 || !knowsSelectables(mesh)) return
    const what = `No workload of any namespace has the ${formatLabels(selector.labels)}, so no proxy opens these servers.`
    const values = new Set(selectables(mesh).flatMap(({ labels }) => own(labels, first.key.value) ?? []))
    const meant = more.length > 0 ? undefined : nearest(first.value.value, values)
    yield meant
      ? problem(first.value, `${what} Did you mean "${meant}"?`, replacement(first.value, meant))
      : problem(labelsSpan(selector), `${what} Write the labels of gateway pods.`)
  },
} satisfies Rule<'IstioGateway'>
