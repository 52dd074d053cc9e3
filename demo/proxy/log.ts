// The last lines that a proxy wrote: certificates as they came, and at the gateway what keeps one of its servers from working.
import type { Envoy } from './proxies.ts'

/** Oldest first; each line ends with a line break. */
export function logOf({ role, pod, secrets }: Envoy): string {
  const at = (secrets[0]?.updated ?? new Date()).getTime()
  const line = (seconds: number, ...words: readonly string[]) => [new Date(at + seconds * 1000).toISOString(), ...words].join('\t')
  const arrived = secrets.filter(({ content }) => content)
  const warming = secrets.filter(({ content }) => !content)
  return [
    line(0, 'info', 'FLAG: --proxyComponentLogLevel="misc:error"'),
    line(1, 'info', `Effective config: discoveryAddress: istiod.istio-system.svc:15012, proxy ${pod.metadata.name}`),
    line(2, 'info', 'xdsproxy', 'connected to delta upstream XDS server: istiod.istio-system.svc:15012'),
    ...arrived.map(({ name }) => line(3, 'info', 'sds', `SDS: PUSH resource=${name}`)),
    ...warming.map(({ name }) =>
      line(4, 'warning', 'sds', `failed to warm certificate: resource=${name} has not arrived, secret "${name}" is unknown to istiod`),
    ),
    ...(role === 'gateway' ? requests(at) : []),
    line(90, 'info', 'Readiness succeeded in 1.2s'),
    '',
  ].join('\n')
}

function requests(at: number): readonly string[] {
  const time = new Date(at + 60_000).toISOString()
  return [
    `[${time}] "GET /productpage HTTP/2" 200 - via_upstream - "-" 0 4183 21 20 "203.0.113.7" "curl/8.5.0" "5d1f" "bookinfo.example.com" "10.244.1.17:9080" outbound|9080||productpage.bookinfo.svc.cluster.local 10.244.1.20:41822 10.244.1.20:8443 203.0.113.7:50211 bookinfo.example.com -`,
    `[${time}] "GET /orders HTTP/2" 503 UF,URX upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end} - "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end" 0 167 31 - "203.0.113.7" "curl/8.5.0" "77ac" "admin.example.com" "198.51.100.24:443" outbound|443||partner.example.net - 10.244.1.20:8443 203.0.113.7:50212 admin.example.com -`,
  ]
}
