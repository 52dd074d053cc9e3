// `certificate --pod`: what the proxy of a pod presents, read through the API server.
import { inspectPod } from '../cluster/inspect.ts'
import { CannotRun } from './cannotRun.ts'
import { certificateJson, isRfc3339, notATime, painted } from './certificate.ts'
import { type ClusterOptions, connectOnce, inOneLine } from './clusterOnce.ts'

export interface PodCertificateOptions extends ClusterOptions {
  /** `namespace/name`. */
  readonly pod: string
  readonly format: 'text' | 'json'
  readonly color: boolean
  /** RFC 3339: the instant that validity is judged at; absent: when the proxy answered. */
  readonly now?: string
}

export async function podCertificate(options: PodCertificateOptions): Promise<string> {
  const [namespace = '', name = '', ...more] = options.pod.split('/')
  if (!namespace || !name || more.length > 0) throw new CannotRun(`"${options.pod}" is no pod; write NAMESPACE/NAME`)
  if (options.now !== undefined && !isRfc3339(options.now)) throw new CannotRun(notATime(options.now))
  const connection = await connectOnce({ ...options, namespace: [namespace] })
  try {
    const answer = await inspectPod(connection, { namespace, name }, new AbortController().signal, options.now)
    if (!answer.ok) throw inOneLine(answer.problem)
    return options.format === 'json' ? certificateJson(answer.value.report) : painted(answer.value.text, options.color)
  } finally {
    connection.dispose()
  }
}
