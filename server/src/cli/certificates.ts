// `certificate --all`: what one pod of each workload presents, by urgency, and the roots behind it.
import { certificatesOf } from '../cluster/certificates.ts'
import { buildMesh, ClusterLayer } from '../core/mesh/build.ts'
import { readableWorkloads, workloadReadings } from '../core/report/certificateTree/readings.ts'
import { certificatesReport, certificatesText } from '../core/report/certificateTree/table.ts'
import { CannotRun } from './cannotRun.ts'
import { isRfc3339, notATime, painted } from './certificate.ts'
import { type ClusterOptions, connectOnce } from './clusterOnce.ts'
import { namespacesOf, requireNamespaces } from './namespaces.ts'

export interface CertificatesOptions extends ClusterOptions {
  readonly format: 'text' | 'json'
  readonly color: boolean
  readonly width?: number
  /** RFC 3339: the instant that validity is judged at; absent: when each proxy answered. */
  readonly now?: string
}

export async function certificates(options: CertificatesOptions): Promise<string> {
  const { now } = options
  if (now !== undefined && !isRfc3339(now)) throw new CannotRun(notATime(now))
  const connection = await connectOnce(options)
  const { signal } = new AbortController()
  const progress = lateProgress()
  try {
    const mesh = buildMesh({ files: [], cluster: new ClusterLayer(connection.world()), closedWorld: false })
    requireNamespaces(options.namespace ?? [], namespacesOf(mesh))
    const workloads = readableWorkloads(mesh, undefined)
    const cache = certificatesOf(connection, now)
    let read = 0
    await Promise.all([
      cache.readDistributed([...new Set(workloads.map(({ workload }) => workload.namespace))], signal),
      cache.read(
        workloads.map(({ pods: [pod] }) => pod),
        signal,
        { onRead: () => progress.tell(`Reading certificates ${++read} of ${workloads.length}`) },
      ),
    ])
    progress.end()
    const world = {
      workloads: workloadReadings(workloads, pod => cache.known(pod)),
      distributed: cache.distributed,
      trustDomain: mesh.settings.known ? mesh.settings.trustDomain : undefined,
      whole: true,
      now: now ?? new Date().toISOString(),
    }
    if (options.format === 'json') return `${JSON.stringify(certificatesReport(world), null, 2)}\n`
    return painted(certificatesText(world, options.width), options.color)
  } finally {
    progress.end()
    connection.dispose()
  }
}

/** On a terminal only, and only after a second: one line that is written over. */
function lateProgress(): { tell(line: string): void; end(): void } {
  const from = Date.now() + 1_000
  let shown = false
  return {
    tell(line) {
      if (!process.stderr.isTTY || Date.now() < from) return
      shown = true
      process.stderr.write(`\r\u001b[K${line}`)
    },
    end() {
      if (shown) process.stderr.write('\r\u001b[K')
      shown = false
    },
  }
}
