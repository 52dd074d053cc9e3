// Would this connection be let in, and by which rule? The answer of the proxy that stands in front of the workload.
import { never } from '../../istio/values/principal.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { Connection } from './connection.ts'
import { type Decision, decisionWith } from './decision.ts'
import { authorizeAtEnvoy } from './envoy.ts'
import { authorizeAtZtunnel } from './ztunnel.ts'

/** Never throws. What the given world cannot decide is `unknown`, with the missing facts named in `reason`. */
export function authorize(connection: Connection, mesh: Mesh): Decision {
  const decision = decide(connection, mesh)
  const { caller } = connection
  return 'plaintext' in caller && caller.because !== undefined ? explained(decision, caller.because) : decision
}

function explained(decided: Decision, because: string): Decision {
  const { decision, status, enforcer, layer, by, reason } = decided
  const outcome = { decision, enforcer, layer, reason: `${reason} ${because}`, ...(status ? { status } : {}), ...(by ? { by } : {}) }
  return decisionWith(outcome, () => decided.steps)
}

function decide(connection: Connection, mesh: Mesh): Decision {
  const { workload } = connection.to
  const name = `${workload.namespace}/${workload.name}`
  switch (workload.proxy) {
    case 'sidecar':
    case 'gateway':
    case 'waypoint':
      return authorizeAtEnvoy(connection, workload.proxy, mesh)
    case 'ztunnel':
      return authorizeAtZtunnel(connection, mesh)
    case 'none': {
      const reason = `${name} has no proxy, so nothing enforces policies there.`
      return { decision: 'allow', enforcer: 'none', layer: 'none', reason, steps: [], ...(connection.request ? { status: 200 } : {}) }
    }
    case 'unknown':
      return {
        decision: 'unknown',
        enforcer: 'none',
        layer: 'none',
        reason: `Not known, and it decides: whether ${name} has a proxy.`,
        steps: [],
      }
    default:
      return never(workload.proxy)
  }
}
