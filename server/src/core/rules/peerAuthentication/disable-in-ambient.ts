import { ambientMtls, plaintextAt } from '../../decide/ambient/peerAuthentication.ts'
import { effectiveMtls, isSamePolicy, selectedBy } from '../../decide/mtls/server.ts'
import type { PeerAuthentication } from '../../istio/resources.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { problem, type Rule, replacement } from '../rule.ts'

export default {
  id: 'disable-in-ambient',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'DISABLE for workloads of ambient mode, where there is no such mode.',
  why: 'Pods go on speaking mTLS to each other. DISABLE counts as PERMISSIVE, or for a port below STRICT as nothing at all.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: bank }
spec:
  mtls: { mode: DISABLE }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger }, annotations: { ambient.istio.io/redirection: enabled } }
spec:
  containers: [{ name: app }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: bank }
spec:
  mtls: { mode: PERMISSIVE }
`,

  *check(policy, mesh) {
    const ports = policy.portLevelMtls.filter(({ mode }) => mode?.value === 'DISABLE')
    if (policy.mode?.value !== 'DISABLE' && ports.length === 0) return
    const everywhere = policy.namespace === mesh.settings.rootNamespace
    const workloads = selectedBy(policy, mesh)
    const [first] = workloads
    // Among sidecars the word means what it says.
    if (!first || !workloads.every(({ proxy }) => proxy === 'ztunnel')) return
    if (!mesh.complete('Pod', everywhere ? undefined : policy.namespace)) return
    const decided = workloads.find(workload => decides(policy, workload, mesh))
    if (policy.mode?.value === 'DISABLE' && decided) {
      yield problem(
        policy.mode,
        `ztunnel has no DISABLE: for "${decided.name}" it means PERMISSIVE, and pods of the mesh go on speaking mTLS to it. Write PERMISSIVE.`,
        replacement(policy.mode, 'PERMISSIVE'),
      )
    }
    for (const { port, mode } of ports) {
      if (mode && staysStrict(policy, workloads, port.value, mesh)) {
        yield problem(
          mode,
          `ztunnel has no DISABLE, and istiod makes no exception of it: port ${port.value} of "${first.name}" stays STRICT. Write PERMISSIVE.`,
          replacement(mode, 'PERMISSIVE'),
        )
      }
    }
  },
} satisfies Rule<'PeerAuthentication'>

function decides(policy: PeerAuthentication, workload: Workload, mesh: Mesh): boolean {
  const winner = effectiveMtls(mesh, workload).policy
  return winner !== undefined && isSamePolicy(winner, policy)
}

function staysStrict({ namespace }: PeerAuthentication, workloads: readonly Workload[], port: number, mesh: Mesh): boolean {
  if (!mesh.complete('PeerAuthentication', namespace) || !mesh.complete('PeerAuthentication', mesh.settings.rootNamespace)) return false
  return workloads.every(workload => plaintextAt(ambientMtls(mesh, workload), port).is === 'refused')
}
