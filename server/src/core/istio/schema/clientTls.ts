// ClientTLSSettings: TLS from the proxy to a server. Source: istio/api:networking/v1alpha3/destination_rule.proto, told in our words.
import { lacks } from './decoded.ts'
import type { Fields } from './fields.ts'
import { boolean, field, object, string, strings, wordsOf } from './schema.ts'
import { wordOf } from './values.ts'

/** In the order of their numbers. */
const modes = {
  DISABLE: 'No TLS from the proxy: it sends what the application sends, usually plaintext.',
  SIMPLE: 'TLS without a client certificate: the server is checked, the client stays anonymous.',
  MUTUAL: 'TLS with a client certificate of your own, from `credentialName` or from files.',
  ISTIO_MUTUAL:
    "Mutual TLS with the certificates of the mesh, which Istio issues. For servers with a sidecar; certificate fields don't apply.",
}

export type ClientTlsMode = keyof typeof modes

export const clientTls = object('tls', {
  mode: field(
    wordsOf(modes),
    'How connections to the server are protected. **Left out means `DISABLE`**: a `tls` block without it turns automatic mutual TLS off and sends plaintext.',
    { example: 'mode: ISTIO_MUTUAL', default: 'DISABLE' },
  ),
  clientCertificate: field(
    string,
    'Path, in the container of the proxy, of the certificate chain that the proxy presents. `MUTUAL` needs it or `credentialName`; ignored in the other modes.',
    { example: 'clientCertificate: /etc/certs/client.pem' },
  ),
  privateKey: field(string, 'Path, in the container of the proxy, of the key of `clientCertificate`. A path, never the key itself.', {
    example: 'privateKey: /etc/certs/client-key.pem',
  }),
  caCertificates: field(
    string,
    'Path of the CA certificates that the certificate of the server must lead to. **Left out, every CA that the operating system of the proxy trusts will do.** Ignored with `ISTIO_MUTUAL`.',
    { example: 'caCertificates: /etc/certs/ca.pem' },
  ),
  credentialName: field(
    { type: 'string', value: 'credentialName' },
    'Secret with key, certificate and CA certificates, in the namespace of the **proxy** that connects; or `configmap://<namespace>/<name>` with CA certificates, in the namespace of this rule. Gateways read the Secret; sidecars only where the rule has a `workloadSelector`: without one they send plaintext. Not together with file paths.',
    { example: 'credentialName: bank-client' },
  ),
  subjectAltNames: field(
    strings,
    'Names of which the certificate of the server must carry one, compared exactly; with `ISTIO_MUTUAL` SPIFFE identities, by default those of the service. Left out otherwise: those of the ServiceEntry, else the host of the request. **With `sni` and neither of these lists no name is checked.**',
    { example: 'subjectAltNames: [bank.example.com]' },
  ),
  sni: field(
    string,
    'Server name sent in the TLS handshake, literally: a wildcard is no pattern here. Left out: the host of the request, or with `ISTIO_MUTUAL` a name that Istio makes. A gateway that routes by it must expect this name.',
    { example: 'sni: bank.example.com' },
  ),
  insecureSkipVerify: field(
    boolean,
    'Accepts **any** certificate: neither the CA nor the name is checked, so whoever stands between can read and answer. Not together with `caCertificates` or `subjectAltNames`.',
    { example: 'insecureSkipVerify: true', default: 'false' },
  ),
  caCrl: field(
    string,
    'Path of the list of revoked certificates. Left out, revocation is not checked. With `credentialName` it belongs into the Secret, under `ca.crl`.',
    { example: 'caCrl: /etc/certs/ca.crl' },
  ),
})

/** The mode as Istio reads it; undefined where it cannot be known, or is none. */
export function tlsMode(tls: Fields): ClientTlsMode | undefined {
  return lacks(tls, 'mode') ? 'DISABLE' : wordOf(tls.get('mode'), modes)
}
