// The same questions answered in the plainest way: every policy, every rule, every pod, no index, no reasons. What everything else is held against.
import type { LargeMesh, PlainPod, PlainPolicy } from './largeMesh.ts'

export interface PlainRequest {
  readonly to: { readonly namespace: string; readonly app: string }
  readonly principal: string
  readonly method: string
  readonly path: string
  readonly tenant: string
}

export function authorizeNaively({ policies }: Pick<LargeMesh, 'policies'>, request: PlainRequest): 'allow' | 'deny' {
  const inForce = policies.filter(each => applies(each, request.to))
  const matches = (action: PlainPolicy['action']) => inForce.some(each => each.action === action && admits(each, request))
  if (matches('DENY')) return 'deny'
  return matches('ALLOW') || !inForce.some(({ action }) => action === 'ALLOW') ? 'allow' : 'deny'
}

/** Of every identity the policies whose rules name it. */
export function accessNaively({ policies }: Pick<LargeMesh, 'policies'>, to: PlainRequest['to'], principals: readonly string[]) {
  return principals.map(principal => {
    const naming = policies.filter(each => applies(each, to) && each.principals.some(pattern => fits(pattern, principal)))
    return { principal, allow: naming.filter(({ action }) => action === 'ALLOW'), deny: naming.filter(({ action }) => action === 'DENY') }
  })
}

/** What becomes of every connection from one pod of each workload to each pod behind each Service. */
export function mtlsNaively({ pods, plaintextApps, strictNamespaces }: LargeMesh): number {
  const apps = [...new Map(pods.map(pod => [pod.app, pod])).values()]
  let refused = 0
  for (const _ of apps) for (const service of apps) for (const pod of pods) if (pod.app === service.app) refused += isRefused(pod) ? 1 : 0
  return refused

  function isRefused({ app, namespace }: PlainPod): boolean {
    return plaintextApps.includes(app) && strictNamespaces.includes(namespace)
  }
}

/** Which policy is in force at which pod: how many pairs there are. */
export function pairsNaively({ policies, pods }: LargeMesh): number {
  let pairs = 0
  for (const policy of policies) for (const pod of pods) pairs += applies(policy, pod) ? 1 : 0
  return pairs
}

function applies({ namespace, app }: PlainPolicy, to: PlainRequest['to']): boolean {
  return namespace === to.namespace && (app === undefined || app === to.app)
}

function admits({ principals, methods, paths, tenants }: PlainPolicy, { principal, method, path, tenant }: PlainRequest): boolean {
  const any = (patterns: readonly string[], text: string) => patterns.some(pattern => fits(pattern, text))
  return any(principals, principal) && any(methods, method) && any(paths, path) && any(tenants, tenant)
}

function fits(pattern: string, text: string): boolean {
  if (pattern === '*') return text !== ''
  if (pattern.startsWith('*')) return text.endsWith(pattern.slice(1))
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}
