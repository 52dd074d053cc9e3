import { levelOf, selectedBy } from '../../decide/mtls/server.ts'
import { proxyOf } from '../../mesh/workloads.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'strict-without-proxy',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'STRICT covers pods that have no proxy.',
  why: 'Only a proxy enforces a PeerAuthentication: these pods still accept plaintext from everybody.',
  codes: ['IST0103'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: legacy-1, namespace: shop, labels: { app: legacy } }
spec:
  containers: [{ name: app }]
status: { phase: Running }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: legacy-1, namespace: shop, labels: { app: legacy } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
status: { phase: Running }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,

  *check(policy, mesh) {
    const level = levelOf(policy, mesh.settings.rootNamespace)
    // A mesh-wide policy covers system namespaces too, where proxies are not wanted.
    if (policy.mode?.value !== 'STRICT' || !level || level === 'mesh') return
    const pods = selectedBy(policy, mesh).flatMap(workload => workload.pods)
    const bare = pods.filter(pod => proxyOf(pod, mesh) === 'none')
    if (bare.length === 0) return
    const names = bare.slice(0, 3).map(pod => `"${pod.name}"`)
    const which = bare.length > names.length ? `${names.join(', ')} and ${bare.length - names.length} more` : names.join(', ')
    const count =
      pods.length === 1
        ? 'The selected pod has no proxy'
        : `${bare.length} of the ${pods.length} selected pods ${bare.length === 1 ? 'has' : 'have'} no proxy`
    yield problem(
      policy.mode,
      `${count}, so STRICT is not enforced there: ${which}. Add the proxy, or block plaintext callers by other means.`,
    )
  },
} satisfies Rule<'PeerAuthentication'>
