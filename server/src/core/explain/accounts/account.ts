// What an account of a refusal is made of, and the phrases that accounts share.
import type { Decision } from '../../decide/authorization/decision.ts'
import type { AuthorizationPolicy } from '../../istio/resources.ts'
import type { Explanation, NamedPolicy, NearMiss, Party } from '../explanation.ts'
import type { PolicyName } from '../policyName.ts'
import type { Scene } from '../scene.ts'

export type Account = Pick<Explanation, 'happened' | 'means' | 'repair'> & { readonly policies?: readonly NamedPolicy[] }

export interface Situation extends Scene {
  readonly decision?: Decision
  readonly nearMisses: readonly NearMiss[]
}

/** `GET /cart`, `the request`, `the connection`. */
export function callIn({ told: { http, method, path } }: Scene): string {
  if (!http) return 'the connection'
  const shown = [method, path === undefined ? undefined : clip(path)].filter(part => part !== undefined).join(' ')
  return shown === '' ? 'the request' : shown
}

/** ` from shop/frontend-1 to shop/checkout-1:8080`; nothing for what is not known. */
export function route({ client, server }: Scene): string {
  const [from, to] = [partyName(client), partyName(server)]
  return `${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` to ${to}${portOf(server)}`}`
}

/** `shop/checkout-1`, else the address, else the host that was called. */
export function partyName({ name, ip, host }: Party): string | undefined {
  return name ?? host ?? (ip?.includes(':') ? `[${ip}]` : ip)
}

export function serverName({ server }: Scene, otherwise = 'the server'): string {
  return partyName(server) ?? otherwise
}

export function clientName({ client }: Scene, otherwise = 'the client'): string {
  return partyName(client) ?? otherwise
}

/** `shop/checkout`: whose configuration is to be changed. */
export function ownerName({ workload }: Party, otherwise: string): string {
  return workload ?? otherwise
}

function portOf({ port }: Party): string {
  return port === undefined ? '' : `:${port}`
}

const longest = 120

export function clip(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

/** `shop/no-admin` */
export function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`
}

/** `rule 0 of shop/no-admin`; the policy alone where no rule is named. */
export function ruleOf(policy: Pick<PolicyName, 'namespace' | 'name' | 'rule'>): string {
  return policy.rule === undefined ? keyOf(policy) : `rule ${policy.rule} of ${keyOf(policy)}`
}

export function named(policy: PolicyName, { mesh }: Scene): NamedPolicy {
  const { namespace, name, rule } = policy
  const found = mesh.find('AuthorizationPolicy', namespace, name)
  return {
    kind: 'AuthorizationPolicy',
    namespace,
    name,
    presence: mesh.presence('AuthorizationPolicy', namespace, name),
    ...(rule === undefined ? {} : { rule }),
    ...(found ? { policy: found } : {}),
  }
}

export function found(policy: NonNullable<NamedPolicy['policy']>, rule?: number): NamedPolicy {
  const { kind, namespace, name } = policy
  return { kind, namespace, name, presence: 'present', policy, ...(rule === undefined ? {} : { rule }) }
}

/** What is wrong with a policy that a proxy names; nothing where it is known as it is named. */
export function doubtsAbout({ namespace, name, rule, presence, policy }: NamedPolicy): readonly string[] {
  if (presence === 'absent')
    return [`There is no policy ${namespace}/${name} any more: it was deleted, or the proxy is not in step with the cluster.`]
  if (!policy) return [`Policy ${namespace}/${name} is not among the known objects: it may be deleted or not synced.`]
  const rules = policy.kind === 'AuthorizationPolicy' ? policy.rules.length : 0
  if (rule === undefined || rule < rules) return []
  return [`The known ${namespace}/${name} has ${rules === 1 ? '1 rule' : `${rules} rules`}, so the proxy has another version of it.`]
}

/** What the proxy says of who decided: this policy, that none allows, or only that it refused. */
export type Verdict = PolicyName | 'none allows' | 'refused'

/** Whether what is known of the policies says the same as the proxy. */
export function agreement({ decision, to, connection, told }: Situation, verdict: Verdict): readonly string[] {
  switch (decision?.decision) {
    case 'allow':
      return [`By what is known now it would be let in: ${decision.reason} So something changed since, or the proxy is not in step.`]
    case 'deny': {
      const same = isSame(decision, verdict)
        ? 'What is known now says the same'
        : 'By what is known now it would be refused too, but otherwise'
      return [`${same}: ${decision.reason}`]
    }
    case 'unknown':
      return [`Whether what is known now says the same is open. ${decision.reason}`]
    default:
      return to && !connection && told.form !== 'text'
        ? ['Who called is not certain from the line, so the known policies were not asked.']
        : []
  }
}

function isSame({ by, layer }: Decision, verdict: Verdict): boolean {
  if (verdict === 'refused') return layer === 'rbac' || layer === 'ztunnel'
  if (verdict === 'none allows') return by === undefined && (layer === 'rbac' || layer === 'ztunnel')
  return (
    by !== undefined && 'policy' in by && keyOf(by.policy) === keyOf(verdict) && (verdict.rule === undefined || by.rule === verdict.rule)
  )
}

/** Behind another proxy the caller is that proxy. */
export function intermediary({ client }: Scene): readonly string[] {
  if (client.proxy !== 'gateway' && client.proxy !== 'waypoint') return []
  return [`The caller is the ${client.proxy} ${client.name ?? ''}: for who called it only its own policies can ask.`.replace(' :', ':')]
}

export function isAllow({ action, dryRun }: AuthorizationPolicy): boolean {
  return action === 'ALLOW' && !dryRun
}
