import { problem, type Rule } from '../rule.ts'
import { named } from './covered.ts'
import { authenticationFor, tokenTestsOf } from './tokens.ts'

export default {
  id: 'token-without-authentication',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy asks for what a token says, and no RequestAuthentication reads tokens there.',
  why: 'No request has a principal or claims then: what asks for them matches nothing, and what asks that they are missing matches everything.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
    - from:
        - source:
            requestPrincipals: ["*"]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  jwtRules: [{ issuer: https://id.example.com, jwksUri: https://id.example.com/keys }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
    - from:
        - source:
            requestPrincipals: ["*"]
`,

  // One is missing, however often its tokens are asked for.
  *check(policy, mesh) {
    const tests = tokenTestsOf(policy)
    const wanted = tests.find(({ values }) => values.length > 0)
    const [place] = wanted?.values ?? tests.find(({ notValues }) => notValues.length > 0)?.notValues ?? []
    if (!place) return
    const authentication = authenticationFor(policy, mesh)
    if (!authentication || authentication.policies.some(({ jwtRules }) => jwtRules.length > 0)) return
    const effect = wanted ? 'this matches no request' : 'this holds for every request, with a token or without'
    yield problem(
      place,
      `No RequestAuthentication applies to ${named(authentication.workloads)}, so no token is read there and ${effect}. Add one that applies, with the issuer of the tokens.`,
    )
  },
} satisfies Rule<'AuthorizationPolicy'>
