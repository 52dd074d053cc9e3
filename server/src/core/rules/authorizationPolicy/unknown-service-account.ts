import { nearest } from '../../istio/nearest.ts'
import { principalsOf, serviceAccountsOf } from '../../istio/policy.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { formatPrincipal, parsePrincipal } from '../../istio/values/principal.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { Located } from '../../yaml/tree.ts'
import { type Problem, problem, type Rule, replacement } from '../rule.ts'

export default {
  id: 'unknown-service-account',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A caller is named by a service account that does not exist.',
  why: 'No workload can present that identity, so the caller you meant is not matched.',
  codes: ['KIA0106'],
  bad: `
apiVersion: v1
kind: ServiceAccount
metadata: { name: checkout, namespace: shop }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/chekout]
`,
  good: `
apiVersion: v1
kind: ServiceAccount
metadata: { name: checkout, namespace: shop }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/checkout]
`,

  *check(policy, mesh) {
    for (const written of principalsOf(policy)) {
      const principal = parsePrincipal(written.value)
      if (principal.match !== 'exact' || written.value.includes('*') || isPlaceholder(written.value)) continue
      if (mesh.identity(principal) !== 'absent') continue
      yield unknown(written, principal.namespace, principal.serviceAccount, mesh, (namespace, serviceAccount) =>
        formatPrincipal({ ...principal, namespace, serviceAccount }),
      )
    }
    for (const { written, namespace, name } of serviceAccountsOf(policy)) {
      if (isPlaceholder(written.value) || written.value.includes('*')) continue
      // A bare name means the policy's namespace, which only `kubectl apply` may know.
      if (!written.value.includes('/') && !policy.at.namespace) continue
      const caller = { match: 'exact', trustDomain: mesh.settings.trustDomain, namespace, serviceAccount: name } as const
      if (mesh.identity(caller) !== 'absent') continue
      yield unknown(written, namespace, name, mesh, (meantNamespace, meant) =>
        written.value.includes('/') ? `${meantNamespace}/${meant}` : meant,
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

function unknown(
  written: Located<string>,
  namespace: string,
  name: string,
  mesh: Mesh,
  write: (namespace: string, name: string) => string,
): Problem {
  const effect = 'so this entry matches no caller.'
  if (mesh.presence('Namespace', '', namespace) === 'absent') {
    const meant = nearest(
      namespace,
      mesh.all('Namespace').map(each => each.name),
    )
    const what = `No namespace "${namespace}", ${effect}`
    return meant
      ? problem(written, `${what} Did you mean "${meant}"?`, replacement(written, write(meant, name)))
      : problem(written, `${what} Correct or remove it.`)
  }
  const meant = nearest(
    name,
    mesh.in('ServiceAccount', namespace).map(each => each.name),
  )
  const what = `No service account "${name}" in namespace "${namespace}", ${effect}`
  return meant
    ? problem(written, `${what} Did you mean "${meant}"?`, { ...replacement(written, write(namespace, meant)), title: `Use "${meant}"` })
    : problem(written, `${what} Correct or remove it.`)
}
