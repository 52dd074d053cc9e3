// Why a handshake failed: the words of BoringSSL (Envoy) and rustls (ztunnel), and what they mean.
// Source: envoyproxy/envoy:source/common/tls/ssl_socket.cc (`TLS_error:|268435581:SSL routines:OPENSSL_internal:…:TLS_error_end`; blanks become `_`
// in details of a response), source/common/tls/utility.cc (getX509VerificationErrorInfo), cert_validator/default_validator.cc ("verify SAN list");
// google/boringssl:ssl/ssl_lib.cc and include/openssl/ssl.h (SSL_R_…: alerts of the peer have ALERT in their name);
// istio/ztunnel:src/tls/lib.rs (TlsError), rustls/rustls:rustls/src/error.rs (CertificateError, AlertDescription).

export interface TlsFailure {
  readonly id:
    | 'name'
    | 'expired'
    | 'not-yet-valid'
    | 'untrusted'
    | 'revoked'
    | 'unverified'
    | 'trust-domain'
    | 'peer-untrusting'
    | 'peer-expired'
    | 'peer-revoked'
    | 'peer-refuses'
    | 'certificate-required'
    | 'not-tls'
    | 'server-name'
    | 'no-common-parameters'
    | 'no-secret'
    | 'reset'
    | 'other'
  /** What the library says, without its numbers. */
  readonly text: string
}

/** The more exact ones first: a verification error is told together with its cause. Patterns stand for text with blanks, in any case. */
const signs: readonly (readonly [RegExp, TlsFailure['id']])[] = [
  [/secret is not supplied by sds/i, 'no-secret'],
  [/expected trust ?domain/i, 'trust-domain'],
  [/verify san list|expected san\b|NotValidForName|hostname mismatch/i, 'name'],
  [/ALERT UNKNOWN CA|AlertReceived\(UnknownCA|fatal alert: UnknownCA/i, 'peer-untrusting'],
  [/ALERT CERTIFICATE EXPIRED|AlertReceived\(CertificateExpired|fatal alert: CertificateExpired/i, 'peer-expired'],
  [/ALERT CERTIFICATE REVOKED|AlertReceived\(CertificateRevoked|fatal alert: CertificateRevoked/i, 'peer-revoked'],
  [/certificate has expired|InvalidCertificate\(Expired|invalid peer certificate: expired|certificate expired/i, 'expired'],
  [/certificate is not yet valid|NotValidYet/i, 'not-yet-valid'],
  [/certificate revoked|InvalidCertificate\(Revoked|invalid peer certificate: revoked/i, 'revoked'],
  [/unable to get (?:local )?issuer|self[- ]signed|UnknownIssuer|no trusted ca|verify cert failed: spiffe|no trust bundle/i, 'untrusted'],
  [/PEER DID NOT RETURN A CERTIFICATE|CERTIFICATE REQUIRED|NoCertificatesPresented|CertificateRequired/i, 'certificate-required'],
  [/ALERT (?:BAD CERTIFICATE|CERTIFICATE UNKNOWN|ACCESS DENIED|UNSUPPORTED CERTIFICATE)/i, 'peer-refuses'],
  [/(?:AlertReceived\(|fatal alert: )(?:BadCertificate|CertificateUnknown|AccessDenied|UnsupportedCertificate)/i, 'peer-refuses'],
  [/UNRECOGNIZED NAME|UnrecognisedName/i, 'server-name'],
  [/WRONG VERSION NUMBER|\bHTTP REQUEST\b|HTTPS PROXY REQUEST|InvalidContentType/i, 'not-tls'],
  [/NO SHARED CIPHER|NO COMMON SIGNATURE|HANDSHAKE FAILURE|UNSUPPORTED PROTOCOL|PROTOCOL VERSION/i, 'no-common-parameters'],
  [/CERTIFICATE VERIFY FAILED|invalid peer certificate|InvalidCertificate\(/i, 'unverified'],
  [/connection reset by peer|tls handshake eof|unexpected eof/i, 'reset'],
]

const telling =
  /TLS[ _]error|OPENSSL_internal|tls handshake error|tls error:|received fatal alert|invalid peer certificate|identity verification error|secret is not supplied by SDS/i

/** Undefined where no handshake failed. */
export function tlsFailureIn(text: string): TlsFailure | undefined {
  const at = telling.exec(text)
  if (!at) return undefined
  const words = text.slice(at.index, at.index + longest).replaceAll('_', ' ')
  const id = signs.find(([sign]) => sign.test(words))?.[1] ?? 'other'
  return { id, text: bare(text.slice(at.index, at.index + longest)) }
}

/** Whether the side that writes the log was refused by the other one. */
export function isByPeer({ id }: TlsFailure): boolean {
  return id.startsWith('peer-') || id === 'reset' || id === 'server-name'
}

const longest = 1000

/** `CERTIFICATE_VERIFY_FAILED:verify cert failed: verify SAN list` */
function bare(text: string): string {
  const reason = /OPENSSL_internal:([^|"}]*?)(?::TLS_error_end|[|"}]|$)/.exec(text)?.[1]
  return (reason ?? text.replace(/^(?:tls error: |TLS_error:\|?|TLS error: )/i, '').split(/["}]/)[0] ?? '').trim()
}
