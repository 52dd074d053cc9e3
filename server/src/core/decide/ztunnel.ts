// What is left of a rule at ztunnel, which judges connections and sees nothing of HTTP.
// Source: istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go (handleRule), istio/ztunnel:src/rbac.rs.
import type { AuthorizationAction, AuthorizationOperation, AuthorizationRule, AuthorizationSource } from '../istio/resources.ts'

const conditions = ['source.ip', 'source.namespace', 'source.principal', 'destination.ip', 'destination.port']

/**
 * The rule as ztunnel gets it; undefined where it never matches. An ALLOW rule with anything of HTTP is left out as a whole,
 * a DENY rule loses only what ztunnel cannot judge. AUDIT and CUSTOM are not sent at all.
 */
export function ruleAtZtunnel(rule: AuthorizationRule, action: AuthorizationAction): AuthorizationRule | undefined {
  if (action === 'AUDIT' || action === 'CUSTOM') return undefined
  if (action === 'ALLOW' && unjudged(rule).some(each => each !== trustDomains)) return undefined
  if (rule.when.some(({ key }) => !conditions.includes(key.value))) return undefined
  const from = rule.from.map(withoutHttpSource).filter(hasValues)
  const to = rule.to.map(withoutHttpOperation).filter(hasValues)
  const emptied = (rule.from.length > 0 && from.length === 0) || (rule.to.length > 0 && to.length === 0)
  return emptied ? undefined : { ...rule, from, to }
}

const trustDomains = 'trust domains'

/** What a rule tests that ztunnel cannot judge, in words: `methods`, `paths`, `request.headers[x-tenant]`. */
export function unjudged(rule: AuthorizationRule): readonly string[] {
  const tests = (word: string, ...lists: readonly (readonly unknown[])[]) => (lists.some(values => values.length > 0) ? [word] : [])
  const words = [
    ...rule.to.flatMap(each => [
      ...tests('methods', each.methods, each.notMethods),
      ...tests('paths', each.paths, each.notPaths),
      ...tests('hosts', each.hosts, each.notHosts),
    ]),
    ...rule.from.flatMap(each => [
      ...tests('tokens', each.requestPrincipals, each.notRequestPrincipals),
      ...tests('addresses of original clients', each.remoteIpBlocks, each.notRemoteIpBlocks),
      ...tests(trustDomains, each.trustDomains, each.notTrustDomains),
    ]),
    ...rule.when.map(({ key }) => key.value).filter(key => !conditions.includes(key)),
  ]
  return [...new Set(words)]
}

function withoutHttpSource(source: AuthorizationSource): AuthorizationSource {
  return {
    ...source,
    requestPrincipals: [],
    notRequestPrincipals: [],
    remoteIpBlocks: [],
    notRemoteIpBlocks: [],
    trustDomains: [],
    notTrustDomains: [],
  }
}

function withoutHttpOperation(operation: AuthorizationOperation): AuthorizationOperation {
  return { ...operation, hosts: [], notHosts: [], methods: [], notMethods: [], paths: [], notPaths: [] }
}

function hasValues(match: AuthorizationSource | AuthorizationOperation): boolean {
  return Object.values(match).some(values => Array.isArray(values) && values.length > 0)
}
