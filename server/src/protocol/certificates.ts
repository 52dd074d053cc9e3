// What the Certificates view and the certificate page show.
import type { CertificateReport } from '../core/certificate/report.ts'
import type { CertificateGrouping, CertificateTreeNode } from '../core/report/certificateTree/nodes.ts'
import type { ProxyKind } from '../core/report/meshTree.ts'
import type { PodRef } from '../core/report/problem.ts'
import type { ClusterRow, FromContext } from './rows.ts'

/** What the Certificates view shows. */
export interface CertificatesQuestion {
  readonly grouping: CertificateGrouping
  /** Words; only workloads whose name or identity has them all. */
  readonly filter?: string
  /** How many workloads are read, by the handle of the cluster; absent: `certificatesAtOnce`. */
  readonly limits?: Readonly<Record<string, number>>
}

/** The proxies of a cluster are asked by so many workloads: each answer takes the API server a connection. */
export const certificatesAtOnce = 50

/** The certificates of one open cluster, as far as they were read. */
export interface CertificatesPage extends FromContext {
  readonly cluster: ClusterRow
  readonly rows: readonly CertificateTreeNode[]
  /** Workloads that have a proxy and pass the filter. */
  readonly workloads: number
  /** How many of them are to be read, and how many were. */
  readonly wanted: number
  readonly read: number
}

/** Everything the certificate page shows. */
export interface CertificateInspection {
  readonly pod: PodRef
  readonly proxy: ProxyKind
  /** RFC 3339: when the proxy was asked; every duration below counts from here. */
  readonly readAt: string
  /** The identity this pod's service account should have, `spiffe://…`. */
  readonly expectedIdentity: string
  /** Facts that hold, in words: "The identity is the pod's service account: shop/checkout." */
  readonly facts: readonly string[]
  readonly report: CertificateReport
  /** The text twin of the page. */
  readonly text: string
}

/** A file to look at, as it stands in the editor or on disk. */
export interface FileToInspect {
  /** What the page calls it. */
  readonly name: string
  /** Its bytes, at most `largestFile`. */
  readonly base64: string
}

/** Bytes of a file that is inspected; a full dump of a large mesh has some 50 MB. */
export const largestFile = 64 * 1024 * 1024

/** Everything the certificate page shows of a file. */
export interface FileInspection extends Pick<CertificateInspection, 'readAt' | 'facts' | 'report' | 'text'> {
  readonly file: string
}
