// What a certificate says, as data: the shape of `certificate --format json` (README), shared by the page, the trees and the command line.

/** One answer about certificates: everything that was read, and what is wrong with it. */
export interface CertificateReport {
  readonly version: 1
  readonly source: CertificateSource
  readonly entries: readonly CertificateEntry[]
  readonly problems: readonly CertificateProblem[]
}

export type CertificateSource = 'envoy-config-dump' | 'envoy-certs' | 'ztunnel' | 'pem' | 'der'

/** One secret of a proxy (`default`, `ROOTCA`, a gateway's `kubernetes://…`) or one file. */
export interface CertificateEntry {
  readonly name: string
  readonly role: 'workload' | 'root' | 'gateway' | 'other'
  readonly state: 'active' | 'warming' | 'missing'
  /** RFC 3339, as the proxy says; absent where it does not. */
  readonly lastUpdated?: string
  /** As sent: the leaf first, then what the proxy sends behind it. Roots for a trust bundle. */
  readonly chain: readonly Certificate[]
  /** What the chain is worth: the certificates that really lead from the leaf to a root. Absent for trust bundles and where nothing was read. */
  readonly path?: CertificatePath
  /** The trust domain these roots vouch for, where a proxy keeps one bundle for each (SPIFFE federation). */
  readonly trustDomain?: string
  /** Where the proxy reads it from disk: the path is all that its dump tells. */
  readonly file?: string
  /** The proxy's own words on why it holds nothing, such as ztunnel's `Unavailable: …`. */
  readonly reason?: string
}

export interface CertificatePath {
  /**
   * `trusted`: at a root that this proxy trusts · `self-signed`: at a root, and nothing says whom to trust ·
   * `untrusted`: at a root that this proxy does not trust · `incomplete`: the next issuer is not there.
   */
  readonly end: 'trusted' | 'self-signed' | 'untrusted' | 'incomplete'
  /** Fingerprints (`sha256`) from the leaf on; each certificate is signed by the next. The last may stand in a root entry only. */
  readonly certificates: readonly string[]
}

export interface Certificate {
  /** The SPIFFE id of the URI SAN; absent where there is none or more than one. */
  readonly identity?: string
  /** RFC 4514, `""` when empty. */
  readonly subject: string
  readonly issuer: string
  /** Lower-case hex without separators. */
  readonly serial: string
  /** RFC 3339 in UTC. */
  readonly notBefore: string
  readonly notAfter: string
  /** Fingerprint of the DER, lower-case hex. */
  readonly sha256: string
  /** `other`: a kind of name that proxies do not look at. */
  readonly san: readonly { readonly type: 'uri' | 'dns' | 'ip' | 'email' | 'other'; readonly value: string }[]
  readonly key: { readonly algorithm: string; readonly bits?: number; readonly curve?: string }
  readonly signature: string
  readonly ca: boolean
  readonly pathLength: number | null
  readonly keyUsage: readonly string[]
  readonly extendedKeyUsage: readonly string[]
  readonly ski?: string
  readonly aki?: string
  readonly selfSigned: boolean
  /** Fingerprint of the DER as older tools print it, lower-case hex. */
  readonly sha1?: string
  /** Which of the extensions above are marked critical, by the names used here: `san`, `basicConstraints`, `keyUsage`, `extendedKeyUsage`. */
  readonly critical?: readonly string[]
  /** Extensions that are there and cannot be decoded, by the same names, `ski` and `aki` among them. */
  readonly malformed?: readonly string[]
  /** An X.509 certificate of version 1, which has no extensions: as a root it is a CA all the same. */
  readonly version1?: true
  /** Extensions marked critical that TLS libraries do not know and therefore refuse, as dotted OIDs. */
  readonly unknownCritical?: readonly string[]
  /** Only serial, names and times are known (Envoy's `/certs` tells no more); every other field is empty. */
  readonly partial?: true
  /** The certificate itself, PEM; not part of the JSON of the command line. */
  readonly pem?: string
}

export interface CertificateProblem {
  /** Name of the entry it is about. */
  readonly entry: string
  readonly severity: 'error' | 'warning' | 'info'
  /** Kebab-case words, such as `certificate-expired`. */
  readonly id: string
  /** What, why, what now: one to three sentences. */
  readonly message: string
}
