import { workloadLabels } from '../../istio/schema/workloadEntry.ts'
import { checkLabelKey, checkLabelValue } from '../../istio/values/label.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'workload-label',
  on: 'schema',
  of: [workloadLabels],
  entrywise: true,
  severity: 'error',
  istio: ['webhook'],
  summary: 'A label of a workload that no pod could have.',
  why: 'Labels of workloads follow the rules of Kubernetes. Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: checkout, namespace: shop }
spec:
  address: 10.0.0.5
  labels: { app: "check out" }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: checkout, namespace: shop }
spec:
  address: 10.0.0.5
  labels: { app: checkout }
`,

  *check({ node }) {
    if (node.kind !== 'mapping') return
    for (const { key, value } of node.entries) {
      const badKey = isPlaceholder(key.text) ? undefined : checkLabelKey(key.text)
      if (badKey) yield problem(key, `"${key.text}" is no valid label key, so Istio refuses the object: ${badKey}.`)
      if (value?.kind !== 'scalar' || typeof value.value !== 'string' || isPlaceholder(value.value)) continue
      const badValue = checkLabelValue(value.value)
      if (badValue) yield problem(value, `"${value.value}" is no valid label value, so Istio refuses the object: ${badValue}.`)
    }
  },
} satisfies SchemaRule
