import { isNull } from '../../istio/schema/fields.ts'
import { portLevelMtls } from '../../istio/schema/peerAuthentication.ts'
import { judged, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'empty-port-level',
  on: 'schema',
  of: [portLevelMtls],
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'portLevelMtls has no ports.',
  why: 'The API server refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  mtls: { mode: STRICT }
  portLevelMtls: {}
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

  *check({ node, key }) {
    if (node.kind !== 'mapping' || node.entries.some(({ value }) => !isNull(value))) return
    if (node.entries.length === 0)
      yield problem(key ?? node, '"portLevelMtls" has no ports, so the API server refuses the object. Remove it.')
    else {
      const what = 'No port in "portLevelMtls" has a mode (YAML reads each as null), so the API server refuses the object.'
      yield judged(['crd'], problem(key ?? node, `${what} Write the modes, or remove it.`))
    }
  },
} satisfies SchemaRule
