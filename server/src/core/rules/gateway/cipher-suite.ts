import { nearest } from '../../istio/nearest.ts'
import { isNull } from '../../istio/schema/fields.ts'
import { cipherSuiteList } from '../../istio/schema/serverTls.ts'
import { cipherSuites, isCipherSuite, isIanaName, openSslName } from '../../istio/values/cipherSuites.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { itemsAt, type Located, stringAt, stringsAt } from '../../yaml/tree.ts'
import { type Problem, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'cipher-suite',
  on: 'schema',
  of: [cipherSuiteList],
  severity: 'warning',
  istio: 'warns',
  summary: 'A cipher suite that Istio does not know, or that is listed twice.',
  why: 'Istio drops it: the server offers fewer suites than written, or the default ones if none is left.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls:
        mode: SIMPLE
        credentialName: shop-tls
        cipherSuites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls:
        mode: SIMPLE
        credentialName: shop-tls
        cipherSuites: [ECDHE-RSA-AES256-GCM-SHA384]
`,

  *check({ node }) {
    const listed = new Set(stringsAt(node).map(({ value }) => value))
    const seen = new Set<string>()
    for (const item of itemsAt(node)) {
      const suite = isNull(item) && item ? { value: '', span: item.span } : stringAt(item)
      if (!suite || (isPlaceholder(suite.value) && !isIanaName(suite.value))) continue
      if (!isCipherSuite(suite.value)) yield unknown(suite, listed)
      else if (seen.has(suite.value)) yield problem(suite, `"${suite.value}" is listed twice, and Istio drops the second. Remove it.`)
      else seen.add(suite.value)
    }
  },
} satisfies SchemaRule

function unknown(suite: Located<string>, listed: ReadonlySet<string>): Problem {
  const what = `Istio does not know the cipher suite "${suite.value}" and drops it.`
  if (/^TLS_(?:AES|CHACHA20)_/.test(suite.value))
    return problem(suite, `${what} It is a suite of TLS 1.3, and those are always on. Remove it.`)
  const meant = openSslName(suite.value) ?? nearest(suite.value.toUpperCase().replaceAll('_', '-'), cipherSuites)
  if (meant && listed.has(meant)) return problem(suite, `${what} "${meant}" is listed already. Remove this one.`)
  if (meant) return problem(suite, `${what} Did you mean "${meant}"?`, replacement(suite, meant))
  return problem(suite, `${what} Write the name that OpenSSL gives it, such as "${cipherSuites[0]}".`)
}
