// The RBAC filters that istiod writes for the AuthorizationPolicies of a workload (istio/istio:pilot/pkg/security/authz/builder and model), as far
// as the demo's policies need them.
import type { KubeObject } from '../api/object.ts'
import { selects } from '../mesh/cluster.ts'
import type { Pod } from '../mesh/workload.ts'

type Values = Readonly<Record<string, readonly string[]>>

interface Rule {
  readonly from?: readonly { readonly source: Values }[]
  readonly to?: readonly { readonly operation: Values }[]
}

interface PolicySpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
  readonly targetRefs?: readonly object[]
  readonly action?: 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM'
  readonly rules?: readonly Rule[]
}

type Layer = 'http' | 'network'

/** DENY before ALLOW, each only where a policy has it. Over TCP no rule can look at a request: it is left out of ALLOW and matches more in DENY. */
export function rbacFilters(pod: Pod, objects: readonly KubeObject[], layer: Layer): readonly object[] {
  const policies = objects.filter(object => object.kind === 'AuthorizationPolicy' && covers(object, pod))
  return (['DENY', 'ALLOW'] as const).flatMap(action => {
    const own = policies.filter(({ spec }) => ((spec as PolicySpec).action ?? 'ALLOW') === action)
    return own.length === 0 ? [] : [filter(layer, action, Object.fromEntries(own.flatMap(policy => rulesOf(policy, action, layer))))]
  })
}

function covers({ metadata, spec }: KubeObject, pod: Pod): boolean {
  const { selector, targetRefs } = spec as PolicySpec
  const near = metadata.namespace === pod.metadata.namespace || metadata.namespace === 'istio-system'
  return near && !targetRefs && selects(selector?.matchLabels ?? {}, pod)
}

function filter(layer: Layer, action: 'ALLOW' | 'DENY', policies: object): object {
  return {
    name: `envoy.filters.${layer}.rbac`,
    typed_config: {
      '@type': `type.googleapis.com/envoy.extensions.filters.${layer}.rbac.v3.RBAC`,
      // Envoy does not print what is the default or empty.
      rules: { ...(action === 'DENY' && { action }), ...(Object.keys(policies).length > 0 && { policies }) },
      ...(layer === 'network' && { stat_prefix: 'tcp.' }),
      shadow_rules_stat_prefix: 'istio_dry_run_allow_',
    },
  }
}

function rulesOf({ metadata, spec }: KubeObject, action: 'ALLOW' | 'DENY', layer: Layer): readonly (readonly [string, object])[] {
  return ((spec as PolicySpec).rules ?? []).flatMap(({ from = [], to = [] }, at) => {
    const operations = to.map(({ operation }) => Object.entries(operation))
    const asksRequest = operations.flat().some(([key]) => !('ports' === key || 'notPorts' === key))
    if (layer === 'network' && asksRequest && action === 'ALLOW') return []
    const kept = operations.map(fields => fields.filter(([key]) => layer === 'http' || key.toLowerCase().endsWith('ports')))
    const permissions = kept.map(fields => ({ and_rules: { rules: orAny(fields.map(([key, values]) => permission(key, values))) } }))
    const principals = from.map(({ source }) => ({
      and_ids: { ids: orAny(Object.entries(source).map(([key, values]) => caller(key, values))) },
    }))
    const content = { permissions: orAny(permissions), principals: orAny(principals) }
    return [[`ns[${metadata.namespace}]-policy[${metadata.name}]-rule[${at}]`, content] as const]
  })
}

const orAny = (list: readonly object[]): readonly object[] => (list.length > 0 ? list : [{ any: true }])

const permissions: Readonly<Record<string, (value: string) => object>> = {
  ports: value => ({ destination_port: Number(value) }),
  methods: value => ({ header: { name: ':method', string_match: matcher(value) } }),
  hosts: value => ({ header: { name: ':authority', string_match: { ...matcher(value), ignore_case: true } } }),
  paths: value => ({ url_path: { path: matcher(value) } }),
}

const principals: Readonly<Record<string, (value: string) => object>> = {
  principals: value => ({ authenticated: { principal_name: value === '*' ? matcher(value) : matcher(value, 'spiffe://') } }),
  namespaces: value => ({ authenticated: { principal_name: { safe_regex: { regex: `.*/ns/${value.replace('*', '.*')}/.*` } } } }),
}

function permission(key: string, values: readonly string[]): object {
  const rules = values.map(value => permissions[positive(key)]?.(value) ?? { any: true })
  return positive(key) === key ? { or_rules: { rules } } : { not_rule: { or_rules: { rules } } }
}

function caller(key: string, values: readonly string[]): object {
  const ids = values.map(value => principals[positive(key)]?.(value) ?? { any: true })
  return positive(key) === key ? { or_ids: { ids } } : { not_id: { or_ids: { ids } } }
}

/** `notPrincipals` is `principals`. */
function positive(key: string): string {
  return key.startsWith('not') ? key.charAt(3).toLowerCase() + key.slice(4) : key
}

function matcher(value: string, before = ''): object {
  if (value === '*') return { safe_regex: { regex: '.+' } }
  if (value.endsWith('*')) return { prefix: `${before}${value.slice(0, -1)}` }
  return value.startsWith('*') ? { suffix: value.slice(1) } : { exact: `${before}${value}` }
}
