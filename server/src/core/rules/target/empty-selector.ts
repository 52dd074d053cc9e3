import { workloadSelector } from '../../istio/schema/shared.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'empty-selector',
  on: 'schema',
  of: [workloadSelector],
  severity: 'warning',
  istio: 'warns',
  summary: 'A selector without labels.',
  why: 'It selects every workload of the namespace, as if it were not there. Probably only some were meant.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector: {}
  mtls: { mode: STRICT }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  mtls: { mode: STRICT }
`,

  *check({ node, key, fields }) {
    const labels = fields.get('matchLabels')
    if (node.kind !== 'mapping' || node.entries.some(each => isPlaceholder(each.key.text))) return
    if (labels && (labels.kind !== 'mapping' || labels.entries.length > 0)) return
    const what = 'This selector has no labels, so to a sidecar it selects every workload as if it were not there, and Istio warns.'
    yield problem(key ?? node, `${what} Name labels of pods, or remove it.`)
  },
} satisfies SchemaRule
