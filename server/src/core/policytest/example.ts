// A request to begin with: the one that a rule of a policy describes, as far as one can be told from it.
import type { AuthorizationCondition, AuthorizationPolicy, AuthorizationRule, AuthorizationSource } from '../istio/resources.ts'
import { formatPrincipal, parsePrincipal } from '../istio/values/principal.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Located } from '../yaml/tree.ts'
import { targetsOfPolicy } from './targets.ts'
import { workloadNamed } from './workloadNamed.ts'
import type { WrittenCase, WrittenRequest, WrittenTarget, WrittenToken } from './writtenCase.ts'

/** Undefined where no workload of the policy is known. */
export function exampleFor(policy: AuthorizationPolicy, ruleIndex: number | undefined, mesh: Mesh): WrittenCase | undefined {
  const rule = policy.rules[ruleIndex ?? 0]
  const to = targetFor(rule, targetsOfPolicy(policy, mesh))
  if (!to) return undefined
  const jwt = rule && tokenFor(rule)
  const ip = rule?.from[0]?.ipBlocks[0]?.value.split('/')[0]
  const isHttp = workloadNamed(mesh, to.workload)?.proxy !== 'ztunnel'
  return {
    from: callerFor(rule?.from[0], policy, to, mesh),
    to,
    ...(ip ? { ip } : {}),
    ...(isHttp ? { request: requestFor(rule) } : {}),
    ...(jwt && isHttp ? { jwt } : {}),
  }
}

function targetFor(rule: AuthorizationRule | undefined, targets: readonly WrittenTarget[]): WrittenTarget | undefined {
  const wanted = new Set(rule?.to.flatMap(({ ports }) => ports.map(({ value }) => value)))
  return targets.find(({ port }) => wanted.has(String(port))) ?? targets[0]
}

function callerFor(
  source: AuthorizationSource | undefined,
  policy: AuthorizationPolicy,
  to: WrittenTarget,
  mesh: Mesh,
): WrittenCase['from'] {
  const runsAs = (namespace: string, account: string) =>
    mesh.workloadsIn(namespace).find(({ serviceAccount, name, proxy }) => serviceAccount === account && name !== '' && proxy !== 'none')
  const asWorkload = (namespace: string, account: string) => {
    const workload = runsAs(namespace, account)
    const principal = formatPrincipal({ trustDomain: mesh.settings.trustDomain, namespace, serviceAccount: account })
    return workload ? { workload: `${namespace}/${workload.name}` } : { principal }
  }
  const [principal] = source?.principals ?? []
  const parsed = principal && parsePrincipal(principal.value)
  if (parsed?.match === 'exact') {
    const local = parsed.trustDomain === mesh.settings.trustDomain || parsed.trustDomain === 'cluster.local'
    return local ? asWorkload(parsed.namespace, parsed.serviceAccount) : { principal: formatPrincipal(parsed) }
  }
  const [account] = source?.serviceAccounts ?? []
  if (account) {
    const [first = '', second] = account.value.split('/')
    return second === undefined ? asWorkload(policy.namespace, first) : asWorkload(first, second)
  }
  const [namespace = to.workload.split('/')[0] ?? ''] = source?.namespaces.map(({ value }) => value) ?? []
  const other = mesh
    .workloadsIn(namespace)
    .find(each => each.name !== '' && each.proxy !== 'none' && `${namespace}/${each.name}` !== to.workload)
  return other ? { workload: `${namespace}/${other.name}` } : { plaintext: true }
}

function requestFor(rule: AuthorizationRule | undefined): WrittenRequest {
  const [operation] = rule?.to ?? []
  const first = (values: readonly Located<string>[] | undefined) => (values?.[0] ? concrete(values[0].value) : undefined)
  const path = first(operation?.paths)
  const host = first(operation?.hosts)
  const headers = Object.fromEntries((rule?.when ?? []).flatMap(condition => named(condition, 'request.headers')))
  return {
    method: first(operation?.methods) ?? 'GET',
    path: path?.startsWith('/') ? path : `/${path ?? ''}`,
    ...(host ? { host } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
  }
}

function tokenFor({ from, when }: AuthorizationRule): WrittenToken | undefined {
  const [iss, ...sub] = from[0]?.requestPrincipals[0]?.value.split(/\/(?=[^/]*$)/) ?? []
  const claims = Object.fromEntries(when.flatMap(condition => named(condition, 'request.auth.claims')))
  if (iss === undefined && Object.keys(claims).length === 0) return undefined
  return {
    ...(iss === undefined ? {} : { iss: concrete(iss) }),
    ...(sub[0] === undefined ? {} : { sub: concrete(sub[0]) || 'someone' }),
    ...(Object.keys(claims).length > 0 ? { claims } : {}),
  }
}

/** `request.headers[x-team]` with its first value. */
function named({ key, values }: AuthorizationCondition, attribute: string): readonly (readonly [string, string])[] {
  const [value] = values
  const name = key.value.startsWith(`${attribute}[`) && key.value.endsWith(']') ? key.value.slice(attribute.length + 1, -1) : ''
  return value && name && !name.includes('[') ? [[name, concrete(value.value) || 'a']] : []
}

/** What a pattern stands for: its text without wildcards. */
function concrete(pattern: string): string {
  return pattern.replaceAll(/\{\*{1,2}\}/g, 'a').replaceAll('*', '')
}
