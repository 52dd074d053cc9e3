import { nearest } from '../../istio/nearest.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type Rule, replacement } from '../rule.ts'
import { authorizersOf } from './providers.ts'

export default {
  id: 'unknown-provider',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A CUSTOM policy names an external authorizer that the mesh does not have.',
  why: 'There is nobody to ask, so everything that the rules match is denied.',
  codes: [],
  bad: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    extensionProviders:
      - name: opa-policies
        envoyExtAuthzGrpc: { service: opa.opa.svc.cluster.local, port: 9191 }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa-polices }
  rules: [{}]
`,
  good: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    extensionProviders:
      - name: opa-policies
        envoyExtAuthzGrpc: { service: opa.opa.svc.cluster.local, port: 9191 }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  action: CUSTOM
  provider: { name: opa-policies }
  rules: [{}]
`,

  *check({ action, provider }, mesh) {
    if (action !== 'CUSTOM' || !provider || provider.value === '' || isPlaceholder(provider.value)) return
    const names = authorizersOf(mesh)?.map(({ name }) => name)
    if (!names || names.includes(provider.value)) return
    const what = `The mesh has no external authorizer "${provider.value}", so everything that these rules match is denied.`
    const meant = nearest(provider.value, names)
    yield meant
      ? problem(provider, `${what} Did you mean "${meant}"?`, replacement(provider, meant))
      : problem(provider, `${what} Name one of "extensionProviders" in the settings of the mesh, or add it there.`)
  },
} satisfies Rule<'AuthorizationPolicy'>
