import { readRequestPrincipal } from '../../decide/authorization/claimMatch.ts'
import { stringMatch } from '../../decide/authorization/stringMatch.ts'
import { nearest } from '../../istio/nearest.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { faultOfRequestPrincipal } from '../../istio/values/requestPrincipal.ts'
import type { Located } from '../../yaml/tree.ts'
import { problem, type Rule, replacement } from '../rule.ts'
import { named } from './covered.ts'
import { authenticationFor, type TokenTest, tokenTestsOf } from './tokens.ts'

export default {
  id: 'unknown-issuer',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A policy names an issuer whose tokens no RequestAuthentication accepts there.',
  why: 'Tokens of other issuers are refused or not read, so no request has this issuer.',
  codes: [],
  bad: `
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
  jwtRules: [{ issuer: https://id.example.com, jwksUri: https://id.example.com/keys }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: checkout, namespace: shop }
spec:
  rules:
    - from:
        - source:
            requestPrincipals: ["https://id.exmaple.com/*"]
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
  jwtRules: [{ issuer: https://id.example.com, jwksUri: https://id.example.com/keys }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: checkout, namespace: shop }
spec:
  rules:
    - from:
        - source:
            requestPrincipals: ["https://id.example.com/*"]
`,

  *check(policy, mesh) {
    const tests = tokenTestsOf(policy)
    if (tests.length === 0) return
    const authentication = authenticationFor(policy, mesh)
    const jwtRules = authentication?.policies.flatMap(each => each.jwtRules) ?? []
    const issuers = new Set(jwtRules.map(({ issuer }) => issuer?.value ?? ''))
    if (!authentication || issuers.size === 0 || [...issuers].some(each => each === '' || isPlaceholder(each))) return
    for (const { written, issuer, matches, write } of tests.flatMap(each => issuersIn(each, issuers))) {
      if ([...issuers].some(matches)) continue
      const what = `No RequestAuthentication for ${named(authentication.workloads)} accepts tokens of "${issuer}", so this matches no request.`
      const meant = nearest(issuer, issuers)
      yield meant
        ? problem(written, `${what} Did you mean "${meant}"?`, replacement(written, write(meant)))
        : problem(written, `${what} Name an issuer of one, or add a rule for this one.`)
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

interface AskedIssuer {
  readonly written: Located<string>
  readonly issuer: string
  matches(issuer: string): boolean
  /** The value with another issuer. */
  write(issuer: string): string
}

/** What is no request principal at all is told by `request-principal-shape`. */
function issuersIn({ attribute, values, notValues }: TokenTest, issuers: ReadonlySet<string>): readonly AskedIssuer[] {
  const written = [...values, ...notValues].filter(({ value }) => value !== '' && !isPlaceholder(value))
  if (attribute === 'request.auth.principal')
    return written.filter(({ value }) => value.includes('/') && !faultOfRequestPrincipal(value, issuers)).map(ofPrincipal)
  return attribute === 'request.auth.claims[iss]' ? written.map(ofClaim) : []
}

function ofPrincipal(written: Located<string>): AskedIssuer {
  const { value } = written
  const slash = value.lastIndexOf('/')
  return {
    written,
    issuer: value.slice(0, slash),
    matches: readRequestPrincipal(value).issuer,
    write: issuer => `${issuer}${value.slice(slash)}`,
  }
}

function ofClaim(written: Located<string>): AskedIssuer {
  return { written, issuer: written.value, matches: stringMatch(written.value), write: issuer => issuer }
}
