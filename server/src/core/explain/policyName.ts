// The name that istiod gives a rule inside Envoy: `ns[shop]-policy[no-admin]-rule[0]`.
// Source: istio/istio:pilot/pkg/security/authz/builder/builder.go (policyName, getBadCustomDenyRules), extauthz.go.

export interface PolicyName {
  readonly namespace: string
  readonly name: string
  /** Absent for what ztunnel names: it knows policies, not rules. */
  readonly rule?: number
  /** Of a CUSTOM policy, which is matched to find out whom to ask. */
  readonly asksAuthorizer?: true
  /** Of a CUSTOM policy whose provider istiod cannot use, so that all it matches is refused. */
  readonly withoutAuthorizer?: true
}

const pattern =
  /^(istio-ext-authz-(?:[\w.-]{0,253}-)?)?ns\[([^\][]*)\]-policy\[([^\][]*)\](?:-rule\[(\d+)\])?(-deny-due-to-bad-CUSTOM-action)?/

/** Undefined for `none`, and for what is no name of istiod's. Whatever follows the name is left out. */
export function parsePolicyName(text: string): PolicyName | undefined {
  const [, authorizer, namespace, name, rule, bad] = pattern.exec(text) ?? []
  if (!namespace || !name) return undefined
  return {
    namespace,
    name,
    ...(rule === undefined ? {} : { rule: Number(rule) }),
    ...(bad ? { withoutAuthorizer: true } : authorizer ? { asksAuthorizer: true } : {}),
  }
}

/** `shop/no-admin`, as ztunnel writes it. */
export function parsePolicyKey(text: string): PolicyName | undefined {
  const [, namespace, name] = /^([^\s/"]+)\/([^\s/"]+)/.exec(text) ?? []
  return namespace && name ? { namespace, name } : undefined
}
