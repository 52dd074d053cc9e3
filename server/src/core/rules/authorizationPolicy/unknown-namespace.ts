import { nearest } from '../../istio/nearest.ts'
import type { AuthorizationPolicy } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { globMatcher } from '../../istio/values/wildcard.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { Located } from '../../yaml/tree.ts'
import { problem, type Rule, replacement } from '../rule.ts'

export default {
  id: 'unknown-namespace',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A caller is named by a namespace that does not exist.',
  why: 'No workload lives there, so the callers you meant are not matched.',
  codes: ['IST0101', 'KIA0101'],
  bad: `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source: { namespaces: [shopp] }
`,
  good: `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source: { namespaces: [shop] }
`,

  *check(policy, mesh) {
    for (const { written, excludes } of namespacesOf(policy)) {
      const { value } = written
      if (value === '' || isPlaceholder(value) || matchesAny(value, mesh) || !isAbsent(value, mesh)) continue
      const what = value.includes('*') ? `No namespace matches "${value}"` : `No namespace "${value}"`
      const message = `${what}, so this entry ${excludes ? 'excludes' : 'matches'} no caller.`
      const meant = value.includes('*') ? undefined : nearest(value, mesh.namespaces)
      yield meant
        ? problem(written, `${message} Did you mean "${meant}"?`, replacement(written, meant))
        : problem(written, `${message} Correct or remove it.`)
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

function namespacesOf(policy: AuthorizationPolicy): readonly { readonly written: Located<string>; readonly excludes: boolean }[] {
  const conditions = policy.rules.flatMap(({ when }) => when.filter(({ key }) => key.value === 'source.namespace'))
  const sources = policy.rules.flatMap(({ from }) => from)
  const matched = [...sources.flatMap(({ namespaces }) => namespaces), ...conditions.flatMap(({ values }) => values)]
  const excluded = [...sources.flatMap(({ notNamespaces }) => notNamespaces), ...conditions.flatMap(({ notValues }) => notValues)]
  return [...matched.map(written => ({ written, excludes: false })), ...excluded.map(written => ({ written, excludes: true }))]
}

/** Each `*` stands for any text, and case counts. Source: pilot/pkg/security/authz/model/generator.go (srcNamespaceGenerator). */
function matchesAny(value: string, mesh: Mesh): boolean {
  if (!value.includes('*')) return mesh.namespaces.has(value)
  return [...mesh.namespaces].some(globMatcher(value))
}

/** The account that every namespace has tells whether the namespace is there, and whether other clusters may have it. */
function isAbsent(namespace: string, mesh: Mesh): boolean {
  const { trustDomain } = mesh.settings
  if ([...mesh.namespaces].some(isPlaceholder)) return false
  return mesh.identity({ match: 'exact', trustDomain, namespace, serviceAccount: 'default' }) === 'absent'
}
