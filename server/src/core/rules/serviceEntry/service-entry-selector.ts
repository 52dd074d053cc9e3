import { selectedLabels } from '../../istio/schema/serviceEntry.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Judgement, judged, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'service-entry-selector',
  on: 'schema',
  of: [selectedLabels],
  entrywise: true,
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'A label of a workload selector has no name, or a wildcard.',
  why: 'A selector takes no wildcards, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout.shop.example.com]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  location: MESH_INTERNAL
  resolution: STATIC
  workloadSelector: { labels: { app: "checkout-*" } }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: checkout, namespace: shop }
spec:
  hosts: [checkout.shop.example.com]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  location: MESH_INTERNAL
  resolution: STATIC
  workloadSelector: { labels: { app: checkout } }
`,

  *check({ node }) {
    if (node.kind !== 'mapping') return
    for (const { key, value } of node.entries) {
      const text = value?.kind === 'scalar' && typeof value.value === 'string' ? value.text : ''
      // The CRD looks at values only.
      const keyOnly: Judgement = text.includes('*') ? ['webhook', 'crd'] : ['webhook']
      if (key.text === '')
        yield judged(keyOnly, problem(key, 'This label has no name, so Istio refuses the object. Name it, or remove it.'))
      else if (key.text.includes('*') && !isPlaceholder(key.text)) yield judged(keyOnly, problem(key, wildcard(key.text)))
      else if (value && text.includes('*') && !isPlaceholder(text)) yield problem(value, wildcard(text))
    }
  },
} satisfies SchemaRule

function wildcard(text: string): string {
  return `"${text}" has a "*", so Istio refuses the object. A selector takes no wildcards: write the label in full, or leave it out.`
}
