import { source } from '../../istio/schema/authorizationPolicy.ts'
import { judged, problem, type SchemaRule } from '../rule.ts'

const serviceAccounts = ['serviceAccounts', 'notServiceAccounts'] as const
const identities = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces'] as const

export default {
  id: 'service-accounts-with-principals',
  on: 'schema',
  of: [source],
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'A source has service accounts beside principals or namespaces.',
  why: 'A service account names both already; Istio and the API server refuse the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            serviceAccounts: [checkout]
            namespaces: [shop]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            serviceAccounts: [shop/checkout]
        - source:
            namespaces: [web]
`,

  *check({ fields }) {
    const accounts = serviceAccounts.filter(name => fields.has(name))
    const others = identities.filter(name => fields.has(name))
    const [account] = accounts
    const [other] = others
    if (account === undefined || other === undefined) return
    const where = fields.key(other) ?? fields.node
    if (!where) return
    // The CRD counts what is written, Istio what is not empty.
    const bothHold = [accounts, others].every(names => names.some(name => fields.items(name).length > 0))
    const message = `"${account}" and "${other}" cannot both be set in one source, so the API server refuses the object. Keep one of them; two sources would be alternatives.`
    yield judged(bothHold ? ['webhook', 'crd'] : ['crd'], problem(where, message))
  },
} satisfies SchemaRule
