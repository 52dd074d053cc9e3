import { type Fields, isNull } from '../../istio/schema/fields.ts'
import { peerAuthenticationSpec } from '../../istio/schema/peerAuthentication.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Entry, Node } from '../../yaml/tree.ts'
import { judged, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'port-level-without-selector',
  on: 'schema',
  of: [peerAuthenticationSpec],
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'portLevelMtls in a policy that selects no workloads.',
  why: 'Ports belong to workloads, so only a policy with a selector can set modes for them. The API server refuses any other.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
  portLevelMtls:
    8080: { mode: PERMISSIVE }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  mtls: { mode: STRICT }
  portLevelMtls:
    8080: { mode: PERMISSIVE }
`,

  *check({ fields }) {
    const where = fields.key('portLevelMtls')
    const ports = entriesOf(fields.get('portLevelMtls'))
    const labels = labelsOf(fields)
    if (!where || !ports?.length || !labels || labels.some(({ value }) => !isNull(value))) return
    const what =
      '"portLevelMtls" needs a selector with labels, so the API server refuses the object. Select the workloads whose ports these are.'
    // A label that is null counts for Istio; the API server has dropped it by then.
    yield labels.length === 0 ? problem(where, what) : judged(['crd'], problem(where, what))
  },
} satisfies SchemaRule

/** Undefined where nobody can know them. */
function labelsOf(spec: Fields): readonly Entry[] | undefined {
  if (spec.node?.entries.some(({ key }) => isPlaceholder(key.text))) return undefined
  if (!spec.has('selector')) return []
  const selector = spec.object('selector')
  if (!selector || selector.node?.entries.some(({ key }) => isPlaceholder(key.text))) return undefined
  return selector.has('matchLabels') ? entriesOf(selector.get('matchLabels')) : []
}

function entriesOf(node: Node | undefined): readonly Entry[] | undefined {
  return node?.kind === 'mapping' ? node.entries : undefined
}
