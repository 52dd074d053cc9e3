import { levelOf } from '../../decide/mtls/server.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'root-namespace-selector',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A PeerAuthentication of the root namespace has a selector.',
  why: 'Istio takes workload-level modes only from the namespace of the workload, so this policy is ignored everywhere.',
  codes: ['KIA0004'],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: istio-system }
spec:
  selector:
    matchLabels: { app: checkout }
  mtls: { mode: STRICT }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  mtls: { mode: STRICT }
`,

  *check(policy, mesh) {
    const { rootNamespace } = mesh.settings
    if (policy.namespace !== rootNamespace || !policy.selector || levelOf(policy, rootNamespace)) return
    yield problem(
      policy.selector.labels[0]?.key ?? policy.selector.span,
      `In the root namespace "${rootNamespace}" a PeerAuthentication with a selector has no effect. Move it to the namespace of the workload.`,
    )
  },
} satisfies Rule<'PeerAuthentication'>
