// Whom a proxy lets in by the RBAC filters that it really has, as far as the caller and the port decide; what hangs on the request stays open.
// Shapes: envoy/api: config/rbac/v3/rbac.proto, extensions/filters/{network,http}/rbac/v3. How istiod fills them: pilot/pkg/security/authz/builder.
import { field, isObject, type Json, listOf, objectOf, textOf } from '../json.ts'
import { type Filter, type FilterChain, readFilter } from './listeners.ts'

export interface RbacCaller {
  /** `spiffe://…`; absent for plaintext. */
  readonly identity?: string
  /** At which it arrives. */
  readonly port: number
}

export interface RbacDecision {
  readonly decision: 'allow' | 'deny' | 'depends'
  /** `ns[shop]-policy[checkout-deny-admin]-rule[0]`, as istiod names them. */
  readonly by: readonly string[]
}

/** Filters in their order: the first that refuses for certain decides. */
export function rbacDecision(chain: FilterChain, caller: RbacCaller): RbacDecision {
  let open: readonly string[] = []
  let depends = false
  const letIn: string[] = []
  for (const rules of rulesOf(chain)) {
    if (rules === 'asks') depends = true
    else {
      const matched = judged(rules, caller)
      const by = (truth: Truth) => matched.filter(each => each.truth === truth).map(({ name }) => name)
      const refuses = rules.action === 'DENY'
      const certain = by('yes')
      const possible = by('unknown')
      if (refuses ? certain.length > 0 : certain.length + possible.length === 0) return { decision: 'deny', by: refuses ? certain : [] }
      if (refuses ? possible.length > 0 : certain.length === 0) {
        depends = true
        open = [...open, ...possible]
      }
      if (!refuses) letIn.push(...certain)
    }
  }
  return depends ? { decision: 'depends', by: open } : { decision: 'allow', by: letIn }
}

type Truth = 'yes' | 'no' | 'unknown'

interface Rules {
  readonly action: 'ALLOW' | 'DENY'
  readonly policies: readonly { readonly name: string; readonly policy: Json }[]
}

/** `asks`: another service decides. */
function rulesOf({ filters }: FilterChain): readonly (Rules | 'asks')[] {
  return filters
    .flatMap(filter => [filter, ...httpFilters(filter)])
    .flatMap(({ name, config }): readonly (Rules | 'asks')[] => {
      if (/\.ext_authz$/.test(name)) return ['asks']
      const rules = field(config, 'rules')
      if (!/\.rbac$/.test(name) || !isObject(rules)) return []
      const action = textOf(rules.action) ?? 'ALLOW'
      const policies = Object.entries(objectOf(rules.policies)).map(([policy, content]) => ({ name: policy, policy: content }))
      return action === 'ALLOW' || action === 'DENY' ? [{ action, policies }] : []
    })
}

function httpFilters({ config }: Filter): readonly Filter[] {
  return listOf(field(config, 'http_filters')).map(readFilter)
}

function judged({ policies }: Rules, caller: RbacCaller): readonly { readonly name: string; readonly truth: Truth }[] {
  return policies.map(({ name, policy }) => ({
    name,
    truth: all([
      any(listOf(field(policy, 'permissions')).map(each => permission(each, caller))),
      any(listOf(field(policy, 'principals')).map(each => principal(each, caller))),
      // An expression over the request.
      field(policy, 'condition') === undefined ? 'yes' : 'unknown',
    ]),
  }))
}

function permission(item: Json, caller: RbacCaller): Truth {
  if (field(item, 'any') === true) return 'yes'
  const rules = (name: string) => listOf(field(field(item, name), 'rules')).map(each => permission(each, caller))
  if (field(item, 'and_rules') !== undefined) return all(rules('and_rules'))
  if (field(item, 'or_rules') !== undefined) return any(rules('or_rules'))
  const negated = field(item, 'not_rule')
  if (negated !== undefined) return not(permission(negated, caller))
  const port = field(item, 'destination_port')
  return typeof port === 'number' ? (port === caller.port ? 'yes' : 'no') : 'unknown'
}

function principal(item: Json, caller: RbacCaller): Truth {
  if (field(item, 'any') === true) return 'yes'
  const ids = (name: string) => listOf(field(field(item, name), 'ids')).map(each => principal(each, caller))
  if (field(item, 'and_ids') !== undefined) return all(ids('and_ids'))
  if (field(item, 'or_ids') !== undefined) return any(ids('or_ids'))
  const negated = field(item, 'not_id')
  if (negated !== undefined) return not(principal(negated, caller))
  const authenticated = field(item, 'authenticated')
  if (authenticated !== undefined) return identityMatch(field(authenticated, 'principal_name'), caller)
  const state = field(item, 'filter_state')
  if (textOf(field(state, 'key')) === 'io.istio.peer_principal') return identityMatch(field(state, 'string_match'), caller)
  return 'unknown'
}

/** A `StringMatcher` over the caller's URI; without one any authenticated caller fits. */
function identityMatch(matcher: Json | undefined, { identity }: RbacCaller): Truth {
  if (identity === undefined) return 'no'
  if (matcher === undefined) return 'yes'
  const truth = (fits: boolean): Truth => (fits ? 'yes' : 'no')
  const text = (name: string) => textOf(field(matcher, name))
  const [exact, prefix, suffix, contains] = ['exact', 'prefix', 'suffix', 'contains'].map(text)
  if (exact !== undefined) return truth(identity === exact)
  if (prefix !== undefined) return truth(identity.startsWith(prefix))
  if (suffix !== undefined) return truth(identity.endsWith(suffix))
  if (contains !== undefined) return truth(identity.includes(contains))
  const parts = plainParts(textOf(field(field(matcher, 'safe_regex'), 'regex')))
  return parts ? truth(fitsParts(identity, parts)) : 'unknown'
}

/** `.*ns/shop.*` as the texts between its wildcards; undefined for an expression that is more. A dump may hold any expression, so none is run. */
function plainParts(regex: string | undefined): readonly string[] | undefined {
  if (regex === undefined) return undefined
  const parts = regex.split('.*').map(part => part.replace(/\\([.\-/])/g, '\u0000$1'))
  return parts.some(part => /[\\^$.|?*+()[\]{}]/.test(part.replace(/\u0000./g, '')))
    ? undefined
    : parts.map(part => part.replaceAll('\u0000', ''))
}

/** The texts in this order, with anything between them, and nothing before the first or behind the last. */
function fitsParts(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let from = first.length
  for (const part of rest) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return text.length - last.length >= from && text.endsWith(last)
}

function all(truths: readonly Truth[]): Truth {
  return truths.includes('no') ? 'no' : truths.includes('unknown') ? 'unknown' : 'yes'
}

function any(truths: readonly Truth[]): Truth {
  return truths.includes('yes') ? 'yes' : truths.includes('unknown') ? 'unknown' : 'no'
}

function not(truth: Truth): Truth {
  return truth === 'unknown' ? 'unknown' : truth === 'yes' ? 'no' : 'yes'
}
