// What every kind of proxy says about its certificates, in one shape: the dumps are read into it, reports are made from it.
import type { Certificate, CertificateEntry, CertificateProblem, CertificateSource } from '../certificate/report.ts'

export interface ProxyDump {
  readonly source: CertificateSource
  readonly secrets: readonly Secret[]
  readonly problems: readonly CertificateProblem[]
}

export interface Secret extends Pick<CertificateEntry, 'name' | 'role' | 'state' | 'lastUpdated' | 'trustDomain' | 'reason'> {
  /** Whether it says whom to trust (a validation context) rather than who the proxy is. */
  readonly bundle: boolean
  readonly material: readonly Material[]
  /** Whom the holder of this secret trusts, where the dump says it with the secret (ztunnel). */
  readonly roots?: readonly Material[]
}

/** Where certificates of a secret come from. */
export type Material =
  | { readonly kind: 'pem'; readonly text: string }
  /** A file in the proxy's container; only its path is known. */
  | { readonly kind: 'file'; readonly path: string }
  /** Facts without the certificate itself. */
  | { readonly kind: 'facts'; readonly certificate: Certificate }

/** What a proxy tells of a certificate that it does not show. Times are RFC 3339; undefined where they are no times. */
export function partialCertificate(facts: {
  readonly serial: string
  readonly notBefore: string
  readonly notAfter: string
  readonly san: Certificate['san']
  readonly identity?: string | undefined
}): Certificate | undefined {
  const { identity, ...known } = facts
  if (Number.isNaN(Date.parse(facts.notBefore)) || Number.isNaN(Date.parse(facts.notAfter))) return undefined
  return {
    ...known,
    ...(identity === undefined ? {} : { identity }),
    subject: '',
    issuer: '',
    sha256: '',
    key: { algorithm: '' },
    signature: '',
    ca: false,
    pathLength: null,
    keyUsage: [],
    extendedKeyUsage: [],
    selfSigned: false,
    partial: true,
  }
}
