// Pods to ask about, the handshake between two of them, and all that a gateway holds.
import type { ConnectionReport } from '../core/live/connection/step.ts'
import type { GatewayReport } from '../core/live/gateway/gatewayReport.ts'
import type { GatewayCommand } from '../core/report/gatewayCommands.ts'
import type { PodRef } from '../core/report/problem.ts'

/** Two pods of one cluster: who calls, and who is called at a port of the pod. */
export interface ConnectionQuestion {
  readonly from: PodRef
  readonly to: PodRef
  readonly port: number
}

/** Everything the connection page shows. */
export interface ConnectionInspection extends ConnectionQuestion {
  /** RFC 3339: when the proxies were asked; validity is judged then. */
  readonly readAt: string
  readonly report: ConnectionReport
  /** In one line. */
  readonly verdict: string
  /** The text twin of the page. */
  readonly text: string
}

/** Everything the gateway page shows. */
export interface GatewayInspection {
  readonly pod: PodRef
  /** RFC 3339: when the proxy was asked; every duration counts from here. */
  readonly readAt: string
  readonly report: GatewayReport
  /** What is wrong, in one line. */
  readonly verdict: string
  /** That look deeper: to copy, never run. */
  readonly commands: readonly GatewayCommand[]
  /** The text twin of the page. */
  readonly text: string
}

/** A pod of a gateway, for a choice. */
export interface GatewayPod extends PodRef {
  readonly workload: string
}

export interface PodsQuestion {
  /** Absent: of the cluster that files are judged against, or of the only one. */
  readonly context?: string
  readonly namespace?: string
  /** So many are one list; of a namespace, all are. */
  readonly limit: number
}

/** Pods for a choice by typing; of more than the limit the namespaces that have any, in order. */
export type PodList =
  | { readonly kind: 'pods'; readonly pods: readonly PodOfWorkload[] }
  | { readonly kind: 'namespaces'; readonly context: string; readonly namespaces: readonly string[] }

export interface PodOfWorkload extends PodRef {
  readonly context: string
  readonly workload: string
}

/** A port that can be called at a pod, for a choice. */
export interface PodPort {
  readonly port: number
  readonly name?: string
}
