// What istiod makes of PeerAuthentications and AuthorizationPolicies for ztunnel (istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go),
// as far as the demo's policies need it: modes without ports, principals and ports.
import type { KubeObject } from '../api/object.ts'
import { selects } from '../mesh/cluster.ts'
import type { Pod } from '../mesh/workload.ts'
import { modeOf } from './listeners.ts'

interface PolicySpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
  readonly targetRefs?: readonly object[]
  readonly action?: string
  readonly rules?: readonly {
    readonly from?: readonly { readonly source: { readonly principals?: readonly string[] } }[]
    readonly to?: readonly { readonly operation: { readonly ports?: readonly string[] } }[]
  }[]
}

const staticStrict = { namespace: 'istio-system', name: 'istio_converted_static_strict' }

/** Names of the policies that istiod attaches to a pod; those of its whole namespace are not named. */
export function policiesOf(pod: Pod, objects: readonly KubeObject[]): readonly string[] {
  const attached = published(objects).filter(({ metadata, spec }) => {
    const { selector } = spec as PolicySpec
    return metadata.namespace === pod.metadata.namespace && selector?.matchLabels && selects(selector.matchLabels, pod)
  })
  const strict = modeOf(pod, 0, objects) === 'STRICT' ? [`${staticStrict.namespace}/${staticStrict.name}`] : []
  return [...attached.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`), ...strict].sort()
}

export function policiesDump(objects: readonly KubeObject[]): readonly object[] {
  const anonymous = { notPrincipals: [{ Presence: [] }] }
  const strict = { ...staticStrict, scope: 'WorkloadSelector', action: 'Deny', rules: [[[anonymous]]], dryRun: false }
  return [...published(objects).map(policyOf), ...(objects.some(({ kind }) => kind === 'PeerAuthentication') ? [strict] : [])]
}

/** Those with targetRefs are for waypoints. */
function published(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter(({ kind, spec }) => kind === 'AuthorizationPolicy' && !(spec as PolicySpec).targetRefs)
}

function policyOf({ metadata, spec }: KubeObject): object {
  const { selector, action = 'ALLOW', rules = [] } = spec as PolicySpec
  const { namespace, name } = metadata
  return {
    namespace,
    name,
    scope: selector ? 'WorkloadSelector' : namespace === 'istio-system' ? 'Global' : 'Namespace',
    action: action === 'DENY' ? 'Deny' : 'Allow',
    // ztunnel cannot look at a request, so a rule that does lets nobody in.
    rules: rules.filter(({ to = [] }) => to.every(({ operation }) => Object.keys(operation).every(key => key === 'ports'))).map(clausesOf),
    dryRun: false,
  }
}

function clausesOf({ from = [], to = [] }: NonNullable<PolicySpec['rules']>[number]): readonly (readonly object[])[] {
  const sources = from.map(({ source }) => ({ principals: (source.principals ?? []).map(Exact => ({ Exact })) }))
  const operations = to.map(({ operation }) => ({ destinationPorts: (operation.ports ?? []).map(Number) }))
  return [sources, operations].filter(({ length }) => length > 0)
}
