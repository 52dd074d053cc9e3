import { isMoreThanHost } from '../../istio/values/hostValue.ts'
import { checkPathTemplate, repairPathTemplate } from '../../istio/values/pathTemplate.ts'
import { faultOfPath } from '../../istio/values/requestPath.ts'
import { hasLiteralStar, hasLiteralStarInPrincipal, hasStarsAroundWord, withSingleStar } from '../../istio/values/wildcard.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { type Comparison, compared, comparisonsIn, type Subject } from './comparison.ts'

export default {
  id: 'inner-wildcard',
  on: 'schema',
  of: compared,
  severity: 'warning',
  istio: 'accepts',
  summary: 'A star that is no wildcard, because it is inside a value or the second one.',
  why: 'One star at the start or at the end is a wildcard. Any other is matched literally.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            paths: [/orders/*/items]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            paths: ["/orders/{*}/items", /cart*, "*.html"]
`,

  *check(visit) {
    for (const comparison of comparisonsIn(visit)) {
      const { subject, written } = comparison
      if (!isMistaken[subject](written.value)) continue
      const repaired = repair(comparison)
      const message = `A star in "${written.value}" is matched literally: only one, at the start or at the end, can be a wildcard.`
      yield problem(written, `${message} ${advice[subject]}`, ...(repaired ? [replacement(written, repaired)] : []))
    }
  },
} satisfies SchemaRule

/** Where else a finding of its own tells the mistake. */
const isMistaken: Readonly<Record<Subject, (text: string) => boolean>> = {
  principal: hasLiteralStarInPrincipal,
  requestPrincipal: hasLiteralStar,
  // A sidecar takes every star for a wildcard, and only ztunnel does not.
  namespace: () => false,
  serviceAccount: () => false,
  trustDomain: () => false,
  host: text => hasLiteralStar(text) && !isMoreThanHost(text),
  method: hasLiteralStar,
  path: text => hasLiteralStar(text) && !text.includes('{') && faultOfPath(text) === undefined && checkPathTemplate(text) === undefined,
  // These may hold stars of their own: `text/*`, `repository:*:pull`.
  header: hasStarsAroundWord,
  claim: hasStarsAroundWord,
  serverName: hasLiteralStar,
}

const anyText = 'Write "x*" for what starts with x, or "*x" for what ends with it.'

const advice: Readonly<Record<Subject, string>> = {
  principal: 'Use "namespaces" or "serviceAccounts", which match in any trust domain.',
  requestPrincipal: 'Write "ISS/*", "*/SUB" or "*".',
  namespace: anyText,
  serviceAccount: anyText,
  trustDomain: anyText,
  host: anyText,
  method: anyText,
  path: 'Write "{*}" for one segment, or "{**}" for the rest of the path.',
  header: anyText,
  claim: anyText,
  serverName: anyText,
}

function repair({ subject, written: { value } }: Comparison): string | undefined {
  const single = withSingleStar(value)
  if (single) return single
  if (subject === 'requestPrincipal') return value === '*/*' ? '*' : undefined
  // Two stars at the end may mean two segments, or two and more.
  const isOpen = !value.startsWith('/') || /\/\*+\/\*+$/.test(value)
  return subject === 'path' && !isOpen ? repairPathTemplate(value) : undefined
}
