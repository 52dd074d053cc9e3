// Lines as proxies write them, and what is told of each.
import { describe, expect, test } from 'vitest'
import { explain } from '../../../../server/src/core/explain/explain.ts'
import type { Explanation } from '../../../../server/src/core/explain/explanation.ts'
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'
import { fileMesh } from '../../../support/mesh.ts'
import { ambient, sidecars } from './meshes.ts'

interface Row {
  readonly name: string
  readonly text: string
  readonly kind: Explanation['kind']
  readonly by?: Explanation['refusedBy']
  readonly happened: string
  /** `shop/no-admin 0` */
  readonly policies?: readonly string[]
  /** Texts that stand in one of the sentences. */
  readonly means?: readonly string[]
  readonly repair?: readonly string[]
}

const only = (text: string, mesh: Mesh): Explanation => {
  const [first, ...more] = explain(text, mesh).explanations
  expect(more.map(({ happened }) => happened)).toEqual([])
  if (!first) throw new Error('there is always an explanation')
  return first
}

function check(row: Row, mesh: Mesh) {
  const told = only(row.text, mesh)
  expect({ kind: told.kind, happened: told.happened }).toEqual({ kind: row.kind, happened: row.happened })
  if (row.by) expect(told.refusedBy).toBe(row.by)
  if (row.policies)
    expect(told.policies.map(({ namespace, name, rule }) => [`${namespace}/${name}`, rule ?? []].flat().join(' '))).toEqual(row.policies)
  for (const text of row.means ?? []) expect(told.means.join('\n')).toContain(text)
  for (const text of row.repair ?? []) expect(told.repair.join('\n')).toContain(text)
}

const checkoutSni = 'outbound_.80_._.checkout.shop.svc.cluster.local'
const frontend = '10.0.0.7:40062'

/** The end of a line of the server's sidecar. */
const arrived = (remote: string, sni = checkoutSni) =>
  `- "-" 0 19 0 - "-" "curl/8.11.1" "d9b68dca-5761-48aa-aff1-dfc8d170b5e1" "checkout:80" "-" inbound|8080|| - 10.0.0.20:8080 ${remote} ${sni} default`

const request = (head: string, tail: string) => `[2026-11-09T08:05:55.932Z] "${head} ${tail}`

/** The end of a line of the client's sidecar. */
const sent = (transport: string, upstream = '10.0.0.20:8080') =>
  `- "${transport}" 0 95 1 - "-" "curl/8.11.1" "56fd0f76-70e7-9135-a60e-66799df83b62" "checkout" "${upstream}" outbound|80||checkout.shop.svc.cluster.local - 10.96.172.178:80 10.0.0.7:36914 - default`

const atGateway = (remote: string) =>
  `- "-" 0 19 0 - "203.0.113.7" "curl/8.7.1" "12a6498f-79e9-4c95-9452-76720468a51b" "shop.example.com" "-" outbound|80||checkout.shop.svc.cluster.local - 10.0.0.40:8443 ${remote} shop.example.com -`

const policyRows: readonly Row[] = [
  {
    name: 'a DENY rule',
    text: request('GET /admin HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[no-admin]-rule[0]]', arrived(frontend)),
    kind: 'denied',
    by: 'sidecar',
    happened: 'DENY policy shop/no-admin, rule 0, refused GET /admin from shop/frontend-1 to shop/checkout-1:8080.',
    policies: ['shop/no-admin 0'],
    means: ['What is known now says the same: AuthorizationPolicy shop/no-admin, rule 0, denies it: path /admin is in [/admin*].'],
    repair: ['narrow rule 0 of shop/no-admin, or except the caller there: notPrincipals ["cluster.local/ns/shop/sa/frontend"]'],
  },
  {
    name: 'a policy that is gone',
    text: request('GET /x HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[gone]-rule[0]]', arrived(frontend)),
    kind: 'denied',
    happened: 'DENY policy shop/gone, rule 0, refused GET /x from shop/frontend-1 to shop/checkout-1:8080.',
    means: [
      'There is no policy shop/gone any more: it was deleted, or the proxy is not in step',
      'is open. Not known, and it decides: the token.',
    ],
    repair: ['kubectl get authorizationpolicy gone -n shop'],
  },
  {
    name: 'a rule that the known policy lacks',
    text: request('GET /admin HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[no-admin]-rule[3]]', arrived(frontend)),
    kind: 'denied',
    happened: 'DENY policy shop/no-admin, rule 3, refused GET /admin from shop/frontend-1 to shop/checkout-1:8080.',
    means: ['The known shop/no-admin has 1 rule, so the proxy has another version of it.'],
  },
  {
    name: 'an action that was changed since',
    text: request('GET /x HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[callers]-rule[0]]', arrived(frontend)),
    kind: 'denied',
    happened: 'DENY policy shop/callers, rule 0, refused GET /x from shop/frontend-1 to shop/checkout-1:8080.',
    means: ['The known shop/callers has the action ALLOW'],
  },
  {
    name: 'nothing allows it: the method is the only obstacle',
    text: request('POST /cart HTTP/1.1" 403 - rbac_access_denied_matched_policy[none]', arrived(frontend)),
    kind: 'not-allowed',
    by: 'sidecar',
    happened: 'No ALLOW policy lets POST /cart from shop/frontend-1 to shop/checkout-1:8080 in, so it is refused.',
    policies: ['shop/callers'],
    repair: ['Everything but one condition of rule 0 of shop/callers holds: method POST is not in [GET].'],
  },
  {
    name: 'nothing allows it: the caller is the only obstacle',
    text: request('GET /cart HTTP/1.1" 403 - rbac_access_denied_matched_policy[none]', arrived('10.0.0.8:5000')),
    kind: 'not-allowed',
    happened: 'No ALLOW policy lets GET /cart from billing/invoicer-1 to shop/checkout-1:8080 in, so it is refused.',
    repair: [`Add the caller's identity to rule 0 of shop/callers: principals ["cluster.local/ns/billing/sa/invoicer"].`],
  },
  {
    name: 'nothing allows it: no rule is near',
    text: request('DELETE /cart HTTP/1.1" 403 - rbac_access_denied_matched_policy[none]', arrived('10.0.0.8:5000')),
    kind: 'not-allowed',
    happened: 'No ALLOW policy lets DELETE /cart from billing/invoicer-1 to shop/checkout-1:8080 in, so it is refused.',
    repair: [
      'add a rule for DELETE /cart from principals ["cluster.local/ns/billing/sa/invoicer"] to an ALLOW policy of shop/checkout, such as shop/callers',
    ],
  },
  {
    name: 'by now it would be allowed',
    text: request('GET / HTTP/2" 403 - rbac_access_denied_matched_policy[ns[edge]-policy[offices]-rule[0]]', atGateway('192.0.2.5:0')),
    kind: 'denied',
    happened: 'DENY policy edge/offices, rule 0, refused GET / from 192.0.2.5 to edge/ingress-1:8443.',
    means: ['By what is known now it would be let in: No ALLOW policy applies', 'So something changed since'],
  },
  {
    name: 'a TCP connection, in its termination details',
    text: `[2026-11-09T08:05:55.932Z] "- - -" 0 - - rbac_access_denied_matched_policy[none] "-" 12 0 3 - "-" "-" "-" "-" "-" inbound|5432|| - 10.0.0.30:5432 10.0.0.7:51000 outbound_.5432_._.ledger.shop.svc.cluster.local -`,
    kind: 'not-allowed',
    by: 'sidecar',
    happened: 'No ALLOW policy lets the connection from shop/frontend-1 to shop/ledger-1:5432 in, so it is refused.',
    policies: ['shop/ledger'],
    means: ['shop/ledger has no rules: it matches nothing, so alone it refuses everything.'],
  },
  {
    name: 'JSON of Istio',
    text: JSON.stringify({
      authority: 'checkout:80',
      downstream_local_address: '10.0.0.20:8080',
      downstream_remote_address: frontend,
      method: 'GET',
      path: '/admin/users',
      protocol: 'HTTP/1.1',
      requested_server_name: checkoutSni,
      response_code: 403,
      response_code_details: 'rbac_access_denied_matched_policy[ns[shop]-policy[no-admin]-rule[0]]',
      response_flags: '-',
      upstream_cluster: 'inbound|8080||',
      upstream_host: null,
      user_agent: 'rbac_access_denied_matched_policy[none]',
    }),
    kind: 'denied',
    happened: 'DENY policy shop/no-admin, rule 0, refused GET /admin/users from shop/frontend-1 to shop/checkout-1:8080.',
  },
  {
    name: 'a gateway, by the address that X-Forwarded-For gives',
    text: request('GET / HTTP/2" 403 - rbac_access_denied_matched_policy[ns[edge]-policy[offices]-rule[0]]', atGateway('203.0.113.7:0')),
    kind: 'denied',
    by: 'gateway',
    happened: 'DENY policy edge/offices, rule 0, refused GET / from 203.0.113.7 to edge/ingress-1:8443.',
    means: ['What is known now says the same', 'remote address 203.0.113.7'],
  },
  {
    name: 'behind the gateway, the caller is the gateway',
    text: request('GET /cart HTTP/1.1" 403 - rbac_access_denied_matched_policy[none]', arrived('10.0.0.40:5000')),
    kind: 'not-allowed',
    happened: 'No ALLOW policy lets GET /cart from edge/ingress-1 to shop/checkout-1:8080 in, so it is refused.',
    means: ['The caller is the gateway edge/ingress-1: for who called it only its own policies can ask.'],
    repair: [`principals ["cluster.local/ns/edge/sa/ingress"]`],
  },
  {
    name: 'behind a proxy that forwards for others, the caller is not told',
    text: request('GET /cart HTTP/1.1" 403 - rbac_access_denied_matched_policy[none]', arrived('203.0.113.7:0')),
    kind: 'not-allowed',
    happened: 'No ALLOW policy lets GET /cart from 203.0.113.7 to shop/checkout-1:8080 in, so it is refused.',
    means: ['Who called is not certain from the line, so the known policies were not asked.'],
  },
  {
    name: "an address that a pod shares with its node is nobody's",
    text: request('GET /cart HTTP/1.1" 403 - rbac_access_denied_matched_policy[none]', arrived('10.9.0.1:5000')),
    kind: 'not-allowed',
    happened: 'No ALLOW policy lets GET /cart from 10.9.0.1 to shop/checkout-1:8080 in, so it is refused.',
    means: ['Who called is not certain'],
  },
  {
    name: 'the debug log of the RBAC filter',
    text: `2026-11-09T20:43:18.552857Z\tdebug\tenvoy rbac checking request: requestedServerName: ${checkoutSni}, sourceIP: 10.0.0.8:46180, directRemoteIP: 10.0.0.8:46180, remoteIP: 10.0.0.8:46180,localAddress: 10.0.0.20:8080, ssl: uriSanPeerCertificate: spiffe://cluster.local/ns/reports/sa/nightly, dnsSanPeerCertificate: , subjectPeerCertificate: , headers: ':authority', 'checkout'
':path', '/cart'
':method', 'GET'
'user-agent', 'curl/8'
, dynamicMetadata: filter_metadata {
  key: "istio_authn"
}
2026-11-09T20:43:18.552910Z\tdebug\tenvoy rbac enforced denied, matched policy none
2026-11-09T20:43:18.552965Z\tdebug\tenvoy http [C73987][S13078] Sending local reply with details rbac_access_denied_matched_policy[none]`,
    kind: 'not-allowed',
    by: 'sidecar',
    happened: 'No ALLOW policy lets GET /cart from billing/invoicer-1 to shop/checkout-1:8080 in, so it is refused.',
    repair: [
      `rule 0 of shop/callers: principals ["cluster.local/ns/reports/sa/nightly"]`,
      'rule 1 of shop/callers holds: method GET is not in [PUT]',
    ],
  },
  {
    name: 'a policy in dry run',
    text: '2026-11-09T20:59:11.838529Z debug envoy rbac shadow denied, matched policy ns[shop]-policy[no-admin]-rule[0]',
    kind: 'dry-run',
    by: 'none',
    happened: 'Nothing was refused: rule 0 of shop/no-admin would refuse the connection if it were enforced.',
  },
  {
    name: 'ALLOW policies in dry run of which none matches',
    text: '2026-11-09T20:59:11.838529Z debug envoy rbac shadow denied, matched policy none',
    kind: 'dry-run',
    happened:
      'Nothing was refused: no rule of the ALLOW policies in dry run matches the connection, which would be refused if they were enforced.',
  },
  {
    name: 'a CUSTOM rule is watched to find out whom to ask',
    text: '2026-11-09T20:59:11.838529Z debug envoy rbac shadow denied, matched policy istio-ext-authz-opa-ns[shop]-policy[ask]-rule[0]',
    kind: 'authorizer-asked',
    by: 'none',
    happened: 'Nothing was refused here: rule 0 of shop/ask matches the connection, so the external authorizer is asked.',
  },
  {
    name: 'the body alone',
    text: 'RBAC: access denied',
    kind: 'access-denied',
    by: 'proxy',
    happened: 'An AuthorizationPolicy refused the request; the text does not tell which one.',
    repair: ['response_code_details'],
  },
  {
    name: 'the error of a gRPC client',
    text: 'rpc error: code = PermissionDenied desc = RBAC: access denied',
    kind: 'access-denied',
    happened: 'An AuthorizationPolicy refused the request; the text does not tell which one.',
  },
]

const authorizerRows: readonly Row[] = [
  {
    name: 'refused',
    text: request('GET /pay HTTP/1.1" 403 UAEX ext_authz_denied', arrived(frontend)),
    kind: 'authorizer-denied',
    by: 'sidecar',
    happened: 'The external authorizer opa refused GET /pay from shop/frontend-1 to shop/checkout-1:8080.',
    policies: ['shop/ask 0'],
  },
  {
    name: 'silent',
    text: request('GET /pay HTTP/1.1" 403 UAEX ext_authz_error', arrived(frontend)),
    kind: 'authorizer-failed',
    happened: 'The external authorizer opa did not answer, so GET /pay from shop/frontend-1 to shop/checkout-1:8080 was refused.',
    repair: ['MeshConfig.extensionProviders'],
  },
  {
    name: 'unusable',
    text: request(
      'GET /pay HTTP/1.1" 403 - rbac_access_denied_matched_policy[istio-ext-authz-opa-ns[shop]-policy[ask]-rule[0]-deny-due-to-bad-CUSTOM-action]',
      arrived(frontend),
    ),
    kind: 'authorizer-unusable',
    happened:
      'Rule 0 of shop/ask asks an external authorizer that istiod cannot use, so GET /pay from shop/frontend-1 to shop/checkout-1:8080 was refused.',
    policies: ['shop/ask 0'],
    means: ['the mesh has no authorizer "opa"'],
  },
]

const token = (text: string) => request(`GET /cart HTTP/1.1" 401 - jwt_authn_access_denied{${text}}`, arrived(frontend))

const tokenRows: readonly Row[] = [
  {
    name: 'expired',
    text: token('Jwt_is_expired'),
    kind: 'token',
    by: 'sidecar',
    happened: 'The token of GET /cart from shop/frontend-1 to shop/checkout-1:8080 was not accepted: Jwt is expired.',
    policies: ['shop/tokens'],
  },
  {
    name: 'another issuer',
    text: token('Jwt_issuer_is_not_configured'),
    kind: 'token',
    happened: 'The token of GET /cart from shop/frontend-1 to shop/checkout-1:8080 was not accepted: Jwt issuer is not configured.',
    means: ['Accepted by what is known: "https://id.example.net".'],
    repair: ['add a jwtRule with it to shop/tokens'],
  },
  {
    name: 'another audience',
    text: token('Audiences_in_Jwt_are_not_allowed'),
    kind: 'token',
    happened: 'The token of GET /cart from shop/frontend-1 to shop/checkout-1:8080 was not accepted: Audiences in Jwt are not allowed.',
    means: ['Accepted by what is known: "checkout".'],
  },
  ...[
    ['Jwt is missing', 'another gateway'],
    ['Jwt verification fails', 'does not fit the key'],
    ["Jwks doesn't have key to match kid or alg from Jwt", 'key id'],
    ['Jwks remote fetch is failed', 'could not be fetched'],
    ['Jwt is not in the form of Header.Payload.Signature', 'three parts|compact form'],
  ].map(
    ([body = '', means = '']): Row => ({
      name: `the body "${body}"`,
      text: body,
      kind: 'token',
      happened: `The token of the request was not accepted: ${body}.`,
      means: [means.split('|').at(-1) ?? ''],
    }),
  ),
]

const handshakeRows: readonly Row[] = [
  {
    name: 'plaintext to STRICT from a pod without proxy',
    text: '[2026-11-09T22:26:48.133Z] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.0.0.20:8080 10.0.0.9:45690 - -',
    kind: 'no-filter-chain',
    by: 'sidecar',
    happened:
      'The proxy of shop/checkout-1 closed a plaintext connection from old/legacy-1 to shop/checkout-1:8080: the port is STRICT by PeerAuthentication shop/default.',
    policies: ['shop/default'],
    means: ['old/legacy-1 has no proxy'],
    repair: ['Give old/legacy a proxy.', 'Set PERMISSIVE for port 8080 of shop/checkout with portLevelMtls'],
  },
  {
    name: 'plaintext to STRICT from outside',
    text: '[2026-11-09T22:26:48.133Z] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.0.0.20:8080 198.51.100.4:45690 - -',
    kind: 'no-filter-chain',
    happened:
      'The proxy of shop/checkout-1 closed a plaintext connection from 198.51.100.4 to shop/checkout-1:8080: the port is STRICT by PeerAuthentication shop/default.',
    means: ['Nothing known has the address 198.51.100.4'],
  },
  {
    name: 'a host that the gateway does not serve',
    text: '[2026-11-09T22:26:48.133Z] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.0.0.40:8443 198.51.100.4:45690 www.example.com -',
    kind: 'no-filter-chain',
    by: 'gateway',
    happened:
      'No server of the gateway takes the connection from 198.51.100.4 to edge/ingress-1:8443 for the host "www.example.com", so it was closed.',
    means: ['Servers of this port are for: shop.example.com.'],
    repair: ['Add "www.example.com" to the hosts'],
  },
  {
    name: 'the same, as the client sees it',
    text: request('GET /cart HTTP/1.1" 503 UC upstream_reset_before_response_started{connection_termination}', sent('-')),
    kind: 'closed-by-server',
    happened:
      'The connection from shop/frontend-1 to shop/checkout-1:8080 was established, then closed by the other side before it answered.',
    repair: ['filter_chain_not_found stands for plaintext to STRICT'],
  },
  ...(
    [
      ['CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_verify_SAN_list', 'of another identity or host'],
      [
        'CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_X509_verify_cert:_certificate_verification_error_at_depth_0:_certificate_has_expired',
        'has expired',
      ],
      [
        'CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_X509_verify_cert:_certificate_verification_error_at_depth_0:_unable_to_get_local_issuer_certificate',
        'does not trust',
      ],
      ['CERTIFICATE_VERIFY_FAILED', 'does not tell why'],
      ['WRONG_VERSION_NUMBER', 'One side speaks TLS, the other plaintext'],
      ['TLSV1_ALERT_UNKNOWN_CA', 'The other side does not trust the root'],
      ['SSLV3_ALERT_CERTIFICATE_EXPIRED', 'found the certificate of this side expired'],
      ['PEER_DID_NOT_RETURN_A_CERTIFICATE', 'none was shown'],
      ['NO_SHARED_CIPHER', 'cipher suite'],
    ] as const
  ).map(
    ([error, means]): Row => ({
      name: `a handshake with ${error.slice(0, 50)}`,
      text: request(
        `GET /cart HTTP/1.1" 503 URX,UF upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435581:SSL_routines:OPENSSL_internal:${error}:TLS_error_end}`,
        sent(`TLS_error:|268435581:SSL_routines:OPENSSL_internal:${error}:TLS_error_end`),
      ),
      kind: 'tls',
      by: 'sidecar',
      happened: `The TLS handshake from shop/frontend-1 to shop/checkout-1:8080 failed: ${error}.`,
      means: [means],
    }),
  ),
  {
    name: 'the same in the body of an answer',
    text: 'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end',
    kind: 'tls',
    happened: 'The TLS handshake failed: WRONG_VERSION_NUMBER.',
  },
  {
    name: 'a certificate that was not delivered',
    text: 'upstream connect error or disconnect/reset before headers. reset reason: connection failure, transport failure reason: TLS error: Secret is not supplied by SDS',
    kind: 'tls',
    happened: 'The TLS handshake failed: Secret is not supplied by SDS.',
    repair: ['credentialName'],
  },
  {
    name: 'closed without a word',
    text: 'curl: (56) Recv failure: Connection reset by peer',
    kind: 'connection-reset',
    by: 'unknown',
    happened: 'The connection was reset or closed without an answer; the text does not tell by whom.',
  },
]

const connectionRows: readonly Row[] = [
  {
    name: 'answered behind the proxy of the client',
    text: request('GET /cart HTTP/1.1" 403 - via_upstream', sent('-')),
    kind: 'refused-behind',
    happened: 'GET /cart from shop/frontend-1 to shop/checkout-1:8080 was answered with 403 behind this proxy.',
    repair: ['x-request-id 56fd0f76-70e7-9135-a60e-66799df83b62'],
  },
  {
    name: 'answered by the application',
    text: request('GET /cart HTTP/1.1" 401 - via_upstream', arrived(frontend).replace('"-" inbound', '"10.0.0.20:8080" inbound')),
    kind: 'refused-behind',
    happened:
      'The application of shop/checkout-1 itself answered 401 to GET /cart from shop/frontend-1 to shop/checkout-1:8080; no policy refused it.',
  },
  {
    name: 'nobody listens',
    text: request(
      'GET /cart HTTP/1.1" 503 URX,UF upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
      sent('delayed_connect_error:_Connection_refused'),
    ),
    kind: 'unreachable',
    by: 'none',
    happened: 'Nothing was refused here: the connection from shop/frontend-1 to shop/checkout-1:8080 failed (Connection refused).',
    means: ['Nothing listens'],
  },
  {
    name: 'the same in an older version',
    text: request(
      'GET / HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure,delayed_connect_error:_111}',
      sent('delayed_connect_error:_111'),
    ),
    kind: 'unreachable',
    happened: 'Nothing was refused here: the connection from shop/frontend-1 to shop/checkout-1:8080 failed (Connection refused).',
  },
  {
    name: 'no route',
    text: request(
      'GET / HTTP/1.1" 404 NR route_not_found',
      atGateway('203.0.113.7:3000').replace('outbound|80||checkout.shop.svc.cluster.local', '-'),
    ),
    kind: 'no-route',
    happened: 'No policy refused GET /: the proxy has no route for the host "shop.example.com".',
  },
  {
    name: 'no endpoint',
    text: request('GET / HTTP/1.1" 503 UH no_healthy_upstream', sent('-', '-')),
    kind: 'no-endpoint',
    happened: 'No policy refused GET /: there is no healthy endpoint of checkout.shop.svc.cluster.local.',
  },
  {
    name: 'only what is known may be called',
    text: '[2026-11-09T22:26:48.133Z] "- - -" 0 UH - - "-" 0 0 0 - "-" "-" "-" "-" "-" BlackHoleCluster - 203.0.113.80:443 10.0.0.7:45690 api.example.org -',
    kind: 'egress-blocked',
    by: 'sidecar',
    happened:
      'The proxy of shop/frontend-1 does not let the connection out to api.example.org: nothing in the mesh is known by that name or address.',
    repair: ['add a ServiceEntry'],
  },
  {
    name: 'the same of a request',
    text: request(
      'GET / HTTP/1.1" 502 - direct_response',
      '- "-" 0 0 0 - "-" "curl/8" "4b1" "api.example.org" "-" - - 203.0.113.80:80 10.0.0.7:45690 - block_all',
    ),
    kind: 'egress-blocked',
    happened:
      'The proxy of shop/frontend-1 does not let GET / out to api.example.org: nothing in the mesh is known by that name or address.',
  },
  {
    name: 'a client that went away',
    text: request('GET /slow HTTP/1.1" 0 DC downstream_remote_disconnect', sent('-')),
    kind: 'client-gone',
    by: 'none',
    happened: 'Nothing was refused: the client closed the connection from shop/frontend-1 to shop/checkout-1:8080 before the answer.',
  },
  {
    name: 'nothing refused',
    text: request('GET /cart HTTP/1.1" 200 - via_upstream', sent('-')),
    kind: 'none',
    by: 'none',
    happened: 'The line tells of no refusal.',
  },
  {
    name: 'nothing of a proxy',
    text: 'Exception in thread "main" java.lang.NullPointerException',
    kind: 'unrecognised',
    by: 'unknown',
    happened: 'This is no text of a proxy that is known here, so nothing is concluded from it.',
    repair: ['Paste a line of the access log of the proxy'],
  },
  { name: 'nothing', text: ' \n ', kind: 'unrecognised', happened: 'There is no text to explain.' },
]

const tunnel = (error: string, more: { from?: string; to?: string; direction?: string; identity?: string } = {}) => {
  const [from, ip] = more.from?.split(' ') ?? ['bank/teller', '10.1.0.7']
  const [namespace, name] = from?.split('/') ?? []
  const [to, toIp] = more.to?.split(' ') ?? ['vault', '10.1.0.20']
  const identity = more.identity ?? ` src.identity="spiffe://cluster.local/ns/${namespace}/sa/${name}"`
  const address = identity === '' ? `dst.addr=${toIp}:8080` : `dst.addr=${toIp}:15008 dst.hbone_addr=${toIp}:8080`
  return `2026-11-03T15:39:07.536483Z\terror\taccess\tconnection complete\tsrc.addr=${ip}:49084 src.workload="${name}-1" src.namespace="${namespace}"${identity} ${address} dst.service="${to}.bank.svc.cluster.local" dst.workload="${to}-1" dst.namespace="bank" direction="${more.direction ?? 'inbound'}" bytes_sent=0 bytes_recv=0 duration="0ms" error="${error}"`
}

const rejected = 'connection closed due to policy rejection: '

const ambientRows: readonly Row[] = [
  {
    name: 'a DENY policy',
    text: tunnel(`${rejected}explicitly denied by: bank/no-teller`),
    kind: 'denied',
    by: 'ztunnel',
    happened: 'DENY policy bank/no-teller refused the connection from bank/teller-1 to bank/vault-1:8080.',
    policies: ['bank/no-teller'],
    means: ['What is known now says the same: DENY policy bank/no-teller matches'],
  },
  {
    name: 'a DENY policy, as JSON over several lines',
    text: JSON.stringify(
      {
        level: 'error',
        scope: 'access',
        message: 'connection complete',
        'src.addr': '10.1.0.7:52252',
        'src.workload': 'teller-1',
        'src.namespace': 'bank',
        'src.identity': 'spiffe://cluster.local/ns/bank/sa/teller',
        'dst.addr': '10.1.0.20:15008',
        'dst.hbone_addr': '10.1.0.20:8080',
        'dst.workload': 'vault-1',
        'dst.namespace': 'bank',
        direction: 'inbound',
        error: `${rejected}explicitly denied by: bank/no-teller`,
      },
      undefined,
      2,
    ),
    kind: 'denied',
    by: 'ztunnel',
    happened: 'DENY policy bank/no-teller refused the connection from bank/teller-1 to bank/vault-1:8080.',
  },
  {
    name: 'nothing allows it: the caller is the only obstacle',
    text: tunnel(`${rejected}allow policies exist, but none allowed`, { to: 'safe 10.1.0.21' }),
    kind: 'not-allowed',
    by: 'ztunnel',
    happened: 'No ALLOW policy lets the connection from bank/teller-1 to bank/safe-1:8080 in, so it is refused.',
    policies: ['bank/auditors'],
    repair: [`Add the caller's identity to rule 0 of bank/auditors: principals ["cluster.local/ns/bank/sa/teller"].`],
  },
  {
    name: 'plaintext to STRICT',
    text: tunnel(`${rejected}explicitly denied by: istio-system/istio_converted_static_strict`, {
      from: 'old/legacy 10.1.0.9',
      identity: '',
    }),
    kind: 'plaintext',
    by: 'ztunnel',
    happened:
      'The connection from old/legacy-1 to bank/vault-1:8080 is plaintext, and mTLS is STRICT there by PeerAuthentication bank/default, so ztunnel closed it.',
    policies: ['bank/default'],
    repair: ['Give old/legacy a proxy.', 'portLevelMtls'],
  },
  {
    name: 'plaintext to a port that a PeerAuthentication makes STRICT',
    text: tunnel(`${rejected}explicitly denied by: bank/converted_peer_authentication_vault`, {
      from: 'old/legacy 10.1.0.9',
      identity: '',
    }),
    kind: 'plaintext',
    happened:
      'The connection from old/legacy-1 to bank/vault-1:8080 is plaintext, and mTLS is STRICT there by PeerAuthentication bank/vault, so ztunnel closed it.',
    policies: ['bank/vault'],
  },
  {
    name: 'the side of the client',
    text: tunnel('http status: 401 Unauthorized', { direction: 'outbound' }),
    kind: 'tunnel-refused',
    by: 'ztunnel',
    happened: 'The other side refused the tunnel from bank/teller-1 to bank/vault-1:8080 with 401.',
    repair: ['direction="inbound"'],
  },
  {
    name: 'the application does not answer',
    text: tunnel('http status: 503 Service Unavailable', { direction: 'outbound' }),
    kind: 'tunnel-refused',
    happened: 'The other side refused the tunnel from bank/teller-1 to bank/vault-1:8080 with 503.',
    means: ['No policy refused it'],
  },
  {
    name: 'a NetworkPolicy in the way',
    text: tunnel('connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed', {
      direction: 'outbound',
    }),
    kind: 'tunnel-blocked',
    happened: 'No policy of Istio refused it: the connection from bank/teller-1 to bank/vault-1:8080 was not answered in time.',
    repair: ['15008'],
  },
  {
    name: 'nobody listens',
    text: tunnel('connection failed: Connection refused (os error 111)'),
    kind: 'unreachable',
    happened:
      'Nothing was refused here: the connection from bank/teller-1 to bank/vault-1:8080 failed (Connection refused (os error 111)).',
  },
  {
    name: 'a policy that changed',
    text: tunnel('connection closed due to policy change'),
    kind: 'policy-changed',
    happened:
      'ztunnel closed an open connection from bank/teller-1 to bank/vault-1:8080, because a policy that has changed does not allow it any more.',
  },
  {
    name: 'a certificate that is not trusted',
    text: tunnel('io error: invalid peer certificate: UnknownIssuer', { direction: 'outbound' }),
    kind: 'tls',
    by: 'ztunnel',
    happened: 'The TLS handshake from bank/teller-1 to bank/vault-1:8080 failed: invalid peer certificate: UnknownIssuer.',
    means: ['does not trust'],
  },
  {
    name: 'another identity than expected',
    text: tunnel(
      'tls error: identity verification error: peer did not present the expected SAN (spiffe://cluster.local/ns/bank/sa/vault), got spiffe://cluster.local/ns/bank/sa/other',
      { direction: 'outbound' },
    ),
    kind: 'tls',
    happened:
      'The TLS handshake from bank/teller-1 to bank/vault-1:8080 failed: identity verification error: peer did not present the expected SAN (spiffe://cluster.local/ns/bank/sa/vault), got spiffe://cluster.local/ns/bank/sa/other.',
    means: ['of another identity'],
  },
  {
    name: 'no certificate',
    text: tunnel('identity error: signing gRPC error (The caller does not have permission): not authorized', { direction: 'outbound' }),
    kind: 'no-identity',
    happened:
      'ztunnel has no certificate for the workload, so the connection from bank/teller-1 to bank/vault-1:8080 ended: identity error: signing gRPC error (The caller does not have permission): not authorized.',
  },
  {
    name: 'a workload that is not known',
    text: '2026-11-03T15:39:07.536483Z\twarn\taccess\tconnection failed\tsrc.addr=10.1.0.7:49084 dst.addr=10.1.0.20:8080 direction="inbound" error="failed to fetch information about local workload: bank/vault-1"',
    kind: 'unknown-workload',
    by: 'ztunnel',
    happened:
      'ztunnel does not know the workload of the connection from bank/teller-1 to bank/vault-1:8080: failed to fetch information about local workload.',
  },
  {
    name: 'a DENY policy in dry run',
    text: '2026-11-03T15:39:07.536444Z\tinfo\tstate:proxy{wl=bank/vault-1}:inbound{id=86c3 peer=10.1.0.7:49084}\tdry-run: deny policy match\tpolicy="bank/no-teller"',
    kind: 'dry-run',
    by: 'none',
    happened: 'Nothing was refused: bank/no-teller would refuse the connection if it were enforced.',
  },
  {
    name: 'at a waypoint',
    text: '[2026-11-09T20:15:48.344Z] "POST /safe HTTP/1.1" 403 - rbac_access_denied_matched_policy[none] - "-" 0 19 0 - "-" "curl/8.10.1" "83c73503-607e-4590-9de6-d8c243970763" "vault" "-" inbound-vip|80|http|vault.bank.svc.cluster.local - 10.96.1.1:80 10.1.0.7:33000 - default',
    kind: 'not-allowed',
    by: 'waypoint',
    happened: 'No ALLOW policy lets POST /safe from bank/teller-1 to vault.bank.svc.cluster.local:80 in, so it is refused.',
    policies: ['bank/readers'],
    repair: ['rule 0 of bank/readers holds: method POST is not in [GET]'],
  },
]

describe.each([
  ['policies', policyRows, sidecars],
  ['authorizers', authorizerRows, sidecars],
  ['tokens', tokenRows, sidecars],
  ['handshakes', handshakeRows, sidecars],
  ['connections', connectionRows, sidecars],
  ['ambient', ambientRows, ambient],
] as const)('%s', (_, rows, mesh) => {
  test.each(rows)('$name', row => check(row, mesh))
})

describe('a paste of many lines', () => {
  const denied = (path: string, port: number) =>
    request(
      `GET ${path} HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[no-admin]-rule[0]]`,
      arrived(`10.0.0.7:${port}`),
    ).replace('d9b68dca', `d9b6${port}`)

  test('tells each refusal once, with how often and for what', () => {
    const lines = [
      request('GET /cart HTTP/1.1" 200 - via_upstream', sent('-')),
      denied('/admin', 40_001),
      'what else a terminal shows',
      denied('/admin/users', 40_002),
      request('POST /cart HTTP/1.1" 403 - rbac_access_denied_matched_policy[none]', arrived(frontend)),
    ]
    const { explanations, entries } = explain(lines.join('\n'), sidecars)
    expect(explanations.map(({ kind, count, line, requests }) => ({ kind, count, line, requests }))).toEqual([
      { kind: 'denied', count: 2, line: 1, requests: ['GET /admin', 'GET /admin/users'] },
      { kind: 'not-allowed', count: 1, line: 4, requests: ['POST /cart'] },
    ])
    expect(entries).toEqual({ refused: 3, passed: 1, unrecognised: 1 })
  })

  test('leaves out what the client writes about the same request', () => {
    const id = '56fd0f76-70e7-9135-a60e-66799df83b62'
    const server = denied('/admin', 40_001).replace(/d9b640001-[\w-]+/, id)
    const client = request('GET /admin HTTP/1.1" 403 - via_upstream', sent('-'))
    for (const text of [`${client}\n${server}`, `${server}\n${client}`])
      expect(only(text, sidecars)).toMatchObject({ kind: 'denied', count: 1 })
  })

  test('leaves out the other side of a tunnel', () => {
    const text = [
      tunnel(`${rejected}explicitly denied by: bank/no-teller`),
      tunnel('http status: 401 Unauthorized', { direction: 'outbound' }),
    ].join('\n')
    expect(only(text, ambient)).toMatchObject({ kind: 'denied', count: 1 })
  })

  test('reads lines behind the prefix of kubectl, and the pod from it', () => {
    const text = `[pod/checkout-1/istio-proxy] 2026-11-09T20:59:11.838529Z\tdebug\tenvoy rbac enforced denied, matched policy none`
    expect(only(text, sidecars)).toMatchObject({ kind: 'not-allowed', server: { name: 'shop/checkout-1' } })
  })
})

describe('what clients send is not what proxies say', () => {
  test.each([
    ['the path', request('GET /?x=rbac_access_denied_matched_policy[none] HTTP/1.1" 200 - via_upstream', sent('-'))],
    [
      'the user agent',
      request(
        'GET / HTTP/1.1" 200 - via_upstream',
        sent('-').replace('curl/8.11.1', 'x" 403 - rbac_access_denied_matched_policy[none] - "'),
      ),
    ],
    ['a field of JSON', JSON.stringify({ response_code: 200, response_code_details: 'via_upstream', path: '/RBAC: access denied' })],
  ])('%s', (_, text) => {
    expect(only(text, sidecars).kind).toBe('none')
  })
})

test('where PeerAuthentications are not all known, no mode is concluded', () => {
  const told = only(handshakeRows[0]?.text ?? '', fileMesh(''))
  expect(told.means).toContain('Most often plaintext reaches a port where mTLS is STRICT.')
  expect(told.policies).toEqual([])
})

test('without a mesh the policy is named and said to be unknown', () => {
  const told = only(policyRows[0]?.text ?? '', fileMesh(''))
  expect(told.means).toContain('Policy shop/no-admin is not among the known objects: it may be deleted or not synced.')
  expect(told.policies).toMatchObject([{ namespace: 'shop', name: 'no-admin', rule: 0, presence: 'unknown' }])
  expect(told).toMatchObject({ refusedBy: 'sidecar', client: { ip: '10.0.0.7' }, server: { ip: '10.0.0.20', port: 8080 } })
})
