// An inspection to build tests on: a checkout pod in the middle of its certificate's first half, with an intermediate and a root it does not send.
import type { Certificate, CertificateEntry, CertificateInspection } from '../../../../server/src/protocol.ts'

export const root: Certificate = {
  subject: 'O=cluster.local',
  issuer: 'O=cluster.local',
  serial: '0a0b',
  notBefore: '2025-11-21T00:00:00Z',
  notAfter: '2036-11-21T00:00:00Z',
  sha256: '91'.repeat(32),
  san: [],
  key: { algorithm: 'RSA', bits: 2048 },
  signature: 'sha256WithRSAEncryption',
  ca: true,
  pathLength: null,
  keyUsage: ['keyCertSign'],
  extendedKeyUsage: [],
  ski: 'r00t',
  selfSigned: true,
}

export const intermediate: Certificate = {
  ...root,
  subject: 'CN=Intermediate,O=Istio',
  sha256: '3f'.repeat(32),
  serial: '0c',
  notAfter: '2029-01-21T00:00:00Z',
  key: { algorithm: 'RSA', bits: 4096 },
  pathLength: 0,
  ski: 'aa11',
  aki: 'r00t',
  selfSigned: false,
  pem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
}

export const leaf: Certificate = {
  ...intermediate,
  identity: 'spiffe://cluster.local/ns/shop/sa/checkout',
  subject: '',
  issuer: 'CN=Intermediate,O=Istio',
  serial: '5d33b7a2',
  notBefore: '2026-11-21T06:12:00Z',
  notAfter: '2026-11-22T06:12:00Z',
  sha256: 'ab'.repeat(32),
  san: [{ type: 'uri', value: 'spiffe://cluster.local/ns/shop/sa/checkout' }],
  key: { algorithm: 'EC', bits: 256, curve: 'P-256' },
  signature: 'ecdsa-with-SHA256',
  ca: false,
  pathLength: null,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['serverAuth', 'clientAuth'],
  ski: 'bb22',
  aki: 'aa11',
  pem: '-----BEGIN CERTIFICATE-----\nMIIA\n-----END CERTIFICATE-----\n',
}

/** The workload's entry with the chain it sends, and what that chain is worth. */
export function judged(
  chain: readonly Certificate[],
  end: NonNullable<CertificateEntry['path']>['end'],
  path: readonly Certificate[],
): CertificateEntry {
  return { name: 'default', role: 'workload', state: 'active', chain, path: { end, certificates: path.map(({ sha256 }) => sha256) } }
}

export const inspection: CertificateInspection = {
  pod: { namespace: 'shop', name: 'checkout-7d9f-x2' },
  proxy: 'sidecar',
  readAt: '2026-11-21T13:00:00Z',
  expectedIdentity: 'spiffe://cluster.local/ns/shop/sa/checkout',
  facts: ["The identity is the pod's service account: shop/checkout.", 'The chain verifies up to the root that namespace shop trusts.'],
  report: {
    version: 1,
    source: 'envoy-config-dump',
    entries: [
      judged([leaf, intermediate], 'trusted', [leaf, intermediate, root]),
      { name: 'ROOTCA', role: 'root', state: 'active', chain: [root] },
    ],
    problems: [
      {
        entry: 'default',
        severity: 'warning',
        id: 'root-sent',
        message: 'The proxy also sends the root; harmless, it comes from a chain file that contains it.',
      },
    ],
  },
  text: 'checkout-7d9f-x2 · shop\n',
}

/** The same with other entries. */
export function withEntries(entries: CertificateInspection['report']['entries']): CertificateInspection {
  return { ...inspection, report: { ...inspection.report, entries } }
}
