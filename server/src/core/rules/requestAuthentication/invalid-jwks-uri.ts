import { jwksUri } from '../../istio/schema/requestAuthentication.ts'
import { isRequestUri, parseUrl, type Url } from '../../istio/values/url.ts'
import { type Judgement, judged, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'invalid-jwks-uri',
  on: 'schema',
  of: [jwksUri],
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'jwksUri is no http or https URL.',
  why: 'istiod fetches the keys over HTTP, so the API server refuses anything else.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwksUri: idp.example.com/keys
`,
  good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwksUri: https://idp.example.com/keys
`,

  *check({ node, key, name, parent }) {
    if (node.kind !== 'scalar' || node.text === '') return
    const refusal = refusalOf(node.text, key?.text === 'jwks_uri' && parent?.fields.has('jwksUri') === true)
    if (!refusal) return
    const what = `"${node.text}" is no valid http or https URL for "${name}", so the API server refuses the object. Write the whole URL of the keys.`
    const meant = /^[\w.-]+\.[a-z]{2,}(?:[:/].*)?$/i.test(node.text) ? `https://${node.text}` : undefined
    const fixes = meant !== undefined && refusalOf(meant, false) === undefined ? [replacement(node, meant)] : []
    yield judged(refusal, problem(node, what, ...fixes))
  },
} satisfies SchemaRule

/** Of both spellings Istio reads `jwksUri`. */
function refusalOf(text: string, isUnread: boolean): Judgement | undefined {
  const url = parseUrl(text)
  const isWeb = url?.scheme === 'http' || url?.scheme === 'https'
  const webhook = !isUnread && !(isWeb && holdsPort(url))
  const crd = !(isWeb && isRequestUri(text))
  if (webhook) return crd ? ['webhook', 'crd'] : ['webhook']
  return crd ? ['crd'] : undefined
}

const largestInt = 2n ** 63n - 1n

/** Istio reads the port as a number, however large. */
function holdsPort({ port }: Url): boolean {
  return port === '' || BigInt(port) <= largestInt
}
