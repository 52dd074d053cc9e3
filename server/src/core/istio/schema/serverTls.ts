// TLS of a server: of a Gateway, and of an inbound port of a Sidecar.
// Source: istio/api:networking/v1alpha3/gateway.proto (ServerTLSSettings), told in our words.
import { boolean, field, listOf, object, string, strings, valuesOf, wordsOf } from './schema.ts'

/** In the order of their numbers. */
export const tlsModes = {
  PASSTHROUGH:
    'TLS is not ended here: the bytes go on to the destination that a VirtualService chooses by SNI. Nothing inside can be checked, and no certificate is used.',
  SIMPLE: 'The server shows a certificate; clients need none.',
  MUTUAL: 'The server shows a certificate and demands one of the client that its CA certificates vouch for.',
  AUTO_PASSTHROUGH:
    'Like PASSTHROUGH, but the SNI names the service itself, without a VirtualService: every service of the mesh can be reached. For east-west gateways between networks only.',
  ISTIO_MUTUAL: 'Mutual TLS with the certificates of the mesh; no certificate is configured. For callers of the mesh.',
  OPTIONAL_MUTUAL: 'The client is asked for a certificate; one it shows must be valid, but it can come without any.',
}

/** In the order of their numbers. */
export const tlsVersions = {
  TLS_AUTO: 'What the proxy takes by itself: TLS 1.2 to 1.3.',
  TLSV1_0: 'TLS 1.0: broken.',
  TLSV1_1: 'TLS 1.1: broken.',
  TLSV1_2: 'TLS 1.2.',
  TLSV1_3: 'TLS 1.3.',
}

export const tlsCertificate = object('a certificate', {
  serverCertificate: field(string, 'File with the certificate chain of the server.', {
    example: 'serverCertificate: /etc/certs/rsa/tls.crt',
  }),
  privateKey: field(string, 'File with the private key of that certificate.', { example: 'privateKey: /etc/certs/rsa/tls.key' }),
  caCertificates: field(string, 'Not used: the certificates that vouch for clients stand in `caCertificates` beside the list.'),
})

export const cipherSuiteList = valuesOf('cipherSuite')

export const serverTls = object(
  'tls',
  {
    httpsRedirect: field(
      boolean,
      'Answers every plain HTTP request with a redirect (301) to HTTPS. Belongs on the plain HTTP server, not on the HTTPS one.',
      { example: 'httpsRedirect: true', default: 'false' },
    ),
    mode: field(
      wordsOf(tlsModes),
      'How TLS is ended here and whether clients must show a certificate. **Left out it is `PASSTHROUGH`**: certificates written beside it are ignored.',
      { example: 'mode: SIMPLE', default: 'PASSTHROUGH' },
    ),
    serverCertificate: field(
      string,
      'File in the proxy container with the certificate chain of the server. Needs `privateKey`; not together with a credential.',
      { example: 'serverCertificate: /etc/certs/tls.crt' },
    ),
    privateKey: field(string, 'File in the proxy container with the private key of `serverCertificate`.', {
      example: 'privateKey: /etc/certs/tls.key',
    }),
    caCertificates: field(
      string,
      'File with the CA certificates that vouch for clients; needed by `MUTUAL` and `OPTIONAL_MUTUAL` where no credential is named.',
      { example: 'caCertificates: /etc/certs/ca.crt' },
    ),
    caCrl: field(
      string,
      'File with a list of revoked client certificates. With a credential the list belongs into the secret instead (`ca.crl`). Left out, nothing is ever revoked.',
      { example: 'caCrl: /etc/certs/ca.crl' },
    ),
    credentialName: field(
      { type: 'string', value: 'credentialName' },
      'Secret with key and certificate (`tls.key`, `tls.crt`), **in the namespace of the gateway pods**, not in that of this object. For mutual TLS the CA certificates come from its `ca.crt`, or from a secret of the same name with `-cacert` at its end.',
      { example: 'credentialName: shop-tls' },
    ),
    credentialNames: field(
      valuesOf('credentialName', { min: 1, max: 2 }),
      'Two secrets for one server, one with an RSA and one with an ECDSA certificate: each client gets the one it understands. In place of `credentialName`.',
      { example: 'credentialNames: [shop-rsa, shop-ecdsa]', since: '1.26' },
    ),
    caCertCredentialName: field(
      { type: 'string', value: 'credentialName' },
      'Secret or ConfigMap with the CA certificates that vouch for clients. It goes before CA certificates in the secret of `credentialName`.',
      { example: 'caCertCredentialName: partner-ca', since: '1.28' },
    ),
    tlsCertificates: field(
      listOf(tlsCertificate, { min: 1, max: 2 }),
      'Two pairs of files for one server, one RSA and one ECDSA. In place of `serverCertificate` and `privateKey`.',
      { example: 'tlsCertificates: [{ serverCertificate: /etc/rsa/tls.crt, privateKey: /etc/rsa/tls.key }]', since: '1.26' },
    ),
    subjectAltNames: field(
      strings,
      'Names of which the certificate of the **client** must have one, exactly as written. Without them every certificate that the CA has issued gets in. Counts only where clients show one: with `MUTUAL`, `OPTIONAL_MUTUAL` and `ISTIO_MUTUAL`.',
      { example: 'subjectAltNames: [partner.example.com]' },
    ),
    verifyCertificateSpki: field(
      strings,
      'Base64 SHA-256 hashes of public keys: only client certificates with one of these keys get in. Istio applies them only with `MUTUAL` or `OPTIONAL_MUTUAL` **and a credential**; with certificate files they are dropped without a word. Beside `verifyCertificateHash` a match of either is enough.',
      { example: 'verifyCertificateSpki: [2IEpPESU/mmC30tPsnOfbGKdwKdQfN/wZw1QWpjGlmk=]' },
    ),
    verifyCertificateHash: field(
      strings,
      'Hexadecimal SHA-256 hashes of whole client certificates, with or without colons: only these get in, so every renewal needs a change here. Like `verifyCertificateSpki` **only with a credential**.',
      { example: 'verifyCertificateHash: [df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a]' },
    ),
    minProtocolVersion: field(
      wordsOf(tlsVersions),
      'The oldest version of TLS that is spoken. Below `TLSV1_2` the encryption can be broken, and nothing connects unless `cipherSuites` lists suites of that age. `ISTIO_MUTUAL` takes the version from the mesh configuration instead.',
      { example: 'minProtocolVersion: TLSV1_3', default: 'TLSV1_2' },
    ),
    maxProtocolVersion: field(
      wordsOf(tlsVersions),
      'The newest version of TLS that is spoken. Anything but `TLS_AUTO` or `TLSV1_3` keeps clients from the best one.',
      { example: 'maxProtocolVersion: TLSV1_3', default: 'TLSV1_3' },
    ),
    cipherSuites: field(
      cipherSuiteList,
      'Cipher suites for TLS 1.2 and below, by the names of OpenSSL; TLS 1.3 has its own, which cannot be chosen. Istio **drops** names it does not know, with only a warning, and with `ISTIO_MUTUAL` the whole list.',
      { example: 'cipherSuites: [ECDHE-ECDSA-AES256-GCM-SHA384, ECDHE-RSA-AES256-GCM-SHA384]' },
    ),
    ecdhCurves: field(
      strings,
      'Key exchange groups in order of preference: `X25519MLKEM768` (safe against quantum computers), `X25519`, `P-256`, `P-384`, `P-521`. Istio does not check the names; a wrong one makes the proxy refuse the listener.',
      { example: 'ecdhCurves: [X25519MLKEM768, X25519, P-256]', since: '1.31' },
    ),
    insecureSkipVerify: field(
      boolean,
      '**Lets clients in whose certificate is not valid**: it is checked, but the result does not matter. Only for a backend that verifies the certificate itself, from the header `x-forwarded-client-cert`.',
      { example: 'insecureSkipVerify: false', default: 'false', since: '1.31' },
    ),
  },
  {
    oneOf: [
      { fields: ['credentialNames', 'tlsCertificates'], refusedBy: 'both' },
      { fields: ['credentialName', 'credentialNames'], refusedBy: 'both' },
    ],
  },
)

/** Where a server takes its own certificate and those that vouch for clients from, in the order of the CRD's text. */
export const certificateFields = [
  'serverCertificate',
  'privateKey',
  'caCertificates',
  'tlsCertificates',
  'credentialName',
  'credentialNames',
] as const

/** Whether a mode ends TLS with certificates that somebody configures. */
export function endsTls(mode: string | undefined): boolean {
  return mode === 'SIMPLE' || asksClients(mode)
}

/** Whether clients are asked for a certificate that a configured CA has to vouch for. */
export function asksClients(mode: string | undefined): boolean {
  return mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL'
}
