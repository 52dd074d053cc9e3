// AuthorizationPolicy. Source: istio/api:security/v1beta1/authorization_policy.proto, told in our words.
import { field, listOf, object, string, strings, valuesOf } from './schema.ts'
import { kind, selector, targetRefs } from './shared.ts'

const source = object('a source', {
  principals: field(
    valuesOf('principal'),
    'Identities of callers, `cluster.local/ns/<namespace>/sa/<service account>`, as their certificates say; without `spiffe://`. Exact, `prefix*`, `*suffix` or `*`. Needs mutual TLS: a plaintext caller has no identity.',
  ),
  notPrincipals: field(
    valuesOf('principal'),
    'Callers that must not match. A plaintext caller has no identity, so it is in none of these.',
  ),
  requestPrincipals: field(
    strings,
    'Issuer and subject of a validated token, `ISS/SUB`. `*` means any valid token. HTTP only, and needs a RequestAuthentication.',
  ),
  notRequestPrincipals: field(strings, 'Tokens that must not match; a request without a token satisfies this.'),
  namespaces: field(valuesOf('namespace'), 'Namespaces of callers, from their certificates. Case-sensitive. Needs mutual TLS.'),
  notNamespaces: field(valuesOf('namespace'), 'Namespaces that must not match; a plaintext caller is in none.'),
  serviceAccounts: field(
    valuesOf('serviceAccount'),
    'Callers by `namespace/serviceAccount`, whatever the trust domain; a bare name means the namespace of this policy. Not together with `principals` or `namespaces`.',
  ),
  notServiceAccounts: field(valuesOf('serviceAccount'), 'Service accounts that must not match.'),
  trustDomains: field(strings, 'Trust domains of callers.'),
  notTrustDomains: field(strings, 'Trust domains that must not match.'),
  ipBlocks: field(strings, 'Addresses or CIDR blocks of the direct peer: behind a gateway that is the gateway.'),
  notIpBlocks: field(strings, 'Blocks that must not match.'),
  remoteIpBlocks: field(strings, 'Addresses of the original client as the proxy trusts them (`X-Forwarded-For`, PROXY protocol).'),
  notRemoteIpBlocks: field(strings, 'Original clients that must not match.'),
})

const operation = object('an operation', {
  hosts: field(strings, 'Host headers, case-insensitive, with the port where the client sent one. HTTP only.'),
  notHosts: field(strings, 'Host headers that must not match.'),
  ports: field(valuesOf('port'), 'Ports of the **workload**, not of the Service, as strings.'),
  notPorts: field(valuesOf('port'), 'Ports that must not match.'),
  methods: field(valuesOf('method'), 'HTTP methods in capitals. gRPC calls are all `POST`.'),
  notMethods: field(valuesOf('method'), 'Methods that must not match.'),
  paths: field(
    strings,
    'Paths without the query: exact, `/prefix*`, `*suffix`, or templates with `{*}` (one segment) and `{**}` (the rest). HTTP only.',
  ),
  notPaths: field(strings, 'Paths that must not match.'),
})

const condition = object('a condition', {
  key: field({ type: 'string', value: 'conditionKey' }, 'The attribute: `request.headers[…]`, `source.ip`, `request.auth.claims[…]` …'),
  values: field(strings, 'Any of these. An attribute that is missing matches none.'),
  notValues: field(strings, 'None of these. An attribute that is missing satisfies this.'),
})

const rule = object('a rule', {
  from: field(
    listOf(object('an entry of "from"', { source: field(source, 'All fields of one source must match.') })),
    'Any of these callers. Left out: any caller.',
  ),
  to: field(
    listOf(object('an entry of "to"', { operation: field(operation, 'All fields of one operation must match.') })),
    'Any of these operations. Left out: any operation. Written as a list item of its own it becomes a second rule.',
  ),
  when: field(listOf(condition), 'All of these conditions.'),
})

export const authorizationPolicy = kind(
  'an AuthorizationPolicy',
  object('the spec of an AuthorizationPolicy', {
    selector,
    ...targetRefs,
    action: field(
      {
        type: 'string',
        words: {
          ALLOW: 'Admits what matches. As soon as one ALLOW policy applies to a workload, everything no ALLOW matches is refused.',
          DENY: 'Refuses what matches, before any ALLOW is looked at.',
          AUDIT: 'Marks what matches for telemetry; decides nothing.',
          CUSTOM: 'Asks the external authorizer named in `provider`, before DENY and ALLOW.',
        },
      },
      'What happens to a request that a rule matches. `ALLOW` where nothing is written.',
    ),
    provider: field(
      object('the provider', { name: field(string, 'Name of an extension provider of the mesh configuration.') }),
      'The external authorizer of a CUSTOM policy.',
    ),
    rules: field(
      listOf(rule),
      'The policy matches if any rule matches. **No rules never match**: an ALLOW policy without rules refuses everything. One empty rule (`[{}]`) matches everything.',
    ),
  }),
)
