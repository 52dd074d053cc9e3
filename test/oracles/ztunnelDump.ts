// A policy as others write it: ztunnel in its config_dump, protobuf as JSON.
import type { Match, ZtunnelPolicy } from '../../server/src/core/decide/ambient/ztunnelPolicy.ts'

export function dumped(policy: ZtunnelPolicy): unknown {
  return { ...policy, rules: policy.rules.map(clauses => clauses.map(clause => clause.map(dumpedMatch))) }
}

const addresses: ReadonlySet<string> = new Set<keyof Match>(['sourceIps', 'notSourceIps', 'destinationIps', 'notDestinationIps'])

function dumpedMatch(match: Match): unknown {
  const fields = Object.entries(match).map(([field, values]) => [field, addresses.has(field) ? values.map(textOf) : values])
  return Object.fromEntries(fields)
}

function textOf(block: object): unknown {
  return 'text' in block ? block.text : block
}

/** Of the policies that istiod makes from PeerAuthentications, which only test ports and whether there is a principal. */
export function protoJson({ namespace, name, rules }: ZtunnelPolicy): unknown {
  const groups = rules.map(clauses => ({ rules: clauses.map(clause => ({ matches: clause.map(protoMatch) })) }))
  return { namespace, name, scope: 'WORKLOAD_SELECTOR', action: 'DENY', groups }
}

function protoMatch({ notPrincipals, ...ports }: Match): unknown {
  return { ...ports, ...(notPrincipals ? { notPrincipals: [{ presence: {} }] } : {}) }
}
