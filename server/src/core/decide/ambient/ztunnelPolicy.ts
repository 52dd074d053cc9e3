// A policy as ztunnel holds it. The form is that of `policies` in its config_dump.
// Source: istio/ztunnel:src/rbac.rs (Authorization, RbacMatch), istio/istio:pkg/workloadapi/security/authorization.proto.
import type { AddressBlock } from '../../istio/values/addressBlock.ts'

export interface ZtunnelPolicy {
  readonly namespace: string
  readonly name: string
  /** Which workloads: all, those of the namespace, or those that istiod attaches it to. */
  readonly scope: 'Global' | 'Namespace' | 'WorkloadSelector'
  readonly action: 'Allow' | 'Deny'
  /** Matches if any rule does; a policy without rules never does. */
  readonly rules: readonly Clauses[]
  /** Evaluated and logged, never enforced. */
  readonly dryRun: boolean
}

/** One rule: every clause must match; a rule without clauses matches everything. */
export type Clauses = readonly Clause[]

/** Matches if any of its entries does. */
export type Clause = readonly Match[]

/** All fields must hold; an entry without fields never matches. */
export interface Match {
  readonly namespaces?: readonly Open<StringMatch>[]
  readonly notNamespaces?: readonly Open<StringMatch>[]
  readonly serviceAccounts?: readonly Open<ServiceAccountMatch>[]
  readonly notServiceAccounts?: readonly Open<ServiceAccountMatch>[]
  readonly principals?: readonly Open<StringMatch>[]
  readonly notPrincipals?: readonly Open<StringMatch>[]
  readonly sourceIps?: readonly Open<AddressBlock>[]
  readonly notSourceIps?: readonly Open<AddressBlock>[]
  readonly destinationIps?: readonly Open<AddressBlock>[]
  readonly notDestinationIps?: readonly Open<AddressBlock>[]
  readonly destinationPorts?: readonly Open<number>[]
  readonly notDestinationPorts?: readonly Open<number>[]
}

export type StringMatch =
  | { readonly Exact: string }
  | { readonly Prefix: string }
  | { readonly Suffix: string }
  /** Anything but empty. */
  | { readonly Presence: readonly [] }

export interface ServiceAccountMatch {
  readonly namespace: string
  readonly serviceAccount: string
}

/** Or a value that is filled in before the policy is applied: `${TEAM}`. */
export type Open<T> = T | Placeholder

export interface Placeholder {
  readonly placeholder: string
}

export function isOpen<T>(value: Open<T>): value is Placeholder {
  return typeof value === 'object' && value !== null && 'placeholder' in value
}

/** How istiod and ztunnel name a policy: `shop/deny-admin`. */
export function keyOf({ namespace, name }: Pick<ZtunnelPolicy, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}
