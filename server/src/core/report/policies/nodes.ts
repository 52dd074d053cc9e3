// What the rows of the policy tree are: plain data, with the one line each shows.

import type { Severity } from '../../rules/rule.ts'
import type { Path } from '../../yaml/tree.ts'
import type { MoreNode, WorkloadNode } from '../meshTree/nodes.ts'

export type PolicyKind = 'PeerAuthentication' | 'AuthorizationPolicy' | 'RequestAuthentication' | 'DestinationRule'

/** What policies are for: all of a mesh or namespace, or what they have in common in it. */
export interface ScopeNode {
  readonly kind: 'scope'
  readonly id: string
  readonly scope: 'mesh' | 'namespace' | 'workloads' | 'target' | 'clients'
  readonly name: string
  readonly namespace: string
  readonly policies: number
  /** As far as they are known by now. */
  readonly findings: number
  readonly differences: number
  readonly description: string
}

export interface PolicyNode {
  readonly kind: 'policy'
  readonly id: string
  readonly policyKind: PolicyKind
  readonly namespace: string
  readonly name: string
  /** `ALLOW`, `DENY (dry run)`, `STRICT`, `ISTIO_MUTUAL`. */
  readonly does: string
  /** Whether it does that: for everything it is for, for some of it, for nothing. */
  readonly effect: Effect
  readonly description: string
  /** Sentences: what it selects, who enforces it, what keeps it from counting. */
  readonly lines: readonly string[]
  /** Absent: not judged yet. */
  readonly findings?: number
  readonly severity?: Severity
  readonly file?: FileFact
}

export type Effect = 'full' | 'partial' | 'none' | 'unknown'

/** What the files of the workspace say of an object, where exactly one of them speaks of it. */
export interface FileFact {
  readonly is: 'same' | 'differs' | 'only-in-file'
  readonly uri: string
  /** As people know the file: `policies/pay.yaml`. */
  readonly file: string
  /** Of the file, where the object begins; from 0. */
  readonly line: number
  /** Where they differ: `spec.rules[0].to[0].operation.methods[0]`. */
  readonly paths: readonly string[]
}

export interface FindingNode {
  readonly kind: 'finding'
  readonly id: string
  readonly rule: string
  readonly severity: Severity
  readonly message: string
  /** What it is about, as keys and indexes of the object. */
  readonly path: Path
  /** Page of the rule. */
  readonly documentation: string
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string }
}

/** A sentence about the policy above it. */
export interface FactNode {
  readonly kind: 'fact'
  readonly id: string
  readonly text: string
}

export type PolicyTreeNode = ScopeNode | PolicyNode | FindingNode | FactNode | WorkloadNode | MoreNode
