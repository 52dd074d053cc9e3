// AuthorizationTest: our own file of connections with what must become of them. No cluster has this kind; `required` is the reader's demand.
import {
  any,
  boolean,
  type Field,
  field,
  listOf,
  type NumberSchema,
  object,
  type StringSchema,
  string,
  strings,
  wordsOf,
} from './schema.ts'

const workload: StringSchema = { type: 'string', value: 'workload', minLength: 1 }
const address: StringSchema = { type: 'string', value: 'ipAddress' }
const port: NumberSchema = { type: 'integer', format: 'int32', min: 1, max: 65535 }

export const caller = object(
  'from',
  {
    workload: field(workload, 'The caller has the identity of this workload, over mTLS: `namespace/name` of a Pod or of what makes it.', {
      example: 'workload: shop/frontend',
    }),
    principal: field(
      { type: 'string', value: 'principal', minLength: 1 },
      'The caller has this identity, over mTLS. Without `spiffe://`.',
      {
        example: 'principal: cluster.local/ns/shop/sa/frontend',
      },
    ),
    plaintext: field(boolean, 'The caller speaks no mTLS, so it has no identity.', { example: 'plaintext: true' }),
  },
  { oneOf: [{ fields: ['workload', 'principal', 'plaintext'], refusedBy: 'both' }] },
)

export const destination = object('to', {
  workload: field(
    workload,
    'Who is called: `namespace/name` of a Pod, or of its Deployment, StatefulSet, DaemonSet, Job, ReplicaSet or WorkloadEntry. A Pod named exactly wins. Through a waypoint: a pod of the waypoint.',
    { example: 'workload: shop/checkout', required: 'both' },
  ),
  port: field(
    port,
    'The port of the workload (`targetPort`), not of its Service; through a waypoint the port of the `service`. May be left out where the workload has only one.',
    { example: 'port: 8080' },
  ),
  ip: field(address, 'The address that is called, if it is not the first one of the pod.', { example: 'ip: "fd00::7"' }),
  service: field(
    { type: 'string', value: 'serviceName', minLength: 1 },
    'Through a waypoint: the Service that is called, `namespace/name`.',
    {
      example: 'service: shop/checkout',
    },
  ),
})

export const httpRequest = object('request', {
  method: field({ type: 'string', value: 'method' }, 'The HTTP method. Of gRPC it is POST.', { example: 'method: GET' }),
  path: field(string, 'The path as it is sent, with its query.', { example: 'path: /cart?x=1' }),
  host: field(string, 'The `Host` header (`:authority`), with its port if the client sends one.', { example: 'host: checkout' }),
  headers: field(
    { type: 'map', keys: 'text', values: any },
    'Headers by name; a list for one that is sent several times. What is not listed is not sent.',
    { example: 'headers: { x-tenant: a, x-many: [b, c] }' },
  ),
})

export const tokenPlace = object(
  'in',
  {
    header: field({ type: 'string', value: 'header' }, 'The header that carries the token.', { example: 'header: x-token' }),
    prefix: field(string, 'What stands before the token in that header, with its blank.', { example: 'prefix: "Token "', default: '""' }),
    param: field(string, 'The query parameter that carries the token.', { example: 'param: access_token' }),
    cookie: field(string, 'The cookie that carries the token.', { example: 'cookie: session' }),
  },
  { oneOf: [{ fields: ['header', 'param', 'cookie'], refusedBy: 'both' }] },
)

export const sentToken = object('jwt', {
  iss: field(string, 'Issuer of the token.', { example: 'iss: https://id.example.com' }),
  sub: field(string, 'Subject of the token.', { example: 'sub: alice' }),
  aud: field(any, 'Audiences: a text or a list.', { example: 'aud: [shop]' }),
  azp: field(any, 'The authorized presenter.', { example: 'azp: web' }),
  claims: field({ type: 'map', keys: 'text', values: any }, 'All other claims of the payload.', { example: 'claims: { groups: [admin] }' }),
  in: field(tokenPlace, 'Where the token is sent.', {
    example: 'in: { param: token }',
    default: '{ header: Authorization, prefix: "Bearer " }',
  }),
  invalid: field(
    wordsOf({
      expired: 'Its `exp` has passed.',
      'not-yet-valid': 'Its `nbf` is yet to come.',
      'bad-signature': 'No key of the issuer has signed it.',
      malformed: 'It is no JWT.',
    }),
    'What is wrong with the token. Left out: it is good. Whether issuer and audiences suit is for the policies to say.',
    { example: 'invalid: expired' },
  ),
})

export const decider = object('by', {
  policy: field({ type: 'string', value: 'policyName', minLength: 1 }, 'The AuthorizationPolicy, `namespace/name`.', {
    example: 'policy: shop/callers',
  }),
  rule: field({ type: 'integer', format: 'int32', min: 0 }, 'Which of its rules, counted from 0. Left out: any.', { example: 'rule: 0' }),
  published: field(string, 'A policy that istiod itself makes for ztunnel, `namespace/name`.', {
    example: 'published: istio-system/istio_converted_static_strict',
  }),
})

const verdict = { allow: 'The connection or request reaches the workload.', deny: 'It is refused.' }

/** The fields that ask; those that expect stand beside them in a case. */
const question: Readonly<Record<string, Field>> = {
  from: field(caller, 'Who calls: one of `workload`, `principal` and `plaintext`.', {
    example: 'from: { workload: shop/frontend }',
    required: 'both',
  }),
  ip: field(address, 'Address of the TCP peer. Left out: the address of the calling pod, where there is only one; else not known.', {
    example: 'ip: 10.0.0.7',
  }),
  remoteIp: field(address, 'Address of the original client. Left out: what `X-Forwarded-For` says, else the peer.', {
    example: 'remoteIp: 203.0.113.9',
  }),
  to: field(destination, 'Who is called, and on which port.', { example: 'to: { workload: shop/checkout, port: 8080 }', required: 'both' }),
  request: field(httpRequest, 'The HTTP request. Left out: a TCP connection.', { example: 'request: { method: GET, path: /cart }' }),
  jwt: field(sentToken, 'The token that the request carries, as its payload. Left out: none.', {
    example: 'jwt: { iss: https://id.example.com, sub: alice }',
  }),
  provider: field(wordsOf(verdict), 'What the external authorizer of a CUSTOM policy answers. Left out: not known if it is asked.', {
    example: 'provider: deny',
  }),
  sni: field(string, 'The TLS server name that is sent. Left out: none.', { example: 'sni: www.example.com' }),
}

export const testCase = object('a case', {
  name: field(string, 'What the case is about, in a sentence.', { example: 'name: frontend reads the cart' }),
  ...question,
  expect: field(wordsOf(verdict), 'What must come out.', { example: 'expect: allow', required: 'both' }),
  status: field({ type: 'integer', format: 'int32', min: 100, max: 599 }, 'The HTTP status that the client must see. Left out: any.', {
    example: 'status: 403',
  }),
  by: field(decider, 'The policy and the rule that must decide; `none` where no rule may. Left out: not checked.', {
    example: 'by: { policy: shop/callers, rule: 0 }',
  }),
  skip: field(string, 'Why the case is not run for now.', { example: 'skip: waits for the new gateway' }),
})

export const authorizationTest = object('an AuthorizationTest', {
  kind: field(string, 'Always `AuthorizationTest`.', { example: 'kind: AuthorizationTest', required: 'both' }),
  mesh: field(strings, 'Files or folders of the objects to judge by, relative to this file. Left out: the workspace folder.', {
    example: 'mesh: [../mesh.yaml, ../policies]',
  }),
  cases: field(listOf(testCase), 'The connections and what must become of each.', { required: 'both' }),
})
