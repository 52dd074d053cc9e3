// `certificate --pod`: what the proxy of a pod presents, read through the API server.
import { setTimeout } from 'node:timers/promises'
import type { ClusterConnection } from '../cluster/connection.ts'
import { inspectPod } from '../cluster/inspect.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import { changeLines, type Moment, nextReading, standingOf } from '../core/report/rotation.ts'
import { CannotRun } from './cannotRun.ts'
import { certificateJson, isRfc3339, notATime, painted } from './certificate.ts'
import { type ClusterOptions, connectOnce, inOneLine } from './clusterOnce.ts'
import { type PodName, podNamed } from './podNamed.ts'

export interface PodCertificateOptions extends ClusterOptions {
  /** `namespace/name`. */
  readonly pod: string
  readonly format: 'text' | 'json'
  readonly color: boolean
  /** RFC 3339: the instant that validity is judged at; absent: when the proxy answered. */
  readonly now?: string
}

export async function podCertificate(options: PodCertificateOptions): Promise<string> {
  const given = podOf(options)
  if (options.now !== undefined && !isRfc3339(options.now)) throw new CannotRun(notATime(options.now))
  const connection = await connectOnce({ ...options, namespace: [given.namespace] })
  try {
    const answer = await inspectPod(connection, podIn(connection, given), new AbortController().signal, options.now)
    if (!answer.ok) throw inOneLine(answer.problem)
    return options.format === 'json' ? certificateJson(answer.value.report) : painted(answer.value.text, options.color)
  } finally {
    connection.dispose()
  }
}

function podIn(connection: ClusterConnection, given: PodName): PodName {
  return podNamed(buildMesh({ files: [], cluster: new ClusterLayer(connection.world()), closedWorld: false }), given)
}

function podOf({ pod }: PodCertificateOptions): PodName {
  const [namespace = '', name = '', ...more] = pod.split('/')
  if (!namespace || !name || more.length > 0) throw new CannotRun(`"${pod}" is no pod; write NAMESPACE/NAME`)
  return { namespace, name }
}

export interface WatchIo {
  readonly print: (text: string) => void
  /** What could not be read this time. */
  readonly tell: (sentence: string) => void
  /** Ends the watch. */
  readonly signal: AbortSignal
}

/** Prints a line now and whenever the certificate changes or becomes overdue; reads again when the renewal is due, at least once a minute. */
export async function watchPodCertificate(options: PodCertificateOptions, { print, tell, signal }: WatchIo): Promise<void> {
  const given = podOf(options)
  if (options.format === 'json' || options.now !== undefined)
    throw new CannotRun('--watch prints lines as time passes, so --format json and --now do not go with it')
  const connection = await connectOnce({ ...options, namespace: [given.namespace] })
  let before: Moment | undefined
  let failed = ''
  try {
    const pod = podIn(connection, given)
    while (!signal.aborted) {
      const answer = await inspectPod(connection, pod, signal)
      if (signal.aborted) return
      // The first reading decides whether there is anything to watch.
      if (!answer.ok && before === undefined) throw inOneLine(answer.problem)
      if (!answer.ok && answer.problem.message !== failed) tell(`${answer.problem.message} ${answer.problem.remedy}`)
      failed = answer.ok ? '' : answer.problem.message
      if (answer.ok) {
        const after = { standing: standingOf(answer.value.report), at: answer.value.readAt }
        for (const line of changeLines(before, after))
          print(painted(`${after.at}  ${line}\n`.replace(/^(\S+) {2}warning {2}/, 'warning $1  '), options.color))
        before = after
      }
      await setTimeout(before ? nextReading(before.standing, before.at) : 0, undefined, { signal }).catch(() => {})
    }
  } finally {
    connection.dispose()
  }
}
