// CUSTOM policies: an external authorizer refused, did not answer, or cannot be asked.
// Source: envoyproxy/envoy:source/extensions/filters/http/ext_authz/ext_authz.cc (`ext_authz_denied`, `ext_authz_error`).
import { inForceAt } from '../../decide/authorization/inForce.ts'
import type { NamedPolicy } from '../explanation.ts'
import type { Refusal } from '../refusal.ts'
import { type Account, agreement, callIn, doubtsAbout, found, keyOf, named, route, ruleOf, type Situation } from './account.ts'

export function authorizerDenied(at: Situation): Account {
  const { policies, provider } = asking(at)
  return {
    happened: `The external authorizer${provider} refused ${callIn(at)}${route(at)}.`,
    policies,
    means: ['A CUSTOM policy sends what its rules match to an authorizer, whose answer reached the client.', ...which(policies)],
    repair: ['Look in the log of the authorizer: it decided. An answer over HTTP other than 200 counts as refusal.', ...narrow(policies)],
  }
}

export function authorizerFailed(at: Situation): Account {
  const { policies, provider } = asking(at)
  return {
    happened: `The external authorizer${provider} did not answer, so ${callIn(at)}${route(at)} was refused.`,
    policies,
    means: ['It could not be reached, answered too late, or with an error; failOpen is not set for it.', ...which(policies)],
    repair: [
      'Check that the service of the extension provider runs, is reachable from the proxy, and that its name and port in MeshConfig.extensionProviders are right.',
      'Where the proxy sends mTLS and the authorizer has no proxy, turn TLS off for its host with a DestinationRule.',
    ],
  }
}

export function authorizerUnusable({ policy }: Extract<Refusal, { kind: 'authorizer-unusable' }>, at: Situation): Account {
  const name = named(policy, at)
  return {
    happened: `${capitalRule(ruleOf(policy))} asks an external authorizer that istiod cannot use, so ${callIn(at)}${route(at)} was refused.`,
    policies: [name],
    means: [
      'Where the provider of a CUSTOM policy does not exist, or a workload has more than one, everything that the rules match is refused.',
      ...doubtsAbout(name),
      ...agreement(at, policy),
    ],
    repair: [`Name a provider of MeshConfig.extensionProviders in ${keyOf(policy)}, the same for all CUSTOM policies of the workload.`],
  }
}

export function authorizerAsked({ policy }: Extract<Refusal, { kind: 'authorizer-asked' }>, at: Situation): Account {
  const name = named(policy, at)
  return {
    happened: `Nothing was refused here: ${ruleOf(policy)} matches ${callIn(at)}${route(at)}, so the external authorizer is asked.`,
    policies: [name],
    means: ['"shadow denied" with istio-ext-authz is how Envoy finds out whom a CUSTOM policy is for.', ...doubtsAbout(name)],
    repair: [],
  }
}

function capitalRule(text: string): string {
  return text.replace(/^rule/, 'Rule')
}

interface Asking {
  readonly policies: readonly NamedPolicy[]
  /** ` opa` where there is but one. */
  readonly provider: string
}

/** The rule that is certain to have asked, else every CUSTOM policy of the workload. */
function asking({ to, mesh, decision }: Situation): Asking {
  const hits = decision?.steps.filter(step => 'policy' in step && step.action === 'CUSTOM' && step.matched === 'yes') ?? []
  const certain = hits.flatMap(step => ('policy' in step ? [found(step.policy, step.rule)] : []))
  const custom = to && to.workload.proxy !== 'ztunnel' ? inForceAt(to, mesh).policies.filter(({ action }) => action === 'CUSTOM') : []
  const providers = new Set(custom.map(({ provider }) => provider?.value))
  const [only] = providers
  return {
    policies: certain.length > 0 ? certain : custom.map(policy => found(policy)),
    provider: providers.size === 1 && only ? ` ${only}` : '',
  }
}

function which(policies: readonly NamedPolicy[]): readonly string[] {
  return policies.length === 0 ? ['Which CUSTOM policy that is, is not known here.'] : []
}

function narrow(policies: readonly NamedPolicy[]): readonly string[] {
  const [only] = policies
  return only && policies.length === 1 ? [`If it need not be asked about this, narrow the rules of ${keyOf(only)}.`] : []
}
