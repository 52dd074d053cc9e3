// The rows of the certificates of a mesh, as data for trees and tables.
import type { PodRef, Problem } from '../problem.ts'

export type CertificateTreeNode = CertificateGroup | AuthorityNode | CertificateNode

/** How the rows below "Needs attention" are arranged. */
export type CertificateGrouping = 'root' | 'expiry' | 'namespace'

export interface CertificateGroup {
  readonly kind: 'certificates'
  readonly id: string
  readonly of: 'attention' | 'refused' | 'expiry' | 'namespace' | 'no-root'
  readonly label: string
  readonly description?: string
  /** Why its rows need attention, in words. */
  readonly note?: string
  readonly rows: readonly CertificateTreeNode[]
}

/** A CA certificate: a root, or an intermediate below one. */
export interface AuthorityNode {
  readonly kind: 'authority'
  readonly id: string
  readonly role: 'root' | 'intermediate'
  /** Fingerprint of its certificate, lower-case hex. */
  readonly sha256: string
  /** RFC 3339. */
  readonly notAfter: string
  readonly label: string
  readonly description: string
  /** What holds of it, in words. */
  readonly facts: readonly string[]
  readonly problems: readonly CertificateNote[]
  readonly rows: readonly CertificateTreeNode[]
}

export interface CertificateNote {
  readonly severity: 'error' | 'warning'
  /** As in the report of a certificate, or of an authority: `root-expires-soon`. */
  readonly id: string
  readonly message: string
}

/** The proxy certificate of one workload or, below it, of one of its pods. */
export interface CertificateNode {
  readonly kind: 'certificate'
  readonly id: string
  readonly pod: PodRef
  /** `namespace/name`. */
  readonly workload: string
  /** What the row is called: the workload, or the pod below it. */
  readonly label: string
  /** Presented; where none could be read, the one that its service account should have. */
  readonly identity?: string
  /** RFC 3339; absent where no certificate could be read. */
  readonly notAfter?: string
  /** RFC 3339: when its proxy was asked. */
  readonly readAt?: string
  readonly state: 'valid' | 'renewal-due' | 'expired' | 'not-yet-valid' | 'warming' | 'unreadable'
  readonly description: string
  /** Why it needs attention, in words. */
  readonly note?: string
  /** Why it could not be read: the kind of the problem. */
  readonly unread?: Problem['kind']
  /** The certificates that lead from it to its root, by their fingerprints; the root is the last. */
  readonly issuers?: readonly string[]
  /** Of the workload's running pods with a proxy; absent on the row of one pod. */
  readonly pods?: { readonly read: number; readonly known: number }
  /** Names the workload in `GetPodCertificates`; absent where there is but one pod. */
  readonly several?: string
}
