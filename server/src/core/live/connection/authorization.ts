// Whether policies let this caller in, once the connection is there: what is meant, and what the server's proxy really enforces.
import { rbacDecision } from '../../proxy/envoy/rbac.ts'
import type { Accepts } from './accepts.ts'
import { capital } from './clientTls.ts'
import { quoted } from './enrolment.ts'
import type { Authorization } from './meant.ts'
import { type ConnectionQuestion, type End, enforces, hasProxy, shownIdentity } from './question.ts'
import type { Sends } from './sends.ts'
import { type Finding, failed, ok, unknown } from './step.ts'
import { policiesAt, ztunnelDecision } from './ztunnelRules.ts'

export function authorization(question: ConnectionQuestion, sends: Sends, accepts: Accepts): Finding {
  const { to, meant } = question
  if (!hasProxy(to)) return ok(`The server has no proxy, so no policy is enforced there.`)
  if (!enforces(question)) return ok('No policy is enforced on this port: it is led past the sidecar.')
  const identified = sends.kind === 'unknown' || (sends.kind === 'tls' && sends.tls.certificates.length > 0)
  const decided = meant?.authorization?.(identified)
  const enforced = enforcedBy(question, sends, accepts, identified)
  const caller = identified
    ? 'the client'
    : `the client without identity (${sends.kind === 'tls' ? 'it shows no certificate' : 'it sends plaintext'})`
  if (decided && enforced && contradict(question, decided, enforced)) {
    return failed(
      `Policies ${decided.decision === 'deny' ? 'refuse' : 'let in'} ${caller}, but the server's proxy ${enforced.decision === 'deny' ? 'refuses it' : 'lets it in'}: it does not enforce the newest policies.`,
      "Look at the sync state of the proxy (istioctl proxy-status), at what it refused, and at istiod's log.",
      evidenceOf(decided, enforced),
    )
  }
  if (decided && decided.decision !== 'unknown') return meantFinding(decided, caller, question, evidenceOf(decided, enforced))
  if (enforced) return enforcedFinding(enforced, caller, question)
  if (decided)
    return unknown(decided.reason, 'Read the cluster with an account that may list what is missing.', evidenceOf(decided, enforced))
  return unknown('Which policies apply is not known.', 'Connect to the cluster, or give its objects with --mesh.')
}

function meantFinding(
  { decision, reason, when }: Authorization,
  caller: string,
  { to, port }: ConnectionQuestion,
  evidence: readonly string[],
): Finding {
  const at = `port ${port}`
  if (decision === 'deny') return failed(`Policies refuse ${caller} at ${at}: ${reason}`, allowIt(to), evidence)
  if (decision === 'allow') return ok(`${capital(caller)} may call ${at}: ${reason}`, evidence)
  const conditions = when.join(', and ') || reason
  return ok(`${capital(caller)} may make some requests to ${at}: ${conditions}${conditions.endsWith('.') ? '' : '.'}`, evidence)
}

/** What the server's proxy does, whatever policies say. */
interface Enforced {
  readonly decision: 'allow' | 'deny' | 'depends'
  /** Readable names. */
  readonly by: readonly string[]
}

function enforcedFinding({ decision, by }: Enforced, caller: string, { to, port }: ConnectionQuestion): Finding {
  const at = `port ${port}`
  switch (decision) {
    case 'allow':
      return ok(`The proxy lets ${caller} in at ${at}.`, by)
    case 'depends':
      return ok(`The proxy lets ${caller} in at ${at} for some requests: it depends on what is asked.`, by)
    case 'deny':
      return failed(
        `The proxy refuses ${caller} at ${at}: ${by.length > 0 ? `${by.join(', ')} denies it` : 'no ALLOW rule matches'}.`,
        allowIt(to),
        by,
      )
    default:
      return decision satisfies never
  }
}

function enforcedBy({ from, to, port }: ConnectionQuestion, sends: Sends, accepts: Accepts, identified: boolean): Enforced | undefined {
  if (accepts.kind === 'unknown') return undefined
  const identity = identified ? shownIdentity(from) : undefined
  // Who shows a certificate that is not known is somebody all the same.
  if (identified && identity === undefined) return undefined
  const caller = { port, ...(identity === undefined ? {} : { identity }) }
  const workload = to.live?.ztunnel?.workloads.find(each => each.namespace === to.namespace && each.name === to.name)
  if (to.live?.ztunnel && workload) return ztunnelDecision(policiesAt(to.live.ztunnel, workload), caller)
  // Which filter chain takes the connection depends on what is sent.
  if (!accepts.chain || sends.kind === 'unknown') return undefined
  const { decision, by } = rbacDecision(accepts.chain, caller)
  return { decision, by: by.map(readable) }
}

/** Policies of a waypoint are not ztunnel's to enforce. */
function contradict({ to, meant }: ConnectionQuestion, { decision }: Authorization, enforced: Enforced): boolean {
  if (to.proxy === 'ztunnel' && meant?.waypoint !== undefined) return false
  return (decision === 'allow' && enforced.decision === 'deny') || (decision === 'deny' && enforced.decision === 'allow')
}

function evidenceOf(decided: Authorization, enforced: Enforced | undefined): readonly string[] {
  const nothing = enforced?.decision === 'deny' ? ['enforced: no ALLOW rule matches'] : []
  const lines = enforced?.by.map(name => `enforced: ${name}`) ?? []
  return [...decided.by.map(name => `policy ${name}`), ...(lines.length > 0 ? lines : nothing)]
}

/** `ns[shop]-policy[pay]-rule[0]` as `shop/pay rule 0`. */
function readable(name: string): string {
  return name.replace(/^ns\[([^\]]*)\]-policy\[([^\]]*)\]-rule\[(\d+)\]$/, '$1/$2 rule $3')
}

function allowIt(to: End): string {
  return `Allow it in an AuthorizationPolicy of ${quoted(to)}, or call from a workload that is allowed.`
}
