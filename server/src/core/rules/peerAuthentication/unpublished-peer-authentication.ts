import { ambientMtls } from '../../decide/ambient/peerAuthentication.ts'
import { openPolicies } from '../../decide/mtls/openModes.ts'
import { effectiveMtls, levelOf, selectedBy } from '../../decide/mtls/server.ts'
import type { PeerAuthentication } from '../../istio/resources.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { type Fix, problem, type Rule, replacement } from '../rule.ts'

export default {
  id: 'unpublished-peer-authentication',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'In ambient mode, istiod refers ztunnel to a policy for this PeerAuthentication and never publishes it.',
  why: 'ztunnel skips what it does not have: every port of the workloads takes plaintext, those that are STRICT included.',
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
metadata: { name: default, namespace: istio-system }
spec:
  mtls: { mode: STRICT }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ledger, namespace: bank }
spec:
  selector: { matchLabels: { app: ledger } }
  mtls: { mode: PERMISSIVE }
  portLevelMtls:
    9090: { mode: STRICT }
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
metadata: { name: default, namespace: istio-system }
spec:
  mtls: { mode: STRICT }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ledger, namespace: bank }
spec:
  selector: { matchLabels: { app: ledger } }
  mtls: { mode: STRICT }
  portLevelMtls:
    9090: { mode: PERMISSIVE }
`,

  *check(policy, mesh) {
    const { rootNamespace } = mesh.settings
    if (policy.portLevelMtls.length === 0 || levelOf(policy, rootNamespace) !== 'workload') return
    const around = [policy.namespace, rootNamespace]
    if (!around.every(each => mesh.complete('PeerAuthentication', each) && openPolicies(mesh, each).length === 0)) return
    const open = selectedBy(policy, mesh).find(workload => workload.proxy === 'ztunnel' && isLost(policy, workload, mesh))
    if (!open) return
    yield problem(
      policy.at.name ?? policy.at.kind,
      `istiod refers the ztunnel of "${open.name}" to a policy that it never publishes for this one, so every port of "${open.name}" takes plaintext. Set the mode STRICT here, and name each port that is to take plaintext as PERMISSIVE.`,
      ...repair(policy, open, mesh),
    )
  },
} satisfies Rule<'PeerAuthentication'>

/** Whatever the ages of the policies around it are. */
function isLost({ namespace, name }: PeerAuthentication, workload: Workload, mesh: Mesh): boolean {
  const key = `${namespace}/converted_peer_authentication_${name}`
  return ambientMtls(mesh, workload).every(({ dangling }) => dangling.includes(key))
}

/** Where the workload is STRICT by what is inherited, saying so changes nothing else. */
function repair(policy: PeerAuthentication, workload: Workload, mesh: Mesh): readonly Fix[] {
  const { mode, policy: decider } = effectiveMtls(mesh, workload)
  return mode === 'STRICT' && decider !== policy && policy.mode?.value === 'UNSET' ? [replacement(policy.mode, 'STRICT')] : []
}
