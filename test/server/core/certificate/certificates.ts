// Certificates as data, for what judges them without looking at their signatures.
import type { Certificate, CertificateEntry, CertificateReport } from '../../../../server/src/core/certificate/report.ts'

const plain: Certificate = {
  subject: '',
  issuer: '',
  serial: '01',
  notBefore: '2026-11-21T06:00:00Z',
  notAfter: '2026-11-22T06:00:00Z',
  sha256: '',
  san: [],
  key: { algorithm: 'EC', curve: 'P-256' },
  signature: 'ecdsa-with-SHA256',
  ca: false,
  pathLength: null,
  keyUsage: [],
  extendedKeyUsage: [],
  selfSigned: false,
}

/** Of `namespace/name`, valid from 06:00 on 21 November 2026 for a day. */
export function leaf(workload: string, rest: Partial<Certificate> = {}): Certificate {
  const [namespace, name] = workload.split('/')
  return { ...plain, sha256: `leaf of ${workload}`, identity: `spiffe://cluster.local/ns/${namespace}/sa/${name}`, ...rest }
}

/** A CA valid for years; self-signed unless `issuer` says otherwise. */
export function authority(subject: string, rest: Partial<Certificate>): Certificate {
  const issuer = rest.issuer ?? subject
  return {
    ...plain,
    subject,
    issuer,
    ca: true,
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2035-01-01T00:00:00Z',
    selfSigned: issuer === subject,
    pem: `PEM of ${subject}\n`,
    ...rest,
  }
}

/** What a proxy answers whose chain is on the path as a whole. */
export function report(
  chain: readonly Certificate[],
  roots: readonly Certificate[] | undefined,
  end: NonNullable<CertificateEntry['path']>['end'] = 'trusted',
): CertificateReport {
  return {
    version: 1,
    source: 'envoy-config-dump',
    entries: [
      { name: 'default', role: 'workload', state: 'active', chain, path: { end, certificates: chain.map(({ sha256 }) => sha256) } },
      ...(roots ? [{ name: 'ROOTCA', role: 'root', state: 'active', chain: roots } as const] : []),
    ],
    problems: [],
  }
}
