// AuthorizationPolicy. Source: istio/api:security/v1beta1/authorization_policy.proto, told in our words.
import { field, listOf, object, string, strings, valuesOf, wordsOf } from './schema.ts'
import { kind, oneTarget, selector, targetRefs } from './shared.ts'

const serviceAccounts = listOf({ type: 'string', value: 'serviceAccount', maxLength: 320 }, { max: 16 })

export const source = object('a source', {
  principals: field(
    valuesOf('principal'),
    'Identities of callers, `cluster.local/ns/<namespace>/sa/<service account>`, as their certificates say; without `spiffe://`. Exact, `prefix*`, `*suffix` or `*`. Needs mutual TLS: a plaintext caller has no identity.',
  ),
  notPrincipals: field(
    valuesOf('principal'),
    'Callers that must not match. A plaintext caller has no identity, so it is in none of these.',
  ),
  requestPrincipals: field(
    valuesOf('requestPrincipal'),
    'Issuer and subject of a validated token, `ISS/SUB`. `*` means any valid token. HTTP only, and needs a RequestAuthentication.',
  ),
  notRequestPrincipals: field(valuesOf('requestPrincipal'), 'Tokens that must not match; a request without a token satisfies this.'),
  namespaces: field(valuesOf('namespace'), 'Namespaces of callers, from their certificates. Case-sensitive. Needs mutual TLS.'),
  notNamespaces: field(valuesOf('namespace'), 'Namespaces that must not match; a plaintext caller is in none.'),
  serviceAccounts: field(
    serviceAccounts,
    'Callers by `namespace/serviceAccount`, whatever the trust domain; a bare name means the namespace of this policy. Not together with `principals` or `namespaces`.',
  ),
  notServiceAccounts: field(serviceAccounts, 'Service accounts that must not match.'),
  trustDomains: field(valuesOf('trustDomain'), 'Trust domains of callers.'),
  notTrustDomains: field(valuesOf('trustDomain'), 'Trust domains that must not match.'),
  ipBlocks: field(valuesOf('ipBlock'), 'Addresses or CIDR blocks of the direct peer: behind a gateway that is the gateway.'),
  notIpBlocks: field(valuesOf('ipBlock'), 'Blocks that must not match.'),
  remoteIpBlocks: field(
    valuesOf('ipBlock'),
    'Addresses of the original client as the proxy trusts them (`X-Forwarded-For`, PROXY protocol).',
  ),
  notRemoteIpBlocks: field(valuesOf('ipBlock'), 'Original clients that must not match.'),
})

export const operation = object('an operation', {
  hosts: field(valuesOf('host'), 'Host headers, case-insensitive, with the port where the client sent one. HTTP only.'),
  notHosts: field(valuesOf('host'), 'Host headers that must not match.'),
  ports: field(valuesOf('port'), 'Ports of the **workload**, not of the Service, as strings.'),
  notPorts: field(valuesOf('port'), 'Ports that must not match.'),
  methods: field(valuesOf('method'), 'HTTP methods in capitals. gRPC calls are all `POST`.'),
  notMethods: field(valuesOf('method'), 'Methods that must not match.'),
  paths: field(
    valuesOf('path'),
    'Paths without the query: exact, `/prefix*`, `*suffix`, or templates with `{*}` (one segment) and `{**}` (the rest). HTTP only.',
  ),
  notPaths: field(valuesOf('path'), 'Paths that must not match.'),
})

export const condition = object('a condition', {
  key: field({ type: 'string', value: 'conditionKey' }, 'The attribute: `request.headers[…]`, `source.ip`, `request.auth.claims[…]` …', {
    example: 'key: request.headers[x-tenant]',
    required: 'both',
  }),
  values: field(strings, 'Any of these. An attribute that is missing matches none.'),
  notValues: field(strings, 'None of these. An attribute that is missing satisfies this.'),
})

export const fromEntry = object('an entry of "from"', {
  source: field(source, 'All fields of one source must match.', { example: 'source: { namespaces: [shop] }' }),
})

export const toEntry = object('an entry of "to"', {
  operation: field(operation, 'All fields of one operation must match.', { example: 'operation: { methods: [GET], paths: ["/cart*"] }' }),
})

export const rule = object('a rule', {
  from: field(listOf(fromEntry, { max: 512 }), 'Any of these callers. Left out: any caller.', {
    example: 'from: [{ source: { namespaces: [shop] } }]',
  }),
  to: field(
    listOf(toEntry),
    'Any of these operations. Left out: any operation. Written as a list item of its own it becomes a second rule.',
    { example: 'to: [{ operation: { methods: [GET] } }]' },
  ),
  when: field(listOf(condition), 'All of these conditions.', { example: 'when: [{ key: source.ip, values: [10.0.0.0/8] }]' }),
})

export const provider = object('the provider', { name: field(string, 'Name of an extension provider of the mesh configuration.') })

export const authorizationPolicySpec = object(
  'the spec of an AuthorizationPolicy',
  {
    selector,
    ...targetRefs,
    action: field(
      wordsOf({
        ALLOW: 'Admits what matches. As soon as one ALLOW policy applies to a workload, everything no ALLOW matches is refused.',
        DENY: 'Refuses what matches, before any ALLOW is looked at.',
        AUDIT: 'Marks what matches for telemetry; decides nothing.',
        CUSTOM: 'Asks the external authorizer named in `provider`, before DENY and ALLOW.',
      }),
      'What happens to a request that a rule matches.',
      { example: 'action: DENY', default: 'ALLOW' },
    ),
    provider: field(provider, 'The external authorizer of a CUSTOM policy.', { example: 'provider: { name: opa }' }),
    rules: field(
      listOf(rule, { max: 512 }),
      'The policy matches if any rule matches. **No rules never match**: an ALLOW policy without rules refuses everything. One empty rule (`[{}]`) matches everything.',
      { example: 'rules: [{ from: [{ source: { namespaces: [shop] } }] }]' },
    ),
  },
  { oneOf: [oneTarget] },
)

export const authorizationPolicy = kind('an AuthorizationPolicy', authorizationPolicySpec)
