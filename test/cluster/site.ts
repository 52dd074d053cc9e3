// What every part of a rig is started with.
import type { Binaries } from './binaries.ts'
import type { KeyPair, Keys } from './keys.ts'
import type { Processes } from './processes.ts'

export interface Site {
  readonly binaries: Binaries
  readonly processes: Processes
  /** The rig's temporary folder. */
  readonly folder: string
  readonly keys: Keys
  /** Signs the certificates of the API server, the kubelet and users. */
  readonly kubernetes: KeyPair
  /** Sign the certificates of workloads: `issuer` does, and `root` signed that. */
  readonly mesh: { readonly root: KeyPair; readonly issuer: KeyPair }
  /** The first two numbers of the pods' addresses, such as `127.1`. */
  readonly network: string
}
