// `certificate --pod`: what the proxy of a pod presents, read through the API server.
import { inspectPod } from '../cluster/inspect.ts'
import { CannotRun } from './cannotRun.ts'
import { certificateJson } from './certificate.ts'
import { connectOnce, inOneLine, type ClusterOptions } from './clusterOnce.ts'

export interface PodCertificateOptions extends ClusterOptions {
  /** `namespace/name`. */
  readonly pod: string
  readonly format: 'text' | 'json'
}

export async function podCertificate(options: PodCertificateOptions): Promise<string> {
  const [namespace = '', name = '', ...more] = options.pod.split('/')
  if (!namespace || !name || more.length > 0) throw new CannotRun(`"${options.pod}" is no pod; write NAMESPACE/NAME`)
  const connection = await connectOnce({ ...options, namespace: [namespace] })
  try {
    const answer = await inspectPod(connection, { namespace, name }, new AbortController().signal)
    if (!answer.ok) throw inOneLine(answer.problem)
    return options.format === 'json' ? certificateJson(answer.value.report) : answer.value.text
  } finally {
    connection.dispose()
  }
}
