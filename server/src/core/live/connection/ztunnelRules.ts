// Whom a ztunnel lets in, by the policies that it really holds. Source: istio/ztunnel: src/state.rs (assert_rbac), src/rbac.rs.
import { type Facts, ruleMatches } from '../../decide/ambient/matches.ts'
import type { Clause, Clauses, Match, Placeholder, StringMatch } from '../../decide/ambient/ztunnelPolicy.ts'
import { own } from '../../istio/own.ts'
import { isObject, type Json, listOf, objectOf, textOf } from '../../proxy/json.ts'
import type { ZtunnelConfig, ZtunnelRules, ZtunnelWorkload } from '../../proxy/ztunnelConfig.ts'

export interface ZtunnelDecision {
  readonly decision: 'allow' | 'deny' | 'depends'
  /** `shop/checkout-callers`. */
  readonly by: readonly string[]
}

/** A DENY that matches refuses; where there are ALLOW policies one must match. `identity` is `spiffe://…`; absent: plaintext. */
export function ztunnelDecision(
  policies: readonly ZtunnelRules[],
  { identity, port }: { readonly identity?: string; readonly port: number },
): ZtunnelDecision {
  const facts: Facts = { port, identity: identityIn(identity) }
  const judged = policies.map(policy => ({ policy, key: keyOf(policy), matches: matches(policy, facts) }))
  const by = (action: string, truth: 'yes' | 'unknown') =>
    judged.filter(({ policy, matches: is }) => policy.action === action && is === truth).map(({ key }) => key)
  const [denies, mayDeny, allows, mayAllow] = [by('Deny', 'yes'), by('Deny', 'unknown'), by('Allow', 'yes'), by('Allow', 'unknown')]
  if (denies.length > 0) return { decision: 'deny', by: denies }
  const limited = policies.some(({ action }) => action === 'Allow')
  if (limited && allows.length + mayAllow.length === 0) return { decision: 'deny', by: [] }
  if (mayDeny.length > 0 || (limited && allows.length === 0)) return { decision: 'depends', by: [...mayDeny, ...mayAllow] }
  return { decision: 'allow', by: allows }
}

/** Those of the mesh and the namespace, and those that the workload names. A name of a policy that is not there is skipped. */
export function policiesAt({ policies }: ZtunnelConfig, workload: ZtunnelWorkload): readonly ZtunnelRules[] {
  if (!policies) return workload.policies.flatMap(named => staticStrict(named))
  return policies.filter(
    policy =>
      policy.scope === 'Global' ||
      (policy.scope === 'Namespace' && policy.namespace === workload.namespace) ||
      workload.policies.includes(keyOf(policy)),
  )
}

/** What istiod makes of PeerAuthentications. Source: istio/istio:pilot/pkg/model/authorization.go, serviceregistry/ambient/authorization.go. */
export function isPeerAuthentication({ name }: Pick<ZtunnelRules, 'name'>): boolean {
  return name === staticStrictName || name.startsWith('converted_peer_authentication_')
}

const staticStrictName = 'istio_converted_static_strict'

/** Where a dump lists no policies, the name of this one says all. */
function staticStrict(key: string): readonly ZtunnelRules[] {
  const [namespace = '', name = ''] = key.split('/')
  const rules: Json = [[[{ notPrincipals: [{ Presence: [] }] }]]]
  return name === staticStrictName ? [{ namespace, name, scope: 'WorkloadSelector', action: 'Deny', rules }] : []
}

export function keyOf({ namespace, name }: Pick<ZtunnelRules, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}

function matches({ rules }: ZtunnelRules, facts: Facts): 'yes' | 'no' | 'unknown' {
  const truths = listOf(rules).map(rule => ruleMatches(clausesOf(rule), facts).is)
  return truths.includes('yes') ? 'yes' : truths.includes('unknown') ? 'unknown' : 'no'
}

function identityIn(identity: string | undefined): Facts['identity'] {
  if (identity === undefined) return 'none'
  const [, principal = '', namespace = '', serviceAccount = ''] = /^spiffe:\/\/([^/]+\/ns\/([^/]+)\/sa\/([^/]+))$/.exec(identity) ?? []
  return { principal, namespace, serviceAccount }
}

function clausesOf(rule: Json): Clauses {
  return listOf(rule).map((clause): Clause => listOf(clause).map(matchOf))
}

/** Values that are not read here, such as addresses, stay open. */
const open: Placeholder = { placeholder: 'a value that is not read here' }

const readers: Readonly<Record<string, (value: Json) => unknown>> = {
  namespaces: stringMatch,
  notNamespaces: stringMatch,
  principals: stringMatch,
  notPrincipals: stringMatch,
  serviceAccounts: accountOf,
  notServiceAccounts: accountOf,
  destinationPorts: portOf,
  notDestinationPorts: portOf,
}

function matchOf(item: Json): Match {
  const lists = Object.entries(objectOf(item)).filter(([, values]) => listOf(values).length > 0)
  return Object.fromEntries(lists.map(([key, values]) => [key, listOf(values).map(own(readers, key) ?? (() => open))]))
}

function portOf(value: Json): number | Placeholder {
  return typeof value === 'number' ? value : open
}

function accountOf(value: Json) {
  const { namespace, serviceAccount } = objectOf(value)
  const [inNamespace, name] = [textOf(namespace), textOf(serviceAccount)]
  return inNamespace === undefined || name === undefined ? open : { namespace: inNamespace, serviceAccount: name }
}

/** `{"Exact": "…"}`; `{"Presence": []}` is anything but empty. */
function stringMatch(value: Json): StringMatch | Placeholder {
  if (!isObject(value)) return open
  const { Exact, Prefix, Suffix } = value
  if (typeof Exact === 'string') return { Exact }
  if (typeof Prefix === 'string') return { Prefix }
  if (typeof Suffix === 'string') return { Suffix }
  return 'Presence' in value ? { Presence: [] } : open
}
