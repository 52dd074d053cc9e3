// AuthorizationPolicy. Source: istio/api:security/v1beta1/authorization_policy.proto, told in our words.
import { type Field, field, listOf, object, type StringSchema, string, type ValueKind, wordsOf } from './schema.ts'
import { kind, oneTarget, selector, targetRefs } from './shared.ts'

/** A value to compare with. */
function matched<const V extends ValueKind>(value: V): StringSchema {
  return { type: 'string', value, nonEmpty: true }
}

const principals = listOf(matched('principal'))
const requestPrincipals = listOf(matched('requestPrincipal'))
const namespaces = listOf(matched('namespace'))

export const serviceAccount = matched('serviceAccount')
/** The CRD's bounds (16 items, 320 characters) are Istio's as well; a rule of its own tells both. */
const serviceAccounts = listOf(serviceAccount)

export const trustDomain = matched('trustDomain')
const trustDomains = listOf(trustDomain)

export const ipBlock = matched('ipBlock')
const ipBlocks = listOf(ipBlock)

export const source = object(
  'a source',
  {
    principals: field(
      principals,
      'Identities of callers, `cluster.local/ns/<namespace>/sa/<service account>`, as their certificates say; without `spiffe://`. Exact, `prefix*`, `*suffix` or `*`. Needs mutual TLS: a plaintext caller has no identity.',
      { example: 'principals: [cluster.local/ns/shop/sa/checkout]' },
    ),
    notPrincipals: field(
      principals,
      'Callers that must not match. A plaintext caller has no identity, so it is in none of these and gets through.',
      { example: 'notPrincipals: [cluster.local/ns/shop/sa/guest]' },
    ),
    requestPrincipals: field(
      requestPrincipals,
      'Issuer and subject of a validated token, `ISS/SUB`. `*` means any valid token. HTTP only, and needs a RequestAuthentication.',
      { example: 'requestPrincipals: ["https://idp.example.com/*"]' },
    ),
    notRequestPrincipals: field(
      requestPrincipals,
      'Tokens that must not match; a request without a token satisfies this. In a DENY policy `["*"]` refuses requests without a token.',
      { example: 'notRequestPrincipals: ["*"]' },
    ),
    namespaces: field(
      namespaces,
      'Namespaces of callers, from their certificates. Case-sensitive; `prefix*` and `*suffix` are possible. Needs mutual TLS.',
      { example: 'namespaces: [shop, istio-system]' },
    ),
    notNamespaces: field(namespaces, 'Namespaces of callers that must not match; a plaintext caller is in none and gets through.', {
      example: 'notNamespaces: [legacy]',
    }),
    serviceAccounts: field(
      serviceAccounts,
      'Callers by `namespace/serviceAccount`, whatever the trust domain; a bare name means the namespace of this policy. At most 16, no wildcards, and not together with `principals` or `namespaces`.',
      { example: 'serviceAccounts: [shop/checkout]', since: '1.25' },
    ),
    notServiceAccounts: field(
      serviceAccounts,
      'Service accounts that must not match, written like `serviceAccounts`; a plaintext caller has none and gets through.',
      { example: 'notServiceAccounts: [shop/guest]', since: '1.25' },
    ),
    trustDomains: field(
      trustDomains,
      'Trust domains of callers, from their certificates: exact, `prefix*`, `*suffix` or `*`. Needs mutual TLS.',
      { example: 'trustDomains: [cluster.local]', since: '1.30' },
    ),
    notTrustDomains: field(trustDomains, 'Trust domains that must not match; a plaintext caller has none and gets through.', {
      example: 'notTrustDomains: [partner.example]',
      since: '1.30',
    }),
    ipBlocks: field(
      ipBlocks,
      'Addresses or CIDR blocks of the direct peer, from the IP packet: behind a gateway or a load balancer that is the gateway, not the client.',
      { example: 'ipBlocks: [10.0.0.0/8, 203.0.113.7]' },
    ),
    notIpBlocks: field(ipBlocks, 'Addresses or blocks of the direct peer that must not match.', { example: 'notIpBlocks: [10.9.0.0/16]' }),
    remoteIpBlocks: field(
      ipBlocks,
      'Addresses or blocks of the original client as the proxy trusts them (`X-Forwarded-For`, PROXY protocol). Right only where `numTrustedProxies` of the gateway is.',
      { example: 'remoteIpBlocks: [203.0.113.0/24]' },
    ),
    notRemoteIpBlocks: field(ipBlocks, 'Addresses or blocks of the original client that must not match.', {
      example: 'notRemoteIpBlocks: [198.51.100.0/24]',
    }),
  },
  { atLeastOne: true },
)

const hosts = listOf(matched('host'))

export const port = matched('port')
const ports = listOf(port)

const methods = listOf(matched('method'))

export const path = matched('path')
const paths = listOf(path)

export const operation = object(
  'an operation',
  {
    hosts: field(
      hosts,
      'Host headers, case-insensitive, with the port where the client sent one: name both `shop.example.com` and `shop.example.com:*`. HTTP only.',
      { example: 'hosts: [shop.example.com, "shop.example.com:*"]' },
    ),
    notHosts: field(hosts, 'Host headers that must not match. HTTP only: a TCP connection has none.', {
      example: 'notHosts: [internal.example.com]',
    }),
    ports: field(ports, 'Ports of the **workload**, not of the Service, as text in quotes.', { example: 'ports: ["8080"]' }),
    notPorts: field(ports, 'Ports of the workload that must not match, as text in quotes.', { example: 'notPorts: ["15021"]' }),
    methods: field(methods, 'HTTP methods in capitals. gRPC calls are all `POST`. HTTP only.', { example: 'methods: [GET, HEAD]' }),
    notMethods: field(methods, 'Methods that must not match. HTTP only: a TCP connection has none.', { example: 'notMethods: [DELETE]' }),
    paths: field(
      paths,
      'Paths without the query, case-sensitive: exact, `/prefix*`, `*suffix`, or templates with `{*}` (one segment) and `{**}` (the rest). A gRPC call has `/package.Service/Method`. HTTP only.',
      { example: 'paths: ["/cart/*", "/orders/{*}/items"]' },
    ),
    notPaths: field(paths, 'Paths that must not match, written like `paths`. HTTP only: a TCP connection has none.', {
      example: 'notPaths: [/healthz]',
    }),
  },
  { atLeastOne: true },
)

const conditionValues = listOf({ type: 'string', nonEmpty: true })

export const condition = object('a condition', {
  key: field(
    { type: 'string', value: 'conditionKey', nonEmpty: true },
    'The attribute, in exactly this spelling: `request.headers[…]`, `source.ip`, `request.auth.claims[…]` …',
    { example: 'key: request.headers[x-tenant]', required: 'both' },
  ),
  values: field(conditionValues, 'Any of these. An attribute that is missing matches none.', { example: 'values: [acme, "beta*"]' }),
  notValues: field(conditionValues, 'None of these. An attribute that is missing satisfies this.', { example: 'notValues: [guest]' }),
})

export const fromEntry = object('an entry of "from"', {
  source: field(source, 'All fields of one source must match; several sources are alternatives, each an entry of its own.', {
    example: 'source: { namespaces: [shop] }',
    required: 'webhook',
  }),
})

export const toEntry = object('an entry of "to"', {
  operation: field(operation, 'All fields of one operation must match; several operations are alternatives, each an entry of its own.', {
    example: 'operation: { methods: [GET], paths: ["/cart*"] }',
    required: 'webhook',
  }),
})

export const rule = object('a rule', {
  from: field(listOf(fromEntry, { max: 512 }), 'Any of these callers. Left out or empty: any caller.', {
    example: 'from: [{ source: { namespaces: [shop] } }]',
  }),
  to: field(
    listOf(toEntry),
    'Any of these operations. Left out or empty: any operation. Written as a list item of its own it becomes a second rule.',
    { example: 'to: [{ operation: { methods: [GET] } }]' },
  ),
  when: field(listOf(condition), 'All of these conditions.', { example: 'when: [{ key: source.ip, values: [10.0.0.0/8] }]' }),
})

const provider: Field = field(
  object('the provider', {
    name: field(string, 'Name of an extension provider of the mesh configuration (`extensionProviders`).', { example: 'name: opa' }),
  }),
  'The external authorizer of a CUSTOM policy; all other policies have none.',
  { example: 'provider: { name: opa }' },
)

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
      'What happens to a request that a rule matches. Forgotten in a policy that was meant to refuse, it admits.',
      { example: 'action: DENY', default: 'ALLOW' },
    ),
    provider,
    rules: field(
      listOf(rule, { max: 512 }),
      'The policy matches if any rule matches. **No rules never match**: an ALLOW policy without rules refuses everything. One empty rule (`[{}]`) matches everything.',
      { example: 'rules: [{ from: [{ source: { namespaces: [shop] } }] }]' },
    ),
  },
  { oneOf: [oneTarget] },
)

export const authorizationPolicy = kind('an AuthorizationPolicy', authorizationPolicySpec)
